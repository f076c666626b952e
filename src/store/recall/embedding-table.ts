/** What embeddings of one model have in common. */
export interface EmbeddingKind {
  /** The embedder's key. */
  readonly key: string;
  readonly dimensions: number;
}

/** Where the embeddings of a model are; with pgvector, in a table that Familiar makes at its start. */
export interface EmbeddingTable extends EmbeddingKind {
  readonly name: "turn_embeddings" | "turn_halfvecs";
}
