import type { Lorebook, LorebookEntry } from "../card.ts";
import { type DecoratedText, parseDecorators } from "./decorators.ts";
import type { KeyMatcher, ScannedText } from "./key-matcher.ts";

/** An entry that may be taken, with its macros expanded. */
export interface Candidate extends DecoratedText {
  readonly entry: LorebookEntry;
  readonly keys: readonly string[];
  readonly secondaryKeys: readonly string[];
}

/** More than any lorebook in use has. */
const MAX_ENTRIES = 5_000;
const MAX_KEYS = 10_000;

/** Those that are enabled and say something, in the order of the book. */
export function listCandidates(
  { entries }: Lorebook,
  expand: (text: string) => string,
): readonly Candidate[] {
  let keysLeft = MAX_KEYS;
  return entries.slice(0, MAX_ENTRIES).flatMap((entry) => {
    const { decorators, text } = parseDecorators(entry.content);
    if (!entry.isEnabled || decorators.isActive === false || text.trim() === "") return [];
    const keys = entry.keys.slice(0, Math.max(0, keysLeft)).map(expand);
    const secondaryKeys = entry.secondaryKeys.slice(0, Math.max(0, keysLeft)).map(expand);
    keysLeft -= keys.length + secondaryKeys.length;
    return [{ entry, decorators, text: expand(text).trim(), keys, secondaryKeys }];
  });
}

export function isAlwaysTaken({ decorators, entry }: Candidate): boolean {
  return decorators.isActive ?? entry.isConstant ?? false;
}

/** Whether it is in every prompt, at the same place of it. */
export function isFixed(one: Candidate): boolean {
  const { decorators, entry } = one;
  const isLate = decorators.isLate ?? entry.isLate ?? false;
  return isAlwaysTaken(one) && !isLate && !comesByChance(entry);
}

/** Many cards say of each entry that its chance is 100. */
export function comesByChance({ chance }: LorebookEntry): boolean {
  return chance !== undefined && chance < 100;
}

export function isMatch(
  { entry, decorators, keys, secondaryKeys }: Candidate,
  scanned: ScannedText,
  matcher: KeyMatcher,
): boolean {
  const rules = {
    usesRegex: entry.usesRegex,
    isCaseSensitive: entry.isCaseSensitive ?? false,
    matchesWholeWords: entry.matchesWholeWords ?? false,
  };
  const has = (key: string): boolean => key.trim() !== "" && matcher.isIn(key, scanned, rules);
  const { additionalKeys, excludedKeys = [] } = decorators;
  return (
    keys.some(has) &&
    hasSecondary(entry, secondaryKeys, has) &&
    (additionalKeys === undefined || additionalKeys.some(has)) &&
    !excludedKeys.some(has)
  );
}

function hasSecondary(
  { isSelective, secondaryRule = "any" }: LorebookEntry,
  keys: readonly string[],
  has: (key: string) => boolean,
): boolean {
  if (isSelective === false || keys.length === 0) return true;
  switch (secondaryRule) {
    case "any":
      return keys.some(has);
    case "all":
      return keys.every(has);
    case "none":
      return !keys.some(has);
    case "not-all":
      return !keys.every(has);
    default:
      return secondaryRule satisfies never;
  }
}
