import { wordsIn } from "../memory/shared-words.ts";

/** Words that say nothing by themselves. In English and German; in other languages every word counts. */
const EMPTY = toSet(
  `about also and any are but can could did does doing don each every few for from get gets got had
  has have having her hers him his how into is its itself just lot lots many may might more most much
  need needs not now often one only our out own person really said says she should some than that the
  their them then there these they this those too use used user uses using very want wants was way
  well were what when where which while who whose will with would you your
  aber alle als also auch auf aus bei bin bis das dass dem den der des die dies diese dieser doch
  dort ein eine einem einen einer eines etwas fuer für haben habe hat hatte ich ihm ihn ihr ihre ihren
  ist ja kann kein keine mehr mein meine mit möchte muss nach nicht noch nur nutzt oder ohne schon sehr
  sein seine seinen seiner sich sie sind über und uns unter viel viele vom von vor war waren was weil
  wenn wer wie wird zum zur gibt`,
);

/** Words that a model says for others: whoever says "I love tea" likes tea. */
const PARAPHRASING = toSet(
  `called doing enjoy enjoys like liked likes live lived lives living love loved loves name named
  names own owned owns prefer prefers work worked working works
  arbeite arbeitet gern gerne heiße heißt lebe lebt liebe liebt mag wohne wohnt`,
);

function toSet(words: string): ReadonlySet<string> {
  return new Set(words.split(/\s+/u));
}

/** The words of a text that say what is told and of what: "lives", "Berlin". */
export function tellingWordsIn(text: string): readonly string[] {
  return [...wordsIn(text)].filter((word) => !EMPTY.has(word));
}

/** Those of them that only who knows of it can say: "Berlin". */
export function contentWordsIn(text: string): readonly string[] {
  return tellingWordsIn(text).filter((word) => !PARAPHRASING.has(word));
}

/** In the beginning, words must agree up to this share of the longer one. */
const STEM_SHARE = 0.6;
const MIN_STEM = 3;

/** Whether they are one word, or forms of one: "learn" and "learning", "cat" and "cats". */
function isSameWord(one: string, other: string): boolean {
  if (one === other) return true;
  const longer = Math.max(one.length, other.length);
  const stem = Math.max(MIN_STEM, Math.ceil(longer * STEM_SHARE));
  return one.length >= stem && one.slice(0, stem) === other.slice(0, stem);
}

export function hasWord(words: readonly string[], sought: string): boolean {
  return words.some((word) => isSameWord(word, sought));
}

/** The same for facts that differ in nothing but the order, empty words and signs. */
export function toFactKey(text: string): string {
  return contentWordsIn(text).toSorted().join(" ");
}
