/** What a card held, as it was; no key of it is `__proto__`. */
export type JsonObject = Readonly<Record<string, unknown>>;

export type PictureType = "image/gif" | "image/jpeg" | "image/png" | "image/webp";

export interface Picture {
  readonly bytes: Uint8Array;
  readonly type: PictureType;
}

/**
 * A character as people share them. Texts are as the author wrote them, macros and all; one that the
 * card lacks is empty.
 *
 * @see https://github.com/malfoyslastname/character-card-spec-v2/blob/main/spec_v2.md
 * @see https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md
 */
export interface Card {
  /** One line, never blank. */
  readonly name: string;
  /** Stands for `{{char}}` in place of the name. */
  readonly nickname?: string | undefined;
  readonly description: string;
  readonly personality: string;
  readonly scenario: string;
  readonly systemPrompt: string;
  readonly greeting: string;
  readonly alternateGreetings: readonly string[];
  readonly exampleDialogue: string;
  readonly postHistoryInstructions: string;
  /** For the people who use the card, never for the model. */
  readonly creatorNotes: string;
  readonly tags: readonly string[];
  readonly creator: string;
  readonly version: string;
  readonly lorebook?: Lorebook | undefined;
  readonly avatar?: Picture | undefined;
  /** The whole original, for export; `{}` for a card that was not read from a file. */
  readonly source: JsonObject;
}

export interface Lorebook {
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** How many of the newest messages are searched for keys. */
  readonly scanDepth?: number | undefined;
  readonly tokenBudget?: number | undefined;
  /** Whether the text of one entry may bring in another. */
  readonly isRecursive?: boolean | undefined;
  readonly entries: readonly LorebookEntry[];
  /** Every other field, for export. */
  readonly rest: JsonObject;
}

/** Which secondary keys must be there beside one of the keys. */
export type SecondaryRule = "any" | "not-all" | "none" | "all";

export interface LorebookEntry {
  readonly name?: string | undefined;
  readonly comment?: string | undefined;
  readonly keys: readonly string[];
  readonly secondaryKeys: readonly string[];
  /** Undefined: the secondary keys count where there are any. */
  readonly isSelective?: boolean | undefined;
  /** Default `any`. */
  readonly secondaryRule?: SecondaryRule | undefined;
  /** May begin with decorators: lines such as `@@depth 4`. */
  readonly content: string;
  readonly isEnabled: boolean;
  readonly isConstant?: boolean | undefined;
  readonly usesRegex: boolean;
  readonly isCaseSensitive?: boolean | undefined;
  readonly matchesWholeWords?: boolean | undefined;
  /** The lower, the earlier in the prompt. */
  readonly insertionOrder: number;
  /** Where the budget is short, the higher stays; default the insertion order. */
  readonly priority?: number | undefined;
  /** Before or after the description of the character. */
  readonly position: "after" | "before";
  /** To stand among the newest messages instead. */
  readonly isLate?: boolean | undefined;
  readonly scanDepth?: number | undefined;
  /** Of 100: how likely an entry is taken whose keys were found. */
  readonly chance?: number | undefined;
  /** Every other field, for export. */
  readonly rest: JsonObject;
}

/** A card that says nothing: what others are made from. */
export const EMPTY_CARD: Card = {
  name: "",
  description: "",
  personality: "",
  scenario: "",
  systemPrompt: "",
  greeting: "",
  alternateGreetings: [],
  exampleDialogue: "",
  postHistoryInstructions: "",
  creatorNotes: "",
  tags: [],
  creator: "",
  version: "",
  source: {},
};
