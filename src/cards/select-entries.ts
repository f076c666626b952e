import type { Lorebook } from "./card.ts";
import { type Candidate, isAlwaysTaken, isMatch, listCandidates } from "./lorebook/candidate.ts";
import { KeyMatcher } from "./lorebook/key-matcher.ts";
import { scanEntries, ScannedMessages } from "./lorebook/scanned-messages.ts";

export interface SelectionOptions {
  /** For one text; may be called for each entry that was found. */
  readonly countTokens: (text: string) => number | Promise<number>;
  /** At most this for all texts, beside the lorebook's own budget. Default: no limit. */
  readonly maxTokens?: number | undefined;
  /** From 0 to 1; without it, an entry is taken whatever its chance. */
  readonly random?: () => number;
  /** Puts in the macros, in keys and texts alike. */
  readonly expand?: (text: string) => string;
}

/** Texts of a lorebook for the prompt, each list in its order. */
export interface SelectedEntries {
  /** For the place before the description of the character. */
  readonly before: readonly string[];
  readonly after: readonly string[];
  readonly tokens: number;
}

/** How often texts that were found may bring in more. */
const MAX_ROUNDS = 5;

/**
 * The entries that the messages call for, newest message last, as far as the budget goes: constant
 * ones first, then by priority. One that does not fit makes room for the next.
 *
 * @see https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#lorebook-fields
 */
export async function selectEntries(
  lorebook: Lorebook,
  messages: readonly string[],
  options: SelectionOptions,
): Promise<SelectedEntries> {
  const { expand = (text) => text, random = () => 0 } = options;
  const candidates = listCandidates(lorebook, expand).filter(
    ({ entry }) => entry.chance === undefined || random() * 100 < entry.chance,
  );
  const found = findEntries(candidates, lorebook, new ScannedMessages(messages));
  const { kept, tokens } = await keepWithin(found, decideBudget(lorebook, options), options);
  const inOrder = candidates
    .filter((one) => kept.has(one))
    .toSorted((one, other) => one.entry.insertionOrder - other.entry.insertionOrder);
  return {
    before: inOrder.filter((one) => isBefore(one)).map(({ text }) => text),
    after: inOrder.filter((one) => !isBefore(one)).map(({ text }) => text),
    tokens,
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
    const scanned = scanEntries(newest.map(({ text }) => text));
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

async function keepWithin(
  found: readonly Candidate[],
  budget: number,
  { countTokens }: SelectionOptions,
): Promise<{ readonly kept: ReadonlySet<Candidate>; readonly tokens: number }> {
  const kept = new Set<Candidate>();
  let tokens = 0;
  for (const one of found.toSorted((first, second) => rankOf(second) - rankOf(first))) {
    const added = await countTokens(one.text);
    if (tokens + added > budget) continue;
    kept.add(one);
    tokens += added;
  }
  return { kept, tokens };
}

function rankOf(one: Candidate): number {
  if (isAlwaysTaken(one)) return Number.MAX_VALUE;
  return one.entry.priority ?? one.entry.insertionOrder;
}

function isBefore({ decorators, entry }: Candidate): boolean {
  return (decorators.position ?? entry.position) === "before";
}
