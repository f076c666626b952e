import type { RowId } from "../conversation.ts";
import type { GuildId } from "../ids.ts";
import type { Speaker } from "../place.ts";
import { InvalidInput } from "../problem.ts";
import { assertSampling } from "../sampling.ts";
import type { SamplingOverrides } from "../sampling.ts";

/** Someone whom Familiar can be. Each text is empty where there is none. */
export interface PersonaContent {
  readonly name: string;
  readonly description: string;
  readonly systemPrompt: string;
  readonly scenario: string;
  readonly personality: string;
  /** What a thread begins with. */
  readonly greeting: string;
  readonly alternateGreetings: readonly string[];
  /** Blocks of lines that begin with `{{user}}:` or `{{char}}:`, each block after a `<START>`. */
  readonly exampleDialogue: string;
  /** Stands after the history, right before the reply. */
  readonly postHistoryInstructions: string;
  readonly sampling: SamplingOverrides;
  /**
   * The character card that it came from, for export: the same for all versions, and not read with
   * a conversation.
   */
  readonly card?: unknown;
}

export type PersonaText = Exclude<
  keyof PersonaContent,
  "alternateGreetings" | "card" | "name" | "sampling"
>;

/** What people write of a persona. */
export type PersonaPart = PersonaText | "alternateGreetings" | "name";

/** A persona in a library: a server's own, or (no guild) the owner's, which all servers share. */
export interface Persona {
  readonly id: RowId;
  readonly guildId: GuildId | undefined;
  /** As the newest version has it. No two of a library are the same but for upper and lower case. */
  readonly name: string;
}

/** Never changed: every change of a persona makes another. */
export interface PersonaVersion {
  /** From 1 on. */
  readonly number: number;
  readonly content: PersonaContent;
  readonly changedBy: Speaker;
  readonly changedAt: Date;
}

/** The persona that holds in a place. */
export interface EffectivePersona {
  /** Where it is in use: the place itself, the channel of a thread, or the server. */
  readonly source: "place" | "parent" | "guild";
  /** A thread keeps the one that it began with; nobody has chosen it there. */
  readonly isInherited: boolean;
  readonly content: PersonaContent;
  /** In its library; undefined for a built-in one. */
  readonly id?: RowId | undefined;
  /** Names its card's lorebook, if it has one; undefined where it came from no card. */
  readonly lorebook?: RowId | undefined;
  /** Undefined for a built-in one. */
  readonly version: { readonly number: number; readonly isNewest: boolean } | undefined;
  /** It changes when a new version is made. */
  readonly followsNewest: boolean;
}

/** Which persona: one of a library, or a built-in one by its name. */
export type PersonaReference =
  | { readonly kind: "stored"; readonly id: RowId }
  | { readonly kind: "built-in"; readonly name: string };

/** Where a persona is put to use. */
export type PersonaScope =
  | { readonly kind: "place"; readonly id: string }
  | { readonly kind: "guild"; readonly id: GuildId };

export interface PersonaUse {
  readonly persona: PersonaReference;
  /** Undefined: whatever is the newest. */
  readonly version: number | undefined;
}

export const MAX_PERSONA_NAME_LENGTH = 80;
export const MAX_PERSONA_TEXT_LENGTH = 8_000;
export const MAX_ALTERNATE_GREETINGS = 20;

const TEXTS: readonly PersonaText[] = [
  "description",
  "systemPrompt",
  "scenario",
  "personality",
  "greeting",
  "exampleDialogue",
  "postHistoryInstructions",
];

const NOTHING: PersonaContent = {
  name: "",
  description: "",
  systemPrompt: "",
  scenario: "",
  personality: "",
  greeting: "",
  alternateGreetings: [],
  exampleDialogue: "",
  postHistoryInstructions: "",
  sampling: {},
};

/** @throws {InvalidInput} */
export function createPersonaContent(given: Partial<PersonaContent>): PersonaContent {
  const content = { ...NOTHING, ...given, name: tidyName(given.name ?? "") };
  assertPersonaContent(content);
  return content;
}

/** @throws {InvalidInput} */
function assertPersonaContent(content: PersonaContent): void {
  assertPersonaName(content.name);
  for (const name of TEXTS) assertTextFits(content[name], name);
  if (content.alternateGreetings.length > MAX_ALTERNATE_GREETINGS) {
    throw new InvalidInput({ kind: "too-many-greetings", most: MAX_ALTERNATE_GREETINGS });
  }
  for (const greeting of content.alternateGreetings) assertTextFits(greeting, "alternateGreetings");
  assertSampling(content.sampling);
}

/**
 * Discord shows a persona under this name, and refuses some of them for webhooks.
 *
 * @see https://docs.discord.com/developers/resources/webhook#create-webhook
 * @throws {InvalidInput}
 */
export function assertPersonaName(name: string): void {
  if (name === "") throw new InvalidInput({ kind: "persona-name-empty" });
  if (name.length > MAX_PERSONA_NAME_LENGTH) {
    throw new InvalidInput({ kind: "persona-name-too-long", most: MAX_PERSONA_NAME_LENGTH });
  }
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) {
    throw new InvalidInput({ kind: "persona-name-unprintable" });
  }
  const word = /discord|clyde/i.exec(name)?.[0].toLowerCase();
  if (word !== undefined) throw new InvalidInput({ kind: "persona-name-with-refused-word", word });
  if (/^@?(?:everyone|here)$/i.test(name)) {
    throw new InvalidInput({ kind: "persona-name-reserved", name });
  }
}

function tidyName(name: string): string {
  return name.trim().replaceAll(/ {2,}/g, " ");
}

/** What makes two names the same. */
export function toNameKey(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

function assertTextFits(text: string, which: PersonaPart): void {
  if (text.length <= MAX_PERSONA_TEXT_LENGTH) return;
  const most = MAX_PERSONA_TEXT_LENGTH;
  throw new InvalidInput({ kind: "persona-text-too-long", text: which, most });
}
