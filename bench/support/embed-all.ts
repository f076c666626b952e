import type { RowId } from "../../src/chat/conversation.ts";
import type { Embedder } from "../../src/chat/memory/embedder.ts";
import type { EmbeddingStore } from "../../src/chat/memory/embedding-store.ts";
import type { RunningEmbeddings } from "../../src/chat/memory/turn-embeddings.ts";

const ALL = { from: -(2 ** 31), before: undefined };
const MOST_NEAREST = 200;

interface Embedding {
  readonly embedder: Embedder;
  readonly embeddings: EmbeddingStore;
  readonly signal: AbortSignal;
}

/** Embeds the turns of a conversation that are in the index, without waiting for idle time. */
export async function embedAll(
  { embedder, embeddings, signal }: Embedding,
  conversationId: RowId,
): Promise<void> {
  for (;;) {
    const { turns } = await embeddings.pending(conversationId, ALL);
    if (turns.length === 0) return;
    const made = await embedder.embed(
      turns.map(({ text }) => text),
      "turn",
      signal,
    );
    await embeddings.keep(
      conversationId,
      turns.map(({ position, revision }, index) => {
        const embedding = made[index] ?? new Float32Array();
        return { position, revision, embedding };
      }),
    );
  }
}

/** As `TurnEmbeddings` does, however long it takes. */
export function createPatientSearch({
  embedder,
  embeddings,
  signal,
}: Embedding): Pick<RunningEmbeddings, "nearest"> {
  return {
    async nearest({ before, conversationId, text }) {
      const [embedding = new Float32Array()] = await embedder.embed([text], "question", signal);
      return await embeddings.nearest({ conversationId, embedding, before, limit: MOST_NEAREST });
    },
  };
}
