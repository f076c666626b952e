import type { RowId } from "../conversation.ts";
import type { Clock, Log } from "../ports.ts";
import type { ReplyLine } from "../reply/reply-line.ts";
import type { RecallStore } from "./recall-store.ts";
import type { RunningEmbeddings } from "./turn-embeddings.ts";

/** So long has nobody waited or written: whoever reads a reply may well answer it. */
const QUIET_MS = 5_000;

/** Looked into at a start. */
const MOST_DUE = 200;

export interface RecallIndexingDependencies {
  readonly clock: Pick<Clock, "wait">;
  readonly line: Pick<ReplyLine, "isIdle" | "untilIdle">;
  readonly log: Log;
  readonly recall: Pick<RecallStore, "due" | "index">;
  /** Told what has been indexed. */
  readonly embeddings?: Pick<RunningEmbeddings, "note"> | undefined;
  /** Default: 5 s. */
  readonly quietMs?: number | undefined;
}

/** Takes turns that left the windows into the index, a few at a time, while nobody asks. */
export class RecallIndexing {
  readonly #dependencies: RecallIndexingDependencies;
  /** The one that was noted first is first. */
  readonly #noted = new Set<RowId>();
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isIndexing = false;

  constructor(dependencies: RecallIndexingDependencies) {
    this.#dependencies = dependencies;
  }

  note(conversationId: RowId): void {
    this.#noted.add(conversationId);
    if (this.#isRunning || this.#isClosed) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  async noteDue(): Promise<void> {
    for (const id of await this.#dependencies.recall.due(MOST_DUE)) this.note(id);
  }

  /** Resolves when what is being indexed is. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("Nothing more is indexed"));
    if (this.#isIndexing) await this.#running;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    const { clock, line, quietMs = QUIET_MS } = this.#dependencies;
    while (this.#noted.size > 0) {
      await line.untilIdle();
      await clock.wait(quietMs, this.#closing.signal).catch(() => undefined);
      if (this.#isClosed) return;
      this.#isIndexing = true;
      await this.#indexWhileIdle();
      this.#isIndexing = false;
    }
    this.#isRunning = false;
  }

  async #indexWhileIdle(): Promise<void> {
    for (const conversationId of this.#noted) {
      let hasMore = true;
      while (hasMore) {
        if (this.#isClosed || !this.#dependencies.line.isIdle) return;
        hasMore = await this.#index(conversationId);
      }
      this.#noted.delete(conversationId);
      this.#dependencies.embeddings?.note(conversationId);
    }
  }

  /** What fails is tried again when it is noted again. */
  async #index(conversationId: RowId): Promise<boolean> {
    const { log, recall } = this.#dependencies;
    try {
      return await recall.index(conversationId);
    } catch (error) {
      log.warn({ error, conversationId }, "Old turns could not be indexed");
      return false;
    }
  }
}
