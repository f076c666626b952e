/** Scripts that put no spaces between words: there, a word may stand anywhere. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

const IN_WORD = String.raw`[\p{L}\p{M}\p{N}_]`;

/** Whether one of the words stands in a text, whole and in any case. */
export function hasWakeWord(text: string, words: readonly string[]): boolean {
  const plain = toPlain(text);
  return words.some((word) => toPattern(toPlain(word).trim()).test(plain));
}

/** Forms that look the same are the same, and so are upper and lower case. */
function toPlain(text: string): string {
  return text.normalize("NFKC").toUpperCase().toLowerCase().normalize("NFC");
}

function toPattern(word: string): RegExp {
  const letters = Array.from(word);
  const before = startsWord(letters[0]) ? `(?<!${IN_WORD})` : "";
  const after = startsWord(letters.at(-1)) ? `(?!${IN_WORD})` : "";
  const inner = word
    .split(/\s+/u)
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|/]/gu, String.raw`\$&`))
    .join(String.raw`\s+`);
  return new RegExp(before + inner + after, "u");
}

/** Punctuation at a word's end makes an end of its own. */
function startsWord(letter: string | undefined): boolean {
  return letter !== undefined && /[\p{L}\p{M}\p{N}_]/u.test(letter) && !UNSPACED.test(letter);
}
