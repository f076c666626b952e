import type { RowId } from "../conversation.ts";

interface UnembeddedTurn {
  readonly position: number;
  readonly text: string;
  /** Another one as soon as the turn says something else. */
  readonly revision: string;
}

export interface PositionRange {
  readonly from: number;
  /** Undefined: without an end. */
  readonly before: number | undefined;
}

export interface UnembeddedTurns {
  /** Newest first. */
  readonly turns: readonly UnembeddedTurn[];
  /** Which positions of the range have been looked at; undefined: there are no turns in it. */
  readonly looked: { readonly from: number; readonly end: number } | undefined;
}

export interface EmbeddedTurn extends Pick<UnembeddedTurn, "position" | "revision"> {
  readonly embedding: Float32Array;
}

export interface NearestQuery {
  readonly conversationId: RowId;
  readonly embedding: Float32Array;
  /** Turns at this position and after it are never found. */
  readonly before: number;
  readonly limit: number;
}

export interface SimilarTurn {
  readonly position: number;
  /** Where its stretch of conversation begins. */
  readonly stretch: number;
  /** The cosine of the angle between the embeddings. */
  readonly similarity: number;
}

export interface NearestTurns {
  /** The most similar first. */
  readonly turns: readonly SimilarTurn[];
  /** Of all turns that were compared, or of a sample of them: their number and similarities. */
  readonly compared: number;
  readonly mean: number;
  readonly deviation: number;
}

/**
 * The embeddings, made by one model, of turns that are in the index of `RecallStore`. Those of words
 * that are edited, deleted or forgotten leave it in the same moment. Every method may reject as those
 * of `ConversationStore` do; calls may overlap.
 */
export interface EmbeddingStore {
  /**
   * A few of the turns of a range that have no embedding, from its end backwards. Looks at a bounded
   * number of turns, so that none may be found while there are more.
   */
  pending(conversationId: RowId, range: PositionRange): Promise<UnembeddedTurns>;
  /** Of turns that were changed since they were read, nothing is kept. */
  keep(conversationId: RowId, embedded: readonly EmbeddedTurn[]): Promise<void>;
  nearest(query: NearestQuery): Promise<NearestTurns>;
  /** Keeps nothing of a conversation in memory until it is asked about again. */
  release(conversationId: RowId): void;
  /** Conversations of the last seven days with turns in the index, the last active first. */
  due(limit: number): Promise<readonly RowId[]>;
}
