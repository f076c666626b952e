import type { ReplyView } from "../../chat/ports.ts";
import { decideRestFailure, type RestFailure } from "../rest/rest-failure.ts";
import type { ChannelPace } from "./channel-pace.ts";
import { layOutMessages, type PlannedMessage } from "./message-layout.ts";
import { PostedMessages, type PostingResources, type PostingTarget } from "./posted-messages.ts";
import type { Schedule } from "./schedule.ts";
import { ReplySplitter } from "./split-reply.ts";

/** What all replies of a surface share. */
export interface ReplyResources extends PostingResources {
  readonly pace: ChannelPace;
  readonly schedule: Schedule;
}

interface ReplyTarget extends PostingTarget {
  /** Called before the first message, which waits for it, and when nothing is shown any more. */
  readonly stopTyping: () => Promise<void>;
}

type Step =
  | { readonly kind: "create"; readonly message: PlannedMessage }
  | { readonly kind: "edit"; readonly message: PlannedMessage; readonly index: number }
  | { readonly kind: "remove" };

const FAILURES_IN_A_ROW = 8;
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;
const LIMITED_PAUSE_MS = 5000;
/** More edits of an old message than Discord allows in an hour. */
const TOO_MANY_EDITS = 30_046;

/**
 * The messages of one reply. One request is under way at a time, and it always carries the newest
 * text; texts that came in between are never sent.
 */
export class ReplyMessages implements ReplyView {
  readonly #resources: ReplyResources;
  readonly #target: ReplyTarget;
  readonly #gone = new AbortController();
  readonly #splitter = new ReplySplitter();
  readonly #posted: PostedMessages;
  readonly #done: Promise<void>;
  #text = "";
  #ending: { readonly notice: string | undefined } | undefined;
  #failures = 0;
  #savesEdits = false;
  #wake: (() => void) | undefined;
  #wakeToEnd: (() => void) | undefined;
  #draftTurn: AbortController | undefined;

  constructor(resources: ReplyResources, target: ReplyTarget) {
    this.#resources = resources;
    this.#target = target;
    this.#posted = new PostedMessages(resources, target);
    this.#done = this.#run();
    // Whoever calls `finish` is told; until then nobody listens.
    this.#done.catch(() => undefined);
  }

  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  show(text: string): void {
    if (this.#ending !== undefined) return;
    this.#text = text;
    this.#wake?.();
  }

  finish(text: string, notice: string | undefined): Promise<void> {
    if (this.#ending !== undefined) return this.#done;
    this.#text = text;
    this.#ending = { notice };
    this.#draftTurn?.abort();
    this.#wake?.();
    this.#wakeToEnd?.();
    return this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#gone.signal.aborted) {
      const step = this.#nextStep();
      if (step !== undefined) await this.#take(step);
      else if (this.#ending === undefined) await this.#untilNews();
      else break;
    }
    await this.#target.stopTyping();
    await this.#posted.partsSettled();
  }

  #plan(): readonly PlannedMessage[] {
    if (this.#ending === undefined) {
      return layOutMessages(this.#splitter.splitDraft(this.#text), undefined);
    }
    return layOutMessages(this.#splitter.splitWhole(this.#text), this.#ending.notice);
  }

  #nextStep(): Step | undefined {
    const plan = this.#plan();
    for (const [index, message] of plan.entries()) this.#posted.keepPart(index, message);
    const index = plan.findIndex(({ content }, at) => this.#posted.contentAt(at) !== content);
    const message = plan[index];
    if (message === undefined) {
      const hasTooMany = this.#ending !== undefined && this.#posted.count > plan.length;
      return hasTooMany ? { kind: "remove" } : undefined;
    }
    if (index >= this.#posted.count) return { kind: "create", message };
    const isHeldBack = this.#savesEdits && this.#ending === undefined;
    return isHeldBack ? undefined : { kind: "edit", message, index };
  }

  async #take(step: Step): Promise<void> {
    if (step.kind === "create" && this.#posted.count === 0) await this.#target.stopTyping();
    const failure = await this.#takeTurn(step.kind);
    if (failure === undefined) this.#failures = 0;
    else if (failure !== "superseded") await this.#recover(failure);
  }

  /** What is sent is decided only when it may be sent. */
  async #takeTurn(kind: Step["kind"]): Promise<RestFailure | "superseded" | undefined> {
    using _turn = kind === "remove" ? undefined : await this.#waitForTurn(kind);
    const step = this.#nextStep();
    if (step?.kind !== kind || (kind !== "remove" && _turn === undefined)) return "superseded";
    try {
      await this.#perform(step);
      return undefined;
    } catch (error) {
      return decideRestFailure(error);
    }
  }

  /** Undefined when the reply has ended meanwhile, which makes it urgent. */
  async #waitForTurn(kind: "create" | "edit"): Promise<Disposable | undefined> {
    const controller = new AbortController();
    if (this.#ending === undefined) this.#draftTurn = controller;
    const inTime = kind === "create" ? "next" : "draft";
    const urgency = this.#ending === undefined ? inTime : "final";
    const method = kind === "create" ? "POST" : "PATCH";
    const { channelId } = this.#target;
    try {
      return await this.#resources.pace.take({ method, channelId, urgency }, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) return undefined;
      throw error;
    } finally {
      this.#draftTurn = undefined;
    }
  }

  async #perform(step: Step): Promise<void> {
    switch (step.kind) {
      case "create":
        await this.#posted.create(step.message);
        break;
      case "edit":
        await this.#posted.edit(step.index, step.message);
        break;
      case "remove":
        await this.#posted.removeLast();
        break;
      default:
        step satisfies never;
    }
  }

  async #recover(failure: RestFailure): Promise<void> {
    this.#failures += 1;
    const isHopeless = failure.kind === "gone" || failure.kind === "refused";
    if (isHopeless || this.#failures > FAILURES_IN_A_ROW) {
      this.#vanish(failure);
      return;
    }
    if (failure.code === TOO_MANY_EDITS) this.#savesEdits = true;
    if (failure.kind === "archived") await this.#unarchive();
    else if (failure.kind === "limited")
      await this.#pause(failure.retryAfterMs ?? LIMITED_PAUSE_MS);
    else await this.#pauseOrEnd(FIRST_PAUSE_MS * 2 ** (this.#failures - 1));
  }

  async #unarchive(): Promise<void> {
    try {
      await this.#resources.requests.unarchive(this.#target.channelId);
    } catch (error) {
      await this.#recover(decideRestFailure(error));
    }
  }

  #vanish(failure: RestFailure): void {
    const { log } = this.#resources;
    const facts = { channelId: this.#target.channelId, ...failure };
    if (failure.kind === "gone") log.info(facts, "The place of a reply is gone.");
    else log.warn(facts, "Discord does not take a reply.");
    this.#gone.abort();
  }

  async #untilNews(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    this.#wake = undefined;
  }

  async #pause(durationMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#resources.schedule(durationMs, resolve);
    });
  }

  /** The end of the reply does not wait for a pause that was made for a draft. */
  async #pauseOrEnd(durationMs: number): Promise<void> {
    const pause = this.#pause(Math.min(LONGEST_PAUSE_MS, durationMs));
    const end = new Promise<void>((resolve) => {
      if (this.#ending === undefined) this.#wakeToEnd = resolve;
    });
    await Promise.race([pause, end]);
    this.#wakeToEnd = undefined;
  }
}
