/** How many tokens two sequences have in common from their beginning on. */
export function countCommonTokens(one: ArrayLike<number>, other: ArrayLike<number>): number {
  const most = Math.min(one.length, other.length);
  let count = 0;
  while (count < most && one[count] === other[count]) count += 1;
  return count;
}

export interface DroppedTokens {
  /** Where they begin and, exclusively, end in the old sequence. */
  readonly start: number;
  readonly end: number;
  /** What follows them and is the same in the new sequence. */
  readonly movedTokens: number;
}

/** Fewer are evaluated as fast as they are moved. */
const FEWEST_MOVED_TOKENS = 32;

/**
 * Finds the one stretch without which `old` begins like `fresh` for longest: what left a window
 * that was trimmed. Undefined where nothing worth moving follows.
 */
export function findDroppedTokens(
  old: ArrayLike<number>,
  fresh: ArrayLike<number>,
): DroppedTokens | undefined {
  const start = countCommonTokens(old, fresh);
  let best: DroppedTokens | undefined;
  for (let end = start + 1; end < old.length; end += 1) {
    if (old.length - end <= (best?.movedTokens ?? FEWEST_MOVED_TOKENS - 1)) break;
    const movedTokens = countSame(old, end, { fresh, from: start });
    if (movedTokens > (best?.movedTokens ?? FEWEST_MOVED_TOKENS - 1))
      best = { start, end, movedTokens };
  }
  return best;
}

function countSame(
  old: ArrayLike<number>,
  oldFrom: number,
  { fresh, from }: { readonly fresh: ArrayLike<number>; readonly from: number },
): number {
  const most = Math.min(old.length - oldFrom, fresh.length - from);
  let count = 0;
  while (count < most && old[oldFrom + count] === fresh[from + count]) count += 1;
  return count;
}
