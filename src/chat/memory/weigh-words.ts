import type { Matches, MatchedTerm } from "./recall-store.ts";

/** One bit each in a number. */
const MAX_WORDS = 30;
/** How soon more turns with the same word in a stretch stop to count: BM25's k1. */
const SATURATION = 1.2;

interface FoundTurn {
  readonly stretch: number;
  /** The bits of the words that the turn holds. */
  readonly mask: number;
}

export interface WeighedWords {
  /** By position: the turns that hold words of the question. */
  readonly found: ReadonlyMap<number, FoundTurn>;
  /** What the words of a mask weigh together: each the logarithm of its rarity among turns. */
  readonly strength: (mask: number) => number;
  /** By its first position, how much of the question is in a stretch as a whole. */
  readonly stretchScores: ReadonlyMap<number, number>;
}

/** The rarest words of a question that were said at all. */
export function weighWords({
  stretches,
  terms,
  turns,
}: Pick<Matches, "stretches" | "terms" | "turns">): WeighedWords {
  const words = groupByWord(terms)
    .map((forms) => ({ forms, rarity: toRarity(countTurns(forms), turns) }))
    .toSorted((one, other) => other.rarity - one.rarity)
    .slice(0, MAX_WORDS);
  const found = new Map<number, { stretch: number; mask: number }>();
  const stretchScores = new Map<number, number>();
  for (const [index, { forms }] of words.entries()) {
    const { inStretches, size } = collect(found, forms, 1 << index);
    // Of a common word, not all turns were read.
    const having = (inStretches.size * countTurns(forms)) / size;
    addStretches(stretchScores, inStretches, toRarity(having, stretches));
  }
  return { found, strength: createStrength(words), stretchScores };
}

function groupByWord(terms: readonly MatchedTerm[]): readonly (readonly MatchedTerm[])[] {
  const words = new Map<number, MatchedTerm[]>();
  for (const term of terms) {
    if (term.positions.length > 0) words.set(term.word, [...(words.get(term.word) ?? []), term]);
  }
  return [...words.values()];
}

function countTurns(forms: readonly MatchedTerm[]): number {
  return forms.reduce((sum, form) => sum + form.turns, 0);
}

/** BM25's inverse document frequency. */
function toRarity(having: number, all: number): number {
  return Math.log(1 + (Math.max(all, having) - having + 0.5) / (having + 0.5));
}

/** A turn counts once for a word, whatever forms of it are said. */
function collect(
  found: Map<number, { stretch: number; mask: number }>,
  forms: readonly MatchedTerm[],
  bit: number,
) {
  const inStretches = new Map<number, number>();
  let size = 0;
  for (const { positions, stretches } of forms) {
    for (const [index, position] of positions.entries()) {
      const stretch = stretches[index] ?? position;
      const turn = found.get(position);
      if (turn !== undefined && (turn.mask & bit) !== 0) continue;
      if (turn === undefined) found.set(position, { stretch, mask: bit });
      else turn.mask |= bit;
      inStretches.set(stretch, (inStretches.get(stretch) ?? 0) + 1);
      size += 1;
    }
  }
  return { inStretches, size };
}

function addStretches(
  scores: Map<number, number>,
  inStretches: ReadonlyMap<number, number>,
  rarity: number,
): void {
  for (const [stretch, turns] of inStretches) {
    const gain = (rarity * turns * (SATURATION + 1)) / (turns + SATURATION);
    scores.set(stretch, (scores.get(stretch) ?? 0) + gain);
  }
}

function createStrength(words: readonly { readonly rarity: number }[]) {
  const rarities = words.map(({ rarity }) => rarity);
  return (mask: number): number => {
    let sum = 0;
    for (let rest = mask; rest !== 0; rest &= rest - 1) {
      sum += rarities[31 - Math.clz32(rest & -rest)] ?? 0;
    }
    return sum;
  };
}
