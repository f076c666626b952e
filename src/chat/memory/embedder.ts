/** What a text is embedded for: some models are told, and answer each in another way. */
export type EmbeddingPurpose = "question" | "turn";

/** A model that turns a text into numbers which are alike where texts mean alike things. */
export interface Embedder {
  /**
   * Names the model and how texts are put to it, in lower-case hexadecimal digits: embeddings of
   * different keys say nothing about each other.
   */
  readonly key: string;
  readonly dimensions: number;
  /**
   * An embedding of length 1 for each text, in their order; of length 0 where the model knows nothing
   * of a text. Of a text that is longer than the model reads, its beginning counts. Calls may overlap
   * and take turns, a text each.
   *
   * @throws {FamiliarError} `engine-failed`
   * @throws the signal's reason once it is aborted; the text under way is finished first
   */
  embed(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]>;
}
