import type { RowId } from "../conversation.ts";
import { IdleLoop } from "../idle-loop.ts";
import type { IdleLoopDependencies } from "../idle-loop.ts";
import type { Log } from "../ports.ts";
import type { RecallStore } from "./recall-store.ts";
import type { RunningEmbeddings } from "./turn-embeddings.ts";

/** Looked into at a start. */
const MOST_DUE = 200;

export interface RecallIndexingDependencies extends IdleLoopDependencies {
  readonly log: Log;
  readonly recall: Pick<RecallStore, "due" | "index">;
  /** Told what has been indexed. */
  readonly embeddings?: Pick<RunningEmbeddings, "note"> | undefined;
}

/** Takes turns that left the windows into the index, a few at a time, while nobody asks. */
export class RecallIndexing {
  readonly #dependencies: RecallIndexingDependencies;
  /** The one that was noted first is first. */
  readonly #noted = new Set<RowId>();
  readonly #loop: IdleLoop;

  constructor(dependencies: RecallIndexingDependencies) {
    this.#dependencies = dependencies;
    this.#loop = new IdleLoop(dependencies, {
      dueIn: () => (this.#noted.size === 0 ? undefined : 0),
      work: (signal) => this.#work(signal),
    });
  }

  note(conversationId: RowId): void {
    this.#noted.add(conversationId);
    this.#loop.wake();
  }

  async noteDue(): Promise<void> {
    for (const id of await this.#dependencies.recall.due(MOST_DUE)) this.note(id);
  }

  /** Resolves when what is being indexed is. */
  async close(): Promise<void> {
    await this.#loop.close();
  }

  async #work(signal: AbortSignal): Promise<void> {
    for (const conversationId of this.#noted) {
      let hasMore = true;
      while (hasMore) {
        if (signal.aborted) return;
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
