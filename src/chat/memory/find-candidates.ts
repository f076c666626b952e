import type { MatchedTerm } from "./recall-store.ts";
import type { WeighedWords } from "./weigh-words.ts";

/** Turns by whose words the candidates are found; the ones around them come with them. */
const MAX_MATCHED = 200;
/** Stretches of which all turns may be candidates. */
const MAX_STRETCHES = 10;
/** No stretch is longer. */
const STRETCH_TURNS = 64;

export interface Findings extends WeighedWords {
  /** What speakers said who are named: taken when there is little else. */
  readonly spoken: readonly MatchedTerm[];
}

interface Bounds {
  /** Turns from this position on are none. */
  readonly before: number;
  /** How many turns around a found one may be candidates, each way. */
  readonly near: number;
  /** How many there are to be before those of named speakers are left out. */
  readonly enough: number;
}

/**
 * The turns with the most of the question in them, those near them, and the best stretches whole:
 * positions, each with the stretch that it must belong to.
 */
export function findCandidates(
  { spoken, ...words }: Findings,
  { before, enough, near }: Bounds,
): ReadonlyMap<number, number> {
  const { found, stretchScores } = words;
  const candidates = new Map<number, number>();
  const add = (position: number, stretch: number): void => {
    if (position < stretch || position >= before || candidates.has(position)) return;
    if ((found.get(position)?.stretch ?? stretch) === stretch) candidates.set(position, stretch);
  };
  for (const { position, stretch } of findBest(words)) {
    for (let beside = position - near; beside <= position + near; beside += 1) add(beside, stretch);
  }
  const starts = new Set([...stretchScores.keys(), ...spoken.flatMap((said) => said.stretches)]);
  const best = Array.from(stretchScores).toSorted(([, one], [, other]) => other - one);
  for (const [stretch] of best.slice(0, MAX_STRETCHES)) {
    for (const position of positionsIn(stretch, starts)) add(position, stretch);
  }
  for (const { positions, stretches } of candidates.size < enough ? spoken : []) {
    for (const [index, position] of positions.entries()) {
      add(position, stretches[index] ?? position);
    }
  }
  return candidates;
}

/** As far as the next stretch, where that is known to begin: if something in it was found. */
function* positionsIn(stretch: number, starts: ReadonlySet<number>): Generator<number, void> {
  for (let position = stretch; position < stretch + STRETCH_TURNS; position += 1) {
    if (position > stretch && starts.has(position)) return;
    yield position;
  }
}

function findBest({ found, stretchScores, strength }: WeighedWords) {
  const matched = Array.from(found, ([position, { mask, stretch }]) => {
    const score = strength(mask) + (stretchScores.get(stretch) ?? 0);
    return { position, stretch, score };
  });
  if (matched.length <= MAX_MATCHED) return matched;
  return matched.toSorted((one, other) => other.score - one.score).slice(0, MAX_MATCHED);
}
