/** The control tokens, the role and the line breaks of a message in any template. */
const FRAME_TOKENS = 8;

/** Names the way of estimating: counts of another are no good. */
export const ESTIMATE_BASIS = "estimate-1";

/**
 * What a message takes at most in the vocabularies of today's models: a third of the letters of a
 * plain word, one for each letter of what is no word, digit, sign, line break and further space,
 * and three quarters of the UTF-8 bytes of other scripts. English takes about 0.6 of that, Russian
 * and Chinese 0.3, a random string nearly all of it.
 */
export function estimateTokens(text: string): number {
  const runs = Array.from(text.matchAll(/[A-Za-z]+|\s+|[^A-Za-z\s]/gu), ([run]) => run);
  return Math.ceil(runs.reduce((sum, run) => sum + estimateRun(run), FRAME_TOKENS));
}

function estimateRun(run: string): number {
  if (/^[A-Z]?[a-z]+$/.test(run)) return Math.ceil(run.length / 3);
  if (run === " ") return 0;
  const bytes = Buffer.byteLength(run);
  return bytes === run.length || bytes > 3 ? bytes : bytes * 0.75;
}
