import { createSummariser } from "./summariser.ts";
import type { Summariser } from "./summariser.ts";
import { createTurnEmbeddings } from "./turn-embeddings.ts";
import type { TurnEmbeddings } from "./turn-embeddings.ts";

type Given = Parameters<typeof createSummariser>[0] & Parameters<typeof createTurnEmbeddings>[0];

/** What is done for the memory while nobody asks. */
export class IdleMemory {
  readonly embeddings: TurnEmbeddings | undefined;
  readonly summaries: Summariser | undefined;

  constructor(given: Given, how: Parameters<typeof createSummariser>[1]) {
    this.embeddings = createTurnEmbeddings(given, how);
    this.summaries = createSummariser(given, how);
  }

  /** Notes what was left to do when the process ended. */
  async noteDue(): Promise<void> {
    await this.summaries?.noteDue();
    await this.embeddings?.noteDue();
  }

  /** Resolves when what is under way has stopped. */
  async close(): Promise<void> {
    await Promise.all([this.embeddings?.close(), this.summaries?.close()]);
  }
}
