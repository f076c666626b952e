import type { NearestTurns } from "./embedding-store.ts";

/** Of fewer turns it cannot be told how alike any two are. */
const LEAST_COMPARED = 10;
/** Deviations above the mean: up to the first a turn is like any other, from the second on like none. */
const ORDINARY = 2;
const OUTSTANDING = 6;
/** Where all turns are nearly the same, their differences mean nothing. */
const LEAST_DEVIATION = 1e-3;

export interface LikeTurn {
  /** Where its stretch of conversation must begin. */
  readonly stretch: number;
  readonly likeness: number;
}

/**
 * How far turns stand out in what they mean, by position: from 0, as much as chance would have it, to
 * 1. Similarities themselves tell little: with one model those of any two texts are about 0.1, with
 * another 0.8.
 */
export function weighSimilarity(nearest: NearestTurns | undefined): ReadonlyMap<number, LikeTurn> {
  if (nearest === undefined || nearest.compared < LEAST_COMPARED) return new Map();
  const deviation = Math.max(nearest.deviation, LEAST_DEVIATION);
  const likenessOf = (similarity: number): number =>
    ((similarity - nearest.mean) / deviation - ORDINARY) / (OUTSTANDING - ORDINARY);
  return new Map(
    nearest.turns.flatMap(({ position, similarity, stretch }) => {
      const likeness = Math.min(1, likenessOf(similarity));
      return likeness > 0 ? [[position, { stretch, likeness }]] : [];
    }),
  );
}
