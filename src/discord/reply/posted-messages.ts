import type { ReplyPart } from "../../chat/conversation.ts";
import type { MessageId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import type { Log } from "../../chat/ports.ts";
import type { ReplyControls } from "../../chat/reply-surface.ts";
import type { RestFailure } from "../rest/rest-failure.ts";
import { isLostWebhook, isOthersMessage } from "../webhooks/voices.ts";
import type { Voice } from "../webhooks/voices.ts";
import { limitedBy } from "../webhooks/webhook.ts";
import type { MessageOrigin } from "../webhooks/webhook.ts";
import type { PlannedMessage } from "./message-layout.ts";
import { MessagePost } from "./message-post.ts";
import type { MessageRequests } from "./message-requests.ts";
import { PartKeeper } from "./part-keeper.ts";
import { removeMessage } from "./remove-message.ts";
import { ReplyVoice } from "./reply-voice.ts";
import type { VoiceResources } from "./reply-voice.ts";

/** What posting needs, shared by all replies of a surface. */
export interface PostingResources extends VoiceResources {
  readonly requests: MessageRequests;
  readonly log: Log;
  readonly createNonce: () => string;
  readonly wallClock: () => number;
  /** The messages that show replies of this process. */
  readonly taken: { has(id: MessageId): boolean; add(id: MessageId): void };
}

export interface PostingTarget {
  readonly place: Place;
  /** Whoever speaks there, this is said as the bot. Default false. */
  readonly isByBot?: boolean;
  readonly answering: MessageId | undefined;
  readonly savePart: (part: ReplyPart) => Promise<void>;
  /** Undefined where the messages have no controls. */
  readonly saveControls: ((messageId: MessageId) => Promise<void>) | undefined;
  readonly dropPart: ((messageId: MessageId) => Promise<void>) | undefined;
  /** The messages that are there already. */
  readonly shown: readonly ShownMessage[];
}

export interface ShownMessage {
  readonly id: MessageId;
  /** Undefined where it is not known. */
  readonly content: string | undefined;
  readonly controls?: ReplyControls | undefined;
}

/** What is done to a message: a new one is posted, or the one with this index changed. */
export type PostingStep =
  | { readonly kind: "create" }
  | { readonly kind: "edit"; readonly index: number };

/** The messages of one reply that are there, as Discord last acknowledged them. */
export class PostedMessages {
  readonly #resources: PostingResources;
  readonly #target: PostingTarget;
  readonly #parts: PartKeeper;
  readonly #voice: ReplyVoice;
  #shown: ShownMessage[];
  /** How those were posted that are to be changed. */
  readonly #origins = new Map<MessageId, MessageOrigin>();
  /** They are still there, but nobody can change them any more. */
  readonly #abandoned: MessageId[] = [];
  /** Its posting has begun; it shows this much of the text, whatever has come since. */
  #begun: { readonly message: PlannedMessage; readonly post: MessagePost } | undefined;
  #showsText = false;
  #hasControls: boolean;
  #controlledId: MessageId | undefined;

  constructor(resources: PostingResources, target: PostingTarget) {
    this.#resources = resources;
    this.#target = target;
    this.#parts = new PartKeeper(target.savePart, resources.log);
    this.#voice = new ReplyVoice(resources, target);
    this.#shown = [...target.shown];
    this.#hasControls = target.saveControls !== undefined;
  }

  get count(): number {
    return this.#shown.length;
  }

  /** With the one that a failed attempt may have posted. */
  get possibleCount(): number {
    return this.count + (this.#begun === undefined ? 0 : 1);
  }

  /** Some of the text has been shown. */
  get showsText(): boolean {
    return this.#showsText;
  }

  /** Messages may have controls, as far as Discord is known to take them. */
  get hasControls(): boolean {
    return this.#hasControls;
  }

  refuseControls(): void {
    this.#hasControls = false;
  }

  /** Whether a message has the controls that it should have. */
  hasControlsOf(index: number, { controls }: PlannedMessage): boolean {
    if (!this.#hasControls) return true;
    return JSON.stringify(this.#shown[index]?.controls) === JSON.stringify(controls);
  }

  contentAt(index: number): string | undefined {
    return this.#shown[index]?.content;
  }

  /** Finds out what a step needs to know first; undefined where it may be done at once. */
  prepare(step: PostingStep): Promise<unknown> | undefined {
    if (step.kind === "create") {
      // What an attempt has begun is gone on with in the same voice.
      const isReady = this.#begun !== undefined || this.#voice.isReady;
      return isReady ? undefined : this.#voice.decide(this.#shown[0]?.id);
    }
    const message = this.#shown[step.index];
    if (message === undefined || this.#originOf(message.id) !== undefined) return undefined;
    return this.#findOrigin(message.id);
  }

  /** Whose limits a step uses, that of the channel or of a webhook. */
  limitedBy(step: PostingStep): string {
    const id = step.kind === "create" ? undefined : this.#shown[step.index]?.id;
    const origin = id === undefined ? toOrigin(this.#voice.decided) : this.#originOf(id);
    return limitedBy(origin ?? "bot", this.#target.place);
  }

  async create(planned: PlannedMessage): Promise<void> {
    this.#begun ??= { message: planned, post: this.#beginPost(planned.content) };
    const { message, post } = this.#begun;
    const controls = this.#hasControls ? planned.controls : undefined;
    this.#add(await post.attempt(controls), { ...message, controls });
  }

  /**
   * Whether what failed for good can be done in another way: a new message in another voice, and
   * instead of one whose webhook is gone, all messages of the reply anew.
   */
  findsAnotherWay(kind: PostingStep["kind"], failure: RestFailure): boolean {
    if (kind === "create") {
      const isChanged = this.#voice.change(failure);
      if (isChanged) this.#begun = undefined;
      return isChanged;
    }
    const isLost = isLostWebhook(failure) || isOthersMessage(failure);
    if (!isLost || !this.#voice.renew()) return false;
    this.#abandoned.push(...this.#shown.map(({ id }) => id));
    this.#shown = [];
    return true;
  }

  async edit(index: number, planned: PlannedMessage): Promise<void> {
    const message = this.#shown[index];
    if (message === undefined) return;
    const { content } = planned;
    const controls = this.#hasControls ? planned.controls : undefined;
    const change = this.#hasControls ? (controls ?? ("none" as const)) : undefined;
    const edited = { content, controls: change };
    const { id } = message;
    const { place } = this.#target;
    const origin = this.#originOf(id) ?? "bot";
    await this.#resources.requests.edit({ place, id, origin }, edited);
    this.#shown[index] = { id: message.id, content, controls };
    this.keepPart(index, planned);
    this.#keepControls(message.id, controls);
  }

  /** Looks first for one that a failed attempt may have posted; that is then the last. */
  async removeLast(): Promise<void> {
    if (this.#begun !== undefined) {
      const { message, post } = this.#begun;
      const id = await post.find();
      if (id !== undefined) this.#add(id, message);
      this.#begun = undefined;
      return;
    }
    const message = this.#shown.at(-1);
    if (message === undefined) return;
    const { dropPart } = this.#target;
    if (dropPart !== undefined) {
      const part = { index: this.#shown.length - 1, messageId: message.id };
      await this.#parts.drop(part, () => dropPart(message.id));
    }
    await removeMessage(this.#resources, this.#target.place, message.id);
    this.#shown.pop();
  }

  /** Has the part saved that a message shows, where that is new. */
  keepPart(index: number, { content, part }: PlannedMessage): void {
    const shown = this.#shown[index];
    if (shown?.content !== content || part === undefined) return;
    this.#showsText = true;
    this.#parts.keep({ messageId: shown.id, index, start: part.start, end: part.end });
  }

  /** Resolves when every part so far has been saved, or could not be, and what is left is gone. */
  async settle(): Promise<void> {
    await this.#parts.settled();
    for (const id of this.#abandoned.splice(0)) {
      await removeMessage(this.#resources, this.#target.place, id).catch(() => undefined);
    }
  }

  #originOf(id: MessageId): MessageOrigin | undefined {
    return this.#origins.get(id) ?? this.#resources.origins.known(id);
  }

  async #findOrigin(id: MessageId): Promise<void> {
    this.#origins.set(id, await this.#resources.origins.find(this.#target.place, id));
  }

  #add(id: MessageId, message: PlannedMessage): void {
    this.#begun = undefined;
    const origin = toOrigin(this.#voice.decided) ?? "bot";
    this.#origins.set(id, origin);
    this.#resources.origins.learn(id, origin);
    this.#resources.taken.add(id);
    this.#shown.push({ id, content: message.content, controls: message.controls });
    this.keepPart(this.#shown.length - 1, message);
    this.#keepControls(id, message.controls);
  }

  #keepControls(messageId: MessageId, controls: ReplyControls | undefined): void {
    const { saveControls } = this.#target;
    if (controls === undefined || saveControls === undefined) return;
    if (this.#controlledId === messageId) return;
    this.#controlledId = messageId;
    this.#parts.also(() => saveControls(messageId), { messageId });
  }

  #beginPost(content: string): MessagePost {
    const { requests, taken, wallClock, createNonce } = this.#resources;
    const answering = this.#shown.length === 0 ? this.#target.answering : undefined;
    const voice = this.#voice.decided ?? "bot";
    const { place } = this.#target;
    const message = { place, voice, content, nonce: createNonce(), answering };
    return new MessagePost({ requests, message, wallClock, isTaken: (id) => taken.has(id) });
  }
}

function toOrigin(voice: Voice | undefined): MessageOrigin | undefined {
  return voice === undefined || voice === "bot" ? voice : voice.webhook;
}
