import type { RowId } from "../conversation.ts";
import type { Clock, Log } from "../ports.ts";
import type { ReplyLine } from "../reply/reply-line.ts";
import { RecallIndexing } from "./recall-indexing.ts";
import { recall } from "./recall.ts";
import type { RecalledTurn } from "./recall.ts";
import type { RecallQuestion, RecallStore } from "./recall-store.ts";
import type { RunningEmbeddings } from "./turn-embeddings.ts";

/** No reply waits longer for what it can do without. */
const MOST_MS = 1_000;

/** What prompts, and whoever adds to a history, know of recall. */
export interface Recollection {
  /**
   * What was said about something, the best first. Empty where that cannot be found out, or takes too
   * long. Never rejects.
   */
  find(question: RecallQuestion): Promise<readonly RecalledTurn[]>;
  /** There may be turns outside the window of a conversation that cannot be found yet. */
  note(conversationId: RowId): void;
}

export interface RecollectorDependencies {
  readonly clock: Pick<Clock, "wait">;
  readonly line: Pick<ReplyLine, "runIdle" | "untilIdle">;
  readonly log: Log;
  readonly recall: RecallStore;
  /** Undefined: words alone count. */
  readonly embeddings?: Pick<RunningEmbeddings, "nearest" | "note"> | undefined;
  /** So long nobody has asked before anything is indexed; default 5 s. */
  readonly quietMs?: number | undefined;
}

/** Finds old turns for replies, and makes them ready to be found while nobody asks. */
export class Recollector implements Recollection {
  readonly #dependencies: RecollectorDependencies;
  readonly #indexing: RecallIndexing;

  constructor(dependencies: RecollectorDependencies) {
    this.#dependencies = dependencies;
    this.#indexing = new RecallIndexing(dependencies);
  }

  async find(question: RecallQuestion): Promise<readonly RecalledTurn[]> {
    const { clock, log } = this.#dependencies;
    const { conversationId } = question;
    const found = new AbortController();
    try {
      return await Promise.race([this.#recall(question), isOverdue(clock, found.signal)]);
    } catch (error) {
      log.warn({ error, conversationId }, "A reply goes without what was said long ago");
      return [];
    } finally {
      found.abort();
    }
  }

  note(conversationId: RowId): void {
    this.#indexing.note(conversationId);
  }

  /** Notes what was left to do when the process ended. */
  async noteDue(): Promise<void> {
    await this.#indexing.noteDue();
  }

  /** Resolves when what is being indexed is. */
  async close(): Promise<void> {
    await this.#indexing.close();
  }

  /** A question takes some turns into the index; the others have time. */
  #recall(question: RecallQuestion): Promise<readonly RecalledTurn[]> {
    const { embeddings, recall: store } = this.#dependencies;
    const index: RecallStore["index"] = async (...asked) => {
      const hasMore = await store.index(...asked);
      if (hasMore) this.note(question.conversationId);
      return hasMore;
    };
    return recall({ ...store, index }, question, embeddings);
  }
}

async function isOverdue(clock: Pick<Clock, "wait">, signal: AbortSignal): Promise<never> {
  await clock.wait(MOST_MS, signal);
  throw new Error(`It took longer than ${MOST_MS} ms`);
}
