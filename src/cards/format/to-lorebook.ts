import type { JsonObject, Lorebook, LorebookEntry, SecondaryRule } from "../card.ts";
import { isObject } from "../container/parse-json.ts";
import { firstOf, omit, toFlag, toItems, toNumber, toObject, toText, toTexts } from "./lenient.ts";

const LOREBOOK_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "description",
  "scan_depth",
  "token_budget",
  "recursive_scanning",
  "entries",
]);

const ENTRY_FIELDS: ReadonlySet<string> = new Set([
  "name",
  "comment",
  "keys",
  "secondary_keys",
  "selective",
  "content",
  "enabled",
  "constant",
  "use_regex",
  "case_sensitive",
  "insertion_order",
  "priority",
  "position",
]);

const DEFAULT_INSERTION_ORDER = 100;
/** SillyTavern's number for the position among the newest messages. */
export const AT_DEPTH = 4;

/** As SillyTavern numbers them, in `selectiveLogic`. */
export const SECONDARY_RULES: readonly SecondaryRule[] = ["any", "not-all", "none", "all"];

/** Undefined where there is none. */
export function toLorebook(value: unknown): Lorebook | undefined {
  if (Array.isArray(value)) return toLorebook({ entries: value });
  if (!isObject(value)) return undefined;
  return {
    name: toText(value["name"]),
    description: toText(value["description"]),
    scanDepth: toNumber(value["scan_depth"]),
    tokenBudget: toNumber(value["token_budget"]),
    isRecursive: toFlag(value["recursive_scanning"]),
    entries: toItems(value["entries"]).filter(isObject).map(toEntry),
    rest: { ...omit(value, LOREBOOK_FIELDS), extensions: toObject(value["extensions"]) },
  };
}

/** Beside the specifications' names, those of SillyTavern's world files and extensions. */
function toEntry(entry: JsonObject): LorebookEntry {
  const extensions = toObject(entry["extensions"]);
  const first = (...names: readonly string[]): unknown =>
    firstOf(...names.flatMap((name) => [entry[name], extensions[name]]));
  return {
    name: toText(entry["name"]),
    comment: toText(entry["comment"]),
    keys: toKeys(first("keys", "key")),
    secondaryKeys: toKeys(first("secondary_keys", "keysecondary")),
    isSelective: toFlag(entry["selective"]),
    secondaryRule: SECONDARY_RULES[toNumber(first("selectiveLogic")) ?? -1],
    content: toText(entry["content"]) ?? "",
    isEnabled: toFlag(entry["enabled"]) ?? toFlag(entry["disable"]) !== true,
    isConstant: toFlag(entry["constant"]),
    usesRegex: toFlag(entry["use_regex"]) ?? false,
    isCaseSensitive: toFlag(first("case_sensitive", "caseSensitive")),
    matchesWholeWords: toFlag(first("match_whole_words", "matchWholeWords")),
    insertionOrder: toNumber(first("insertion_order", "order")) ?? DEFAULT_INSERTION_ORDER,
    priority: toNumber(entry["priority"]),
    position: toPosition(firstOf(entry["position"], extensions["position"])),
    isLate:
      [entry, extensions].some((from) => toNumber(from["position"]) === AT_DEPTH) || undefined,
    scanDepth: toNumber(first("scan_depth", "scanDepth")),
    chance: toFlag(first("useProbability")) === false ? undefined : toChance(first("probability")),
    rest: { ...omit(entry, ENTRY_FIELDS), extensions },
  };
}

function toKeys(value: unknown): readonly string[] {
  const keys = typeof value === "string" ? value.split(",") : toTexts(value);
  return keys.map((key) => key.trim()).filter((key) => key !== "");
}

function toPosition(value: unknown): "after" | "before" {
  return value === "before_char" || value === 0 ? "before" : "after";
}

function toChance(value: unknown): number | undefined {
  const chance = toNumber(value);
  return chance === undefined ? undefined : Math.min(100, Math.max(0, chance));
}
