/** Words of two letters are in everything. */
const MIN_LENGTH = 3;

/** Scripts without spaces: each pair of neighbours counts as a word. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

/**
 * Those of `texts` that share words with what was said, by their indexes: first what shares the most,
 * where a word that few of them have counts for more, and of equals the newest, which is the last.
 */
export function rankBySharedWords(said: string, texts: readonly string[]): readonly number[] {
  const words = texts.map(wordsIn);
  const holders = new Map<string, number>();
  for (const word of words.flatMap((set) => [...set])) {
    holders.set(word, (holders.get(word) ?? 0) + 1);
  }
  const sought = [...wordsIn(said)];
  const weigh = (word: string): number => Math.log(1 + texts.length / (holders.get(word) ?? 1));
  const scored = words.map((set, index) => {
    const shared = sought.filter((word) => set.has(word));
    return { index, score: shared.reduce((sum, word) => sum + weigh(word), 0) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((one, other) => other.score - one.score || other.index - one.index)
    .map(({ index }) => index);
}

/** Each once; pairs of neighbours in scripts without spaces. */
export function wordsIn(text: string): ReadonlySet<string> {
  const runs =
    text
      .normalize("NFKC")
      .toLowerCase()
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];
  return new Set(runs.flatMap((run) => (UNSPACED.test(run) ? toPairs(run) : toWord(run))));
}

function toWord(run: string): readonly string[] {
  return Array.from(run).length < MIN_LENGTH ? [] : [run];
}

function toPairs(run: string): readonly string[] {
  const characters = Array.from(run);
  return characters.slice(1).map((character, index) => `${characters[index] ?? ""}${character}`);
}
