import type { RowId } from "../conversation.ts";
import { FamiliarError } from "../errors.ts";
import type { GuildId } from "../ids.ts";
import type { Speaker } from "../place.ts";
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

const TEXT_LABELS: Readonly<Record<PersonaText, string>> = {
  description: "description",
  systemPrompt: "system prompt",
  scenario: "scenario",
  personality: "personality",
  greeting: "greeting",
  exampleDialogue: "example dialogue",
  postHistoryInstructions: "post-history instructions",
};

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

/** @throws {FamiliarError} `input-invalid`, with a sentence for the person who wrote it */
export function createPersonaContent(given: Partial<PersonaContent>): PersonaContent {
  const content = { ...NOTHING, ...given, name: tidyName(given.name ?? "") };
  assertPersonaContent(content);
  return content;
}

/** @throws {FamiliarError} `input-invalid`, with a sentence for the person who wrote it */
function assertPersonaContent(content: PersonaContent): void {
  assertPersonaName(content.name);
  for (const [name, label] of Object.entries(TEXT_LABELS)) {
    const text: unknown = Reflect.get(content, name);
    if (typeof text === "string") assertTextFits(text, label);
  }
  if (content.alternateGreetings.length > MAX_ALTERNATE_GREETINGS) {
    throw invalid(`A persona can have at most ${MAX_ALTERNATE_GREETINGS} alternate greetings.`);
  }
  for (const greeting of content.alternateGreetings) assertTextFits(greeting, "alternate greeting");
  assertSampling(content.sampling);
}

/**
 * Discord shows a persona under this name, and refuses some of them for webhooks.
 *
 * @see https://docs.discord.com/developers/resources/webhook#create-webhook
 * @throws {FamiliarError} `input-invalid`, with a sentence for the person who chose it
 */
export function assertPersonaName(name: string): void {
  if (name === "") throw invalid("A persona needs a name.");
  if (name.length > MAX_PERSONA_NAME_LENGTH) {
    throw invalid(`A persona's name can have at most ${MAX_PERSONA_NAME_LENGTH} characters.`);
  }
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name)) {
    throw invalid("A persona's name must be one line of ordinary characters.");
  }
  const refused = /discord|clyde/i.exec(name)?.[0];
  if (refused !== undefined) {
    throw invalid(`Discord allows no name with "${refused.toLowerCase()}" in it: choose another.`);
  }
  if (/^@?(?:everyone|here)$/i.test(name)) {
    throw invalid(`Discord allows nobody to be called "${name}": choose another name.`);
  }
}

function tidyName(name: string): string {
  return name.trim().replaceAll(/ {2,}/g, " ");
}

/** What makes two names the same. */
export function toNameKey(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

function assertTextFits(text: string, label: string): void {
  if (text.length <= MAX_PERSONA_TEXT_LENGTH) return;
  const most = MAX_PERSONA_TEXT_LENGTH.toLocaleString("en-US");
  throw invalid(`The ${label} can have at most ${most} characters.`);
}

function invalid(sentence: string): FamiliarError {
  return new FamiliarError("input-invalid", sentence);
}
