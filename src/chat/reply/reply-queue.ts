import type { FinishReason } from "../conversation.ts";
import type { ChannelId, MessageId } from "../ids.ts";

/** Why a running reply is told to stop; it is the abort signal's reason. */
export class ReplyStopped extends Error {
  override readonly name = "ReplyStopped";
  readonly reason: FinishReason;

  constructor(reason: "aborted" | "interrupted" | "unreachable") {
    super(`The reply was stopped: ${reason}`);
    this.reason = reason;
  }
}

/** Writes one reply to everything that was said so far in a place. Must not reject. */
export type WriteReply = (newest: MessageId | undefined, signal: AbortSignal) => Promise<void>;

interface RunningReply {
  readonly abort: AbortController;
  readonly done: Promise<void>;
  /** The messages that it answers; it stops when all of them were taken back. */
  readonly answering: Set<MessageId>;
  /** Messages that came meanwhile, answered together by the next reply. */
  readonly waiting: Set<MessageId>;
  /** The next reply is due even when no message is known to wait for it. */
  isDue: boolean;
}

/** One reply at a time in a place, any number of places at once. */
export class ReplyQueue {
  readonly #running = new Map<ChannelId, RunningReply>();
  #isClosed = false;

  /** Asks for a reply in a place; where one is being written, the next follows it. */
  ask(placeId: ChannelId, messageIds: readonly MessageId[], write: WriteReply): void {
    const running = this.#running.get(placeId);
    if (running !== undefined) {
      if (messageIds.length === 0) running.isDue = true;
      for (const id of messageIds) running.waiting.add(id);
      return;
    }
    if (!this.#isClosed) this.#start(placeId, new Set(messageIds), write);
  }

  /**
   * Stops the reply of a place, if one is being written, and drops the one that was to follow it.
   * Resolves when it has ended.
   */
  async stop(placeId: ChannelId, reason: ReplyStopped): Promise<void> {
    const running = this.#running.get(placeId);
    if (running === undefined) return;
    running.waiting.clear();
    running.isDue = false;
    running.abort.abort(reason);
    await running.done;
  }

  /** Stops a reply that has nothing left to answer, because its messages were taken back. */
  takeBack(placeId: ChannelId, messageIds: readonly MessageId[]): void {
    const running = this.#running.get(placeId);
    if (running === undefined) return;
    for (const id of messageIds) running.waiting.delete(id);
    const taken = messageIds.filter((id) => running.answering.delete(id));
    if (taken.length === 0 || running.answering.size > 0) return;
    running.abort.abort(new ReplyStopped("aborted"));
  }

  /** Starts no more replies, and resolves when those under way have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([...this.#running.values()].map((reply) => reply.done));
  }

  /** Ends all replies that are still being written; `close` resolves soon after. */
  interrupt(): void {
    for (const reply of this.#running.values()) reply.abort.abort(new ReplyStopped("interrupted"));
  }

  #start(placeId: ChannelId, answering: Set<MessageId>, write: WriteReply): void {
    const abort = new AbortController();
    const newest = [...answering].at(-1);
    const done = write(newest, abort.signal).finally(() => this.#finish(placeId, write));
    this.#running.set(placeId, { abort, done, answering, waiting: new Set(), isDue: false });
  }

  #finish(placeId: ChannelId, write: WriteReply): void {
    const reply = this.#running.get(placeId);
    this.#running.delete(placeId);
    if (reply === undefined || this.#isClosed) return;
    if (reply.isDue || reply.waiting.size > 0) this.#start(placeId, reply.waiting, write);
  }
}
