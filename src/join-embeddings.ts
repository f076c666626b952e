import type { EmbeddingPorts } from "./chat/memory/turn-embeddings.ts";
import type { LlamaEmbedder } from "./inference/embedding/llama-embedder.ts";
import { formatBytes } from "./inference/model/format-bytes.ts";
import type { Store } from "./store/open-store.ts";

export interface JoinedEmbeddings {
  /** Undefined where there is no embedding model. */
  readonly ports: EmbeddingPorts | undefined;
  /** For people, as `OpenedEngine` has them. */
  readonly lines: readonly (readonly [name: string, fact: string])[];
}

/** The embedding model, and where the database keeps what it makes. */
export async function joinEmbeddings(
  embedder: LlamaEmbedder | undefined,
  store: Pick<Store, "openEmbeddings">,
): Promise<JoinedEmbeddings> {
  if (embedder === undefined) return { ports: undefined, lines: [] };
  const { dimensions, memory, modelName } = embedder;
  const { description, embeddings } = await store.openEmbeddings(embedder);
  const bytes = formatBytes(memory.ramBytes + memory.vramBytes);
  return {
    ports: { embedder, embeddings },
    lines: [["Embedding", `${modelName}, ${dimensions} dimensions, ${bytes}, ${description}`]],
  };
}
