import type { FinishReason } from "../conversation.ts";
import type { ChannelId, MessageId, UserId } from "../ids.ts";
import { quoteLineOf } from "../prompt/quote.ts";
import type { AskingMessage } from "./asking-message.ts";
import { isReadWith, ReadTurns } from "./read-turns.ts";
import type { ReadTurn } from "./read-turns.ts";

/** Why a running reply is told to stop; it is the abort signal's reason. */
export class ReplyStopped extends Error {
  override readonly name = "ReplyStopped";
  readonly reason: FinishReason;

  constructor(reason: "aborted" | "interrupted" | "timeout" | "unreachable") {
    super(`The reply was stopped: ${reason}`);
    this.reason = reason;
  }
}

export interface AskedReply {
  /** The newest message that it answers; undefined where none is known to ask for it. */
  readonly newest: AskingMessage | undefined;
  /** All that it answers, as far as is known by now. */
  readonly answering: () => readonly AskingMessage[];
  readonly signal: AbortSignal;
  /** To be called before the conversation is read: what came meanwhile is answered by this too. */
  readonly takeWaiting: () => void;
  /**
   * To be called when it has been read: a message whose turn was in it is answered by this, even where
   * it asks only later.
   */
  readonly answerUpTo: (read: ReadTurn) => void;
  /** To be called when all is written, before people see the end: they may act on it at once. */
  readonly startEnding: () => void;
}

/** Writes one reply to everything that was said so far in a place. Must not reject. */
export type WriteReply = (asked: AskedReply) => Promise<void>;

type Messages = Map<MessageId, AskingMessage>;

interface RunningReply {
  readonly abort: AbortController;
  done: Promise<void>;
  /** The messages that it answers; it stops when all of them were taken back. */
  readonly answering: Messages;
  /** Messages that came meanwhile, answered together by the next reply. */
  readonly waiting: Messages;
  /** Writes the next reply. */
  next: WriteReply;
  /** How far it has read; undefined where that is not known. */
  read: ReadTurn | undefined;
  /** All is written; what is left is to show and to store it. */
  isEnding: boolean;
  /** The next reply is due even when no message is known to wait for it. */
  isDue: boolean;
}

/** One reply at a time in a place, any number of places at once. */
export class ReplyQueue {
  readonly #running = new Map<ChannelId, RunningReply>();
  readonly #read = new ReadTurns();
  #isClosed = false;

  /**
   * Asks for a reply in a place; where one is being written, the next follows it. Resolves when the
   * one under way has ended.
   */
  async ask(
    placeId: ChannelId,
    asking: readonly AskingMessage[],
    write: WriteReply,
  ): Promise<void> {
    const running = this.#running.get(placeId);
    // What is said is stored before it asks: a reply may have read it by then.
    const messages = asking.filter((message) => !this.#read.has(message));
    if (running !== undefined) for (const message of asking) addIfRead(running, message);
    if (messages.length === 0 && asking.length > 0) {
      await running?.done;
    } else if (running !== undefined) {
      if (messages.length === 0) running.isDue = true;
      for (const message of messages) running.waiting.set(message.id, message);
      running.next = write;
      await running.done;
    } else if (!this.#isClosed) {
      await this.#start(placeId, new Map(messages.map((message) => [message.id, message])), write);
    }
  }

  /** Does something else where no reply is being written; one that is asked for waits until then. */
  async runAlone(placeId: ChannelId, task: () => Promise<void>): Promise<void> {
    let outcome: Promise<void> = Promise.resolve();
    await this.ask(placeId, [], async ({ startEnding }) => {
      startEnding();
      outcome = task();
      await outcome.catch(() => undefined);
    });
    await outcome;
  }

  /** Resolves when a reply of which all is written has ended; at once for any other. */
  async untilEnded(placeId: ChannelId): Promise<void> {
    const running = this.#running.get(placeId);
    if (running?.isEnding === true) await running.done;
  }

  /** A turn that was stored before any reply of this process is read by the one under way, too. */
  isSeen(placeId: ChannelId, turn: ReadTurn): boolean {
    return this.isRunning(placeId) || this.#read.has(turn);
  }

  isRunning(placeId: ChannelId): boolean {
    return this.#running.has(placeId);
  }

  /** Who asked for the reply that is being written; nobody is known where there is none. */
  askers(placeId: ChannelId): readonly UserId[] {
    const messages = this.#running.get(placeId)?.answering.values() ?? [];
    return Array.from(messages, ({ author }) => author.id);
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
    this.#dropRead(running);
  }

  /**
   * Someone is to be forgotten: their messages ask for nothing any more, and a reply to one of them
   * stops. Whoever else it was to is answered by the next. Resolves when it has ended.
   */
  async takeBackAll(placeId: ChannelId, authorId: UserId): Promise<void> {
    const running = this.#running.get(placeId);
    if (running === undefined) return;
    drop(running.waiting, authorId);
    if (!drop(running.answering, authorId)) return;
    running.abort.abort(new ReplyStopped("aborted"));
    // One of which all is written is shown and stored all the same.
    if (!running.isEnding) {
      this.#dropRead(running);
      leaveUnanswered(running);
    }
    await running.done;
  }

  /** Resolves when the reply that is being written in a place has ended; at once where none is. */
  async ended(placeId: ChannelId): Promise<void> {
    await this.#running.get(placeId)?.done;
  }

  /** Resolves when what is being written in a place, or anywhere, has ended; undefined: nothing is. */
  underWay(placeId?: ChannelId): Promise<void> | undefined {
    if (placeId !== undefined) return this.#running.get(placeId)?.done;
    const all = Array.from(this.#running.values(), ({ done }) => done);
    return all.length === 0 ? undefined : Promise.all(all).then(() => undefined);
  }

  /** Someone changed a message that is not stored, and not answered yet. False for any other. */
  async reword(
    placeId: ChannelId,
    messageId: MessageId,
    read: () => Promise<string>,
  ): Promise<boolean> {
    const { answering, waiting } = this.#running.get(placeId) ?? {};
    const messages = waiting?.has(messageId) === true ? waiting : answering;
    const message = messages?.get(messageId);
    if (messages === undefined || message?.unstored === undefined) return false;
    const text = quoteLineOf(message.unstored.text) + (await read());
    if (messages.has(messageId)) {
      messages.set(messageId, { ...message, unstored: { ...message.unstored, text } });
    }
    return true;
  }

  /** Starts no more replies, and resolves when those under way have ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.underWay();
  }

  /** Ends all replies that are still being written; `close` resolves soon after. */
  interrupt(): void {
    for (const reply of this.#running.values()) reply.abort.abort(new ReplyStopped("interrupted"));
  }

  /** It answers nobody any more: whoever it has read and asks from now on is answered by the next. */
  #dropRead(running: RunningReply): void {
    if (running.read !== undefined) this.#read.drop(running.read);
    running.read = undefined;
  }

  #start(placeId: ChannelId, answering: Messages, write: WriteReply): Promise<void> {
    const abort = new AbortController();
    const waiting: Messages = new Map();
    const reply: RunningReply = {
      abort,
      done: Promise.resolve(),
      answering,
      waiting,
      next: write,
      read: undefined,
      isEnding: false,
      isDue: false,
    };
    this.#running.set(placeId, reply);
    const asked = {
      newest: [...answering.values()].at(-1),
      answering: () => [...reply.answering.values()],
      signal: abort.signal,
      takeWaiting: () => takeWaiting(reply),
      answerUpTo: (read: ReadTurn) => {
        if (abort.signal.aborted) return;
        this.#read.keep(read);
        answerUpTo(reply, read);
      },
      startEnding: () => {
        reply.isEnding = true;
      },
    };
    reply.done = write(asked).finally(() => this.#finish(placeId));
    return reply.done;
  }

  #finish(placeId: ChannelId): void {
    const reply = this.#running.get(placeId);
    this.#running.delete(placeId);
    if (reply === undefined || this.#isClosed) return;
    if (reply.isDue || reply.waiting.size > 0) {
      void this.#start(placeId, reply.waiting, reply.next);
    }
  }
}

/** Whether there were any. */
function drop(messages: Messages, authorId: UserId): boolean {
  const dropped = [...messages.values()].filter(({ author }) => author.id === authorId);
  for (const { id } of dropped) messages.delete(id);
  return dropped.length > 0;
}

/** What asked before the reply had read it, and was read by it. */
function answerUpTo(reply: RunningReply, read: ReadTurn): void {
  reply.read = read;
  for (const message of reply.waiting.values()) {
    if (addIfRead(reply, message)) reply.waiting.delete(message.id);
  }
}

/** A message that the reply has read is answered by it, also where those that it began for go. */
function addIfRead({ answering, read }: RunningReply, message: AskingMessage): boolean {
  if (read === undefined || !isReadWith(message, read)) return false;
  answering.set(message.id, message);
  return true;
}

/** Before those that came meanwhile. */
function leaveUnanswered({ answering, waiting }: RunningReply): void {
  const all = [...answering, ...waiting];
  answering.clear();
  waiting.clear();
  for (const [id, message] of all) waiting.set(id, message);
}

function takeWaiting(reply: RunningReply): void {
  for (const [id, message] of reply.waiting) reply.answering.set(id, message);
  reply.waiting.clear();
  reply.isDue = false;
}
