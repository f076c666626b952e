import { parseAskedDates } from "./asked-dates.ts";
import { rankMatches } from "./rank-matches.ts";
import { rankTurns } from "./rank-turns.ts";
import type { Rank } from "./rank-turns.ts";
import type { RecallableTurn, RecallQuestion, RecallStore } from "./recall-store.ts";
import type { RunningEmbeddings } from "./turn-embeddings.ts";
import { weighSimilarity } from "./weigh-similarity.ts";

/** How many turns are looked at closely, for each that is asked for: docs/memory.md has what fewer find. */
const CANDIDATES_PER_TURN = 20;
const LEAST_CANDIDATES = 100;

export interface RecalledTurn extends RecallableTurn {
  /** For comparing turns that were found for the same question. */
  readonly score: number;
  /** How much of the question, its words weighed by their rarity, is said in or near it: 0 to 1. */
  readonly coverage: number;
  /**
   * How far it stands out among the turns here as meaning what the question does: 0 to 1; 0 where no
   * embeddings are compared.
   */
  readonly likeness: number;
}

/**
 * Finds what was said about something before a position, in this conversation only; the best first.
 * By its words, and by what it means where there are embeddings and they can be compared at once.
 *
 * @throws {FamiliarError} as the store does
 */
export async function recall(
  store: RecallStore,
  question: RecallQuestion,
  embeddings?: Pick<RunningEmbeddings, "nearest">,
): Promise<readonly RecalledTurn[]> {
  const { before, conversationId, limit, since = Number.NEGATIVE_INFINITY, text } = question;
  if (limit <= 0 || text.trim() === "") return [];
  await store.index(conversationId, before);
  const [{ names, ...matches }, nearest] = await Promise.all([
    store.match(question),
    embeddings?.nearest(question),
  ]);
  const most = Math.max(LEAST_CANDIDATES, CANDIDATES_PER_TURN * limit);
  const candidates = rankMatches(matches, { before, most, like: weighSimilarity(nearest) });
  if (candidates.length === 0) return [];
  const positions = candidates.flatMap(({ position, previous }) =>
    previous > 0 ? [position - 1, position] : [position],
  );
  const glances = await store.glance(conversationId, [...new Set(positions)], names);
  const ranks = rankTurns({ candidates, glances, dates: parseAskedDates(text) });
  const isThere = ({ position }: Rank): boolean => position >= since;
  return await readTurns(store, conversationId, ranks.filter(isThere).slice(0, limit));
}

async function readTurns(
  store: RecallStore,
  conversationId: number,
  ranks: readonly Rank[],
): Promise<readonly RecalledTurn[]> {
  const turns = await store.read(
    conversationId,
    ranks.map(({ position }) => position),
  );
  const byPosition = new Map(turns.map((turn) => [turn.position, turn]));
  return ranks.flatMap(({ coverage, likeness, position, score }) => {
    const turn = byPosition.get(position);
    return turn === undefined ? [] : [{ ...turn, score, coverage, likeness }];
  });
}
