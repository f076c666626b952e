import type { Lorebook } from "./card.ts";
import {
  comesByChance,
  isAlwaysTaken,
  isFixed,
  isMatch,
  listCandidates,
} from "./lorebook/candidate.ts";
import type { Candidate } from "./lorebook/candidate.ts";
import { KeyMatcher } from "./lorebook/key-matcher.ts";
import { scanEntries, ScannedMessages } from "./lorebook/scanned-messages.ts";

/** A lorebook with its macros put in, for any number of selections. */
export interface PreparedLorebook {
  readonly lorebook: Lorebook;
  readonly candidates: readonly Candidate[];
}

export interface SelectionOptions {
  /** For one text; may be called for each entry, and more than once. */
  readonly countTokens: (text: string) => number | Promise<number>;
  /** At most this for all texts, beside the lorebook's own budget. Default: no limit. */
  readonly maxTokens?: number | undefined;
  /** From 0 to 1; without it, an entry is taken whatever its chance. */
  readonly random?: () => number;
}

/** Texts of a lorebook for the prompt, each list in its order. */
export interface SelectedEntries {
  /** In every prompt, whatever is said: for the place before the description of the character. */
  readonly before: readonly string[];
  /** The same, for the place after it. */
  readonly after: readonly string[];
  /** What the moment calls for, and what is to stand late; what belongs before the description first. */
  readonly late: readonly string[];
  /** Of all three. */
  readonly tokens: number;
  /** The most that `late` takes, whatever is said. */
  readonly mostLateTokens: number;
}

/** How often texts that were found may bring in more. */
const MAX_ROUNDS = 5;

/** `expand` puts in the macros, in keys and texts alike. */
export function prepareLorebook(
  lorebook: Lorebook,
  expand: (text: string) => string = (text) => text,
): PreparedLorebook {
  return { lorebook, candidates: listCandidates(lorebook, expand) };
}

/**
 * The entries that the messages call for, newest message last, as far as the budget goes: those that
 * are always there first, then by priority. One that does not fit makes room for the next.
 *
 * @see https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#lorebook-fields
 */
export async function selectEntries(
  { candidates, lorebook }: PreparedLorebook,
  messages: readonly string[],
  options: SelectionOptions,
): Promise<SelectedEntries> {
  const { countTokens, random = () => 0 } = options;
  const lucky = candidates.filter(
    ({ entry }) => !comesByChance(entry) || random() * 100 < (entry.chance ?? 100),
  );
  const found = findEntries(lucky, lorebook, new ScannedMessages(messages));
  const budget = decideBudget(lorebook, options);
  const fixed = await keepWithin(found.filter(isFixed), budget, countTokens);
  const left = budget - fixed.tokens;
  const passing = candidates.filter((one) => !isFixed(one));
  const late = await keepWithin(
    found.filter((one) => !isFixed(one)),
    left,
    countTokens,
  );
  return {
    before: textsBefore(fixed),
    after: textsAfter(fixed),
    late: [...textsBefore(late), ...textsAfter(late)],
    tokens: fixed.tokens + late.tokens,
    mostLateTokens: await countUpTo(left, passing, countTokens),
  };
}

function findEntries(
  candidates: readonly Candidate[],
  lorebook: Lorebook,
  messages: ScannedMessages,
): readonly Candidate[] {
  const matcher = new KeyMatcher();
  const isFound = (one: Candidate): boolean => {
    const depth = one.decorators.scanDepth ?? one.entry.scanDepth ?? lorebook.scanDepth;
    return isAlwaysTaken(one) || isMatch(one, messages.take(depth), matcher);
  };
  const found = new Set(candidates.filter(isFound));
  let newest = [...found];
  for (let round = 0; lorebook.isRecursive === true && round < MAX_ROUNDS; round += 1) {
    const scanned = scanEntries(newest.map(toText));
    newest = candidates.filter((one) => !found.has(one) && isMatch(one, scanned, matcher));
    if (newest.length === 0) break;
    for (const one of newest) found.add(one);
  }
  return candidates.filter((one) => found.has(one));
}

/** Books whose budget is no number above 0 leave it to us. */
function decideBudget({ tokenBudget }: Lorebook, { maxTokens }: SelectionOptions): number {
  const own = tokenBudget !== undefined && tokenBudget > 0 ? tokenBudget : Infinity;
  return Math.min(own, maxTokens ?? Infinity);
}

interface KeptEntries {
  /** In the order of the prompt. */
  readonly kept: readonly Candidate[];
  readonly tokens: number;
}

async function keepWithin(
  found: readonly Candidate[],
  budget: number,
  countTokens: SelectionOptions["countTokens"],
): Promise<KeptEntries> {
  const kept = new Set<Candidate>();
  let tokens = 0;
  for (const one of found.toSorted((first, second) => rankOf(second) - rankOf(first))) {
    const added = await countTokens(one.text);
    if (tokens + added > budget) continue;
    kept.add(one);
    tokens += added;
  }
  const inOrder = found
    .filter((one) => kept.has(one))
    .toSorted((one, other) => one.entry.insertionOrder - other.entry.insertionOrder);
  return { kept: inOrder, tokens };
}

/** Of all these together, or `most` where that is less; a large book is not counted to its end. */
async function countUpTo(
  most: number,
  candidates: readonly Candidate[],
  countTokens: SelectionOptions["countTokens"],
): Promise<number> {
  let tokens = 0;
  for (const { text } of candidates) {
    if (tokens >= most) return most;
    tokens += await countTokens(text);
  }
  return Math.min(tokens, most);
}

function rankOf(one: Candidate): number {
  if (isAlwaysTaken(one)) return Number.MAX_VALUE;
  return one.entry.priority ?? one.entry.insertionOrder;
}

function textsBefore({ kept }: KeptEntries): readonly string[] {
  return kept.filter(isBefore).map(toText);
}

function textsAfter({ kept }: KeptEntries): readonly string[] {
  return kept.filter((one) => !isBefore(one)).map(toText);
}

function isBefore({ decorators, entry }: Candidate): boolean {
  return (decorators.position ?? entry.position) === "before";
}

function toText({ text }: Candidate): string {
  return text;
}
