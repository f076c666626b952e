import type { MessageRecord } from "./records.ts";
import { compareIds } from "./snowflake.ts";

export interface PageRequest {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly around?: string | undefined;
  readonly limit: number;
}

/** All messages, by channel and oldest first, found by binary search. */
export class MessageLog {
  readonly #channels = new Map<string, MessageRecord[]>();

  find(channelId: string, messageId: string): MessageRecord | undefined {
    const log = this.#channels.get(channelId) ?? [];
    const found = log[lowerBound(log, messageId)];
    return found?.id === messageId ? found : undefined;
  }

  count(channelId: string): number {
    return this.#channels.get(channelId)?.length ?? 0;
  }

  last(channelId: string): MessageRecord | undefined {
    return this.#channels.get(channelId)?.at(-1);
  }

  put(message: MessageRecord): void {
    const log = this.#channels.get(message.channelId) ?? [];
    if (log.length === 0) this.#channels.set(message.channelId, log);
    const index = lowerBound(log, message.id);
    log.splice(index, log[index]?.id === message.id ? 1 : 0, message);
  }

  remove(channelId: string, messageId: string): boolean {
    const log = this.#channels.get(channelId) ?? [];
    const index = lowerBound(log, messageId);
    if (log[index]?.id !== messageId) return false;
    log.splice(index, 1);
    return true;
  }

  in(channelId: string): readonly MessageRecord[] {
    return this.#channels.get(channelId) ?? [];
  }

  /** Newest first. `after` gives the messages right after that one, not the newest of all. */
  page(channelId: string, request: PageRequest): MessageRecord[] {
    const log = this.#channels.get(channelId) ?? [];
    const [start, end] = toRange(log, request);
    return log.slice(Math.max(0, start), end).toReversed();
  }

  *all(): Iterable<MessageRecord> {
    for (const log of this.#channels.values()) yield* log;
  }
}

function toRange(log: readonly MessageRecord[], request: PageRequest): [number, number] {
  const { before, after, around, limit } = request;
  if (around !== undefined) {
    const middle = lowerBound(log, around);
    const start = Math.max(0, middle - Math.floor(limit / 2));
    return [start, start + limit];
  }
  if (after !== undefined) {
    const index = lowerBound(log, after);
    const start = log[index]?.id === after ? index + 1 : index;
    return [start, start + limit];
  }
  const end = before === undefined ? log.length : lowerBound(log, before);
  return [end - limit, end];
}

/** The index of the first message that is not older than `messageId`. */
function lowerBound(log: readonly MessageRecord[], messageId: string): number {
  const newest = log.at(-1);
  if (newest === undefined || compareIds(newest.id, messageId) < 0) return log.length;
  let low = 0;
  let high = log.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const candidate = log[middle];
    if (candidate !== undefined && compareIds(candidate.id, messageId) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
