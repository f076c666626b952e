import type { JsonObject, Lorebook, LorebookEntry } from "../card.ts";
import { definedOnly, toObject } from "./lenient.ts";
import { AT_DEPTH, SECONDARY_RULES } from "./to-lorebook.ts";

/** A `character_book` as V2 and V3 have it. */
export function fromLorebook(lorebook: Lorebook): JsonObject {
  return {
    ...lorebook.rest,
    ...definedOnly({
      name: lorebook.name,
      description: lorebook.description,
      scan_depth: lorebook.scanDepth,
      token_budget: lorebook.tokenBudget,
      recursive_scanning: lorebook.isRecursive,
    }),
    extensions: toObject(lorebook.rest["extensions"]),
    entries: lorebook.entries.map(fromEntry),
  };
}

function fromEntry(entry: LorebookEntry): JsonObject {
  return {
    ...entry.rest,
    ...definedOnly({
      name: entry.name,
      comment: entry.comment,
      selective: entry.isSelective,
      constant: entry.isConstant,
      case_sensitive: entry.isCaseSensitive,
      priority: entry.priority,
    }),
    keys: entry.keys,
    secondary_keys: entry.secondaryKeys,
    content: entry.content,
    enabled: entry.isEnabled,
    use_regex: entry.usesRegex,
    insertion_order: entry.insertionOrder,
    position: entry.position === "before" ? "before_char" : "after_char",
    extensions: fromExtensions(entry),
  };
}

/** What the specifications have no field for, where SillyTavern writes and reads it. */
function fromExtensions(entry: LorebookEntry): JsonObject {
  const { chance, isLate, secondaryRule } = entry;
  return {
    ...toObject(entry.rest["extensions"]),
    ...definedOnly({
      match_whole_words: entry.matchesWholeWords,
      scan_depth: entry.scanDepth,
      position: isLate === true ? AT_DEPTH : undefined,
      selectiveLogic: secondaryRule && SECONDARY_RULES.indexOf(secondaryRule),
      probability: chance,
      useProbability: chance === undefined ? undefined : true,
    }),
  };
}
