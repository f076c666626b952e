import type { ChannelId, MessageId } from "../../src/chat/ids.ts";
import { toMessageId } from "../../src/chat/ids.ts";
import type { Place } from "../../src/chat/place.ts";
import type { Apology } from "../../src/chat/reply/apology.ts";
import type {
  ReplyControls,
  ReplySurface,
  ReplyView,
  ReplyViewRequest,
  ShownEnding,
} from "../../src/chat/reply-surface.ts";

export interface ShownPart {
  readonly id: MessageId;
  text: string;
  controls: ReplyControls | undefined;
}

/** Letters that one message takes. */
const PART_LENGTH = 10;

export function inParts(text: string): string[] {
  return text.match(new RegExp(`[^]{1,${PART_LENGTH}}`, "gu")) ?? [];
}

/** Tells the bot that messages are gone, as the platform does. */
type OnDeleted = (placeId: ChannelId, messageIds: readonly MessageId[]) => Promise<void>;

/** Places in memory where replies are shown, and messages of a few letters. */
export class ShownPlaces implements Omit<ReplySurface, "markInterrupted"> {
  readonly apologies: Apology[] = [];
  onDeleted: OnDeleted = async () => {};
  /** Views that have finished. */
  finished = 0;
  readonly #messages = new Map<ChannelId, ShownPart[]>();
  readonly #newId: () => string;

  constructor(newId: () => string) {
    this.#newId = newId;
  }

  /** Oldest first. */
  in(place: Place): readonly ShownPart[] {
    return this.#of(place.id);
  }

  open(request: ReplyViewRequest): ReplyView {
    return {
      gone: new AbortController().signal,
      wait: () => {},
      show: () => {},
      measure: (text) => text.length,
      finish: async (ending) => {
        await this.#show(request, ending);
        this.finished += 1;
      },
    };
  }

  showControls(place: Place, messageId: MessageId, controls: ReplyControls | undefined): void {
    const message = this.#of(place.id).find(({ id }) => id === messageId);
    if (message !== undefined) message.controls = controls;
  }

  async remove(place: Place, messageIds: readonly MessageId[]): Promise<void> {
    const ids = new Set(messageIds);
    const left = this.#of(place.id).filter(({ id }) => !ids.has(id));
    this.#messages.set(place.id, left);
    await this.onDeleted(place.id, messageIds);
  }

  async clearWaiting(): Promise<void> {}

  async apologise(_place: Place, apology: Apology): Promise<void> {
    this.apologies.push(apology);
  }

  async #show(
    { place, rewrites, saveControls, savePart }: ReplyViewRequest,
    { controls, text }: ShownEnding,
  ): Promise<void> {
    const contents = inParts(text);
    const known = rewrites?.parts.map(({ messageId }) => messageId) ?? [];
    for (const messageId of known.slice(contents.length)) {
      await rewrites?.dropPart(messageId);
      await this.remove(place, [messageId]);
    }
    let start = 0;
    for (const [index, content] of contents.entries()) {
      const messageId = known[index] ?? toMessageId(this.#newId());
      this.#put(place.id, messageId, content);
      await savePart({ messageId, index, start, end: start + content.length });
      start += content.length;
      if (index < contents.length - 1 || controls === undefined) continue;
      this.showControls(place, messageId, controls);
      await saveControls?.(messageId);
    }
  }

  #put(placeId: ChannelId, id: MessageId, text: string): void {
    const messages = this.#of(placeId);
    const known = messages.find((message) => message.id === id);
    if (known === undefined) messages.push({ id, text, controls: undefined });
    else known.text = text;
  }

  #of(placeId: ChannelId): ShownPart[] {
    const messages = this.#messages.get(placeId) ?? [];
    this.#messages.set(placeId, messages);
    return messages;
  }
}
