import { findCandidates } from "./find-candidates.ts";
import type { Matches } from "./recall-store.ts";
import type { LikeTurn } from "./weigh-similarity.ts";
import { weighWords } from "./weigh-words.ts";
import type { WeighedWords } from "./weigh-words.ts";

/** A turn that may matter, by its words and those around it. */
export interface Candidate {
  readonly position: number;
  /** Where its stretch of conversation must begin: else it is none. */
  readonly stretch: number;
  readonly score: number;
  /** The words of the turn just before it: worth more where that one asks something. */
  readonly previous: number;
  readonly coverage: number;
  readonly likeness: number;
}

export interface CandidateBounds {
  /** Turns from this position on are none. */
  readonly before: number;
  readonly most: number;
  /** By position, the turns that stand out in what they mean. */
  readonly like?: ReadonlyMap<number, LikeTurn>;
}

// The weights were fitted on five conversations of LoCoMo (docs/memory.md).
const OWN_WEIGHT = 0.36;
/** Of the words of the turns around, by how far behind the candidate they are. */
const NEIGHBOURS = [
  [2, 0.18],
  [-1, 0.11],
  [-2, 0.05],
] as const;
/** Of the turn before, until it is known whether it asks something. */
const PREVIOUS_WEIGHT = 0.15;
const STRETCH_WEIGHT = 0.32;
const NEAR_WEIGHT = 0.18;
/** Of a turn that stands out in what it means: docs/memory.md has how it was chosen. */
const LIKENESS_WEIGHT = 6;
/** How far from a turn with words of the question another one may be found through it. */
const BESIDE = 3;
/** How many turns around count as near. */
const NEAR = 8;

const NONE: ReadonlyMap<number, LikeTurn> = new Map();

/** The turns that hold the question's words or mean what it does, or are beside ones that hold them; the best first. */
export function rankMatches(
  matches: Omit<Matches, "names">,
  { before, like = NONE, most }: CandidateBounds,
): readonly Candidate[] {
  const words = weighWords(matches);
  const { strength, stretchScores } = words;
  const total = Math.max(strength(-1), Number.MIN_VALUE);
  const look = createLook(words);
  const candidates = findCandidates(
    { ...words, spoken: matches.spoken },
    { before, near: BESIDE, enough: most },
  );
  const stretches = new Map(candidates);
  for (const [position, { stretch }] of like) stretches.set(position, stretch);
  return Array.from(stretches, ([position, stretch]) => {
    const likeness = like.get(position)?.likeness ?? 0;
    const near = strength(look.near(position, stretch));
    const previous = look.at(position - 1, stretch);
    const around = NEIGHBOURS.reduce(
      (sum, [behind, weight]) => sum + weight * look.at(position - behind, stretch),
      OWN_WEIGHT * look.at(position, stretch) + NEAR_WEIGHT * near,
    );
    const score =
      around + STRETCH_WEIGHT * (stretchScores.get(stretch) ?? 0) + LIKENESS_WEIGHT * likeness;
    return { position, stretch, score, previous, coverage: near / total, likeness };
  })
    .toSorted((one, other) => toFirstScore(other) - toFirstScore(one))
    .slice(0, most);
}

function toFirstScore({ previous, score }: Candidate): number {
  return score + PREVIOUS_WEIGHT * previous;
}

/** Sees only as far as the stretch goes. */
function createLook({ found, strength }: WeighedWords) {
  const maskAt = (position: number, stretch: number): number => {
    const turn = found.get(position);
    return turn?.stretch === stretch ? turn.mask : 0;
  };
  return {
    at: (position: number, stretch: number) => strength(maskAt(position, stretch)),
    near: (position: number, stretch: number) => {
      let mask = 0;
      for (let other = position - NEAR; other <= position + NEAR; other += 1) {
        mask |= maskAt(other, stretch);
      }
      return mask;
    },
  };
}
