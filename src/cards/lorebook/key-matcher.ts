import { compilePattern, type Pattern } from "../pattern/compile-pattern.ts";
import { findPattern, type StepBudget } from "../pattern/find-pattern.ts";

export interface KeyRules {
  readonly usesRegex: boolean;
  readonly isCaseSensitive: boolean;
  readonly matchesWholeWords: boolean;
}

/** A text that is searched for keys, and the same in small letters. */
export interface ScannedText {
  readonly text: string;
  readonly lower: string;
}

/** A key that is an expression whatever its entry says, as SillyTavern has it. */
const SLASHED = /^\/(.+)\/([gimsuy]*)$/s;
const SPECIAL = /[$()*+.?[\\\]^{|}]/;
const WORD_CHARACTER = /[\p{L}\p{N}_]/u;
/** About half a second of searching, for all expressions of a lorebook together. */
const MAX_STEPS = 5_000_000;

/** Finds keys in texts; expressions are compiled once, and share a budget. */
export class KeyMatcher {
  readonly #patterns = new Map<string, Pattern | undefined>();
  readonly #budget: StepBudget = { left: MAX_STEPS };

  isIn(key: string, scanned: ScannedText, rules: KeyRules): boolean {
    const slashed = SLASHED.exec(key);
    if (slashed !== null) {
      const [, source = "", flags = ""] = slashed;
      return this.#finds(source, flags, scanned.text);
    }
    if (hasPlainKey(key, scanned, rules)) return true;
    // Cards made by SillyTavern say of every plain key that it is an expression.
    if (!rules.usesRegex || !SPECIAL.test(key)) return false;
    return this.#finds(key, rules.isCaseSensitive ? "" : "i", scanned.text);
  }

  #finds(source: string, flags: string, text: string): boolean {
    const id = `${flags}/${source}`;
    if (!this.#patterns.has(id)) this.#patterns.set(id, compilePattern(source, flags));
    const pattern = this.#patterns.get(id);
    return pattern !== undefined && findPattern(pattern, text, this.#budget);
  }
}

export function toScannedText(text: string): ScannedText {
  return { text, lower: text.toLowerCase() };
}

function hasPlainKey(
  key: string,
  { text, lower }: ScannedText,
  { isCaseSensitive, matchesWholeWords }: KeyRules,
): boolean {
  const wanted = isCaseSensitive ? key : key.toLowerCase();
  const searched = isCaseSensitive ? text : lower;
  return matchesWholeWords ? hasWholeWord(searched, wanted) : searched.includes(wanted);
}

function hasWholeWord(text: string, word: string): boolean {
  let start = text.indexOf(word);
  while (start >= 0) {
    const end = start + word.length;
    if (isBoundary(text, start) && isBoundary(text, end)) return true;
    start = text.indexOf(word, start + 1);
  }
  return false;
}

function isBoundary(text: string, index: number): boolean {
  return !isWordAt(text, index - 1) || !isWordAt(text, index);
}

function isWordAt(text: string, index: number): boolean {
  return WORD_CHARACTER.test(text.charAt(index));
}
