/** When the window is full it drops to this share of the budget, so that many turns fit again. */
const KEPT_SHARE = 0.75;

/** How the tokens of a context are shared out. */
export interface WindowBudget {
  /** For all turns of the history together. */
  readonly historyTokens: number;
  /** For one turn; a longer one is shortened, so that it never drives all others out. */
  readonly turnTokens: number;
}

export interface ContextShares {
  readonly contextTokens: number;
  /** The system prompt and everything else that is in every prompt. */
  readonly fixedTokens: number;
  readonly maxReplyTokens: number;
}

/**
 * The history gets what the fixed part and a reserve for the reply leave. The reserve is a quarter
 * of the context at most: a reply may use more where the history is short.
 */
export function toWindowBudget(shares: ContextShares): WindowBudget {
  const taken = shares.fixedTokens + toReserveTokens(shares);
  const historyTokens = Math.max(1, shares.contextTokens - taken);
  return { historyTokens, turnTokens: Math.max(1, Math.floor(historyTokens * KEPT_SHARE)) };
}

/** What the history leaves to the reply. */
export function toReserveTokens({
  contextTokens,
  maxReplyTokens,
}: Omit<ContextShares, "fixedTokens">): number {
  return Math.min(maxReplyTokens, Math.floor(contextTokens / 4));
}

export interface WindowTurn {
  readonly role: "user" | "assistant";
  readonly tokens: number;
}

/**
 * How many of the oldest turns leave the prompt: none while all fit, else as many as bring it down
 * to three quarters. Trimming in steps keeps the prompt's beginning the same for many turns, which
 * is what lets the engine reuse what it has evaluated. The newest turn always stays, and a trimmed
 * history begins with a person.
 */
export function countTrimmedTurns(turns: readonly WindowTurn[], historyTokens: number): number {
  let total = turns.reduce((sum, turn) => sum + turn.tokens, 0);
  if (total <= historyTokens) return 0;
  const target = historyTokens * KEPT_SHARE;
  let trimmed = 0;
  for (const turn of turns.slice(0, -1)) {
    if (total <= target && turn.role === "user") break;
    total -= turn.tokens;
    trimmed += 1;
  }
  return trimmed;
}
