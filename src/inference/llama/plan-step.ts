export interface StepSettings {
  /** Most tokens of one decode. */
  readonly batchTokens: number;
  /**
   * Prompt tokens that a step may take while others write. Fewer keep them smoother and make a
   * newcomer wait longer for its first token.
   */
  readonly promptTokensPerStep: number;
}

/**
 * How many prompt tokens each of the replies reads in the next step; 0 for one that has read all of
 * its prompt and writes. Everyone who writes gets its token, and those who read share what is left
 * evenly: a short prompt never waits behind a long one.
 *
 * @param unread prompt tokens that each reply has still to read
 */
export function planStep(unread: readonly number[], settings: StepSettings): number[] {
  const { batchTokens, promptTokensPerStep } = settings;
  const writers = unread.filter((tokens) => tokens === 0).length;
  const room = Math.max(1, batchTokens - writers);
  return shareOut(unread, writers > 0 ? Math.min(room, promptTokensPerStep) : room);
}

function shareOut(wanted: readonly number[], budget: number): number[] {
  const shares = wanted.map(() => 0);
  const order = [...wanted.keys()]
    .filter((index) => (wanted[index] ?? 0) > 0)
    .toSorted((one, other) => (wanted[one] ?? 0) - (wanted[other] ?? 0));
  let left = budget;
  for (const [served, index] of order.entries()) {
    const share = Math.min(wanted[index] ?? 0, Math.ceil(left / (order.length - served)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
