import type { RowId } from "../conversation.ts";

/** What the model wrote about a stretch of a history that left the window. */
export interface Summary {
  readonly id: RowId;
  /** Positions of the first and the last turn that it covers. */
  readonly from: number;
  readonly to: number;
  /** 0: of turns. Else of summaries, the highest of which is one level lower. */
  readonly level: number;
  readonly text: string;
  /** When its first and its last turn were said. */
  readonly since: Date;
  readonly until: Date;
}

/** The most that all parts of a running summary take of a context, its frame included. */
export const SUMMARY_SHARE = 1 / 8;

/** A running summary of more parts has some of them merged. */
export const MOST_PARTS = 4;

const MERGED_PARTS = 3;

/** What one part may take, in tokens: all of them leave as much again for the frame. */
export function toPartTokens(contextTokens: number): number {
  return Math.max(1, Math.floor((contextTokens * SUMMARY_SHARE) / (MOST_PARTS + 1)));
}

/**
 * Those neighbours that are to become one, given a running summary oldest first; undefined while it
 * is short enough. The lowest are merged first, and of these the oldest: what was said lately keeps
 * the most detail, and no word goes through more summaries than it must.
 */
export function chooseMerge<Part extends Pick<Summary, "level">>(
  parts: readonly Part[],
): readonly Part[] | undefined {
  if (parts.length <= MOST_PARTS) return undefined;
  const runs = parts
    .slice(0, 1 - MERGED_PARTS)
    .map((_, start) => parts.slice(start, start + MERGED_PARTS));
  const heightOf = (run: readonly Part[]): number => Math.max(...run.map(({ level }) => level));
  return runs.toSorted((one, other) => heightOf(one) - heightOf(other))[0];
}
