import { EMPTY_CARD } from "./cards/card.ts";
import type { Card, JsonObject, Picture, PictureType } from "./cards/card.ts";
import { expandMacros } from "./cards/expand-macros.ts";
import { MAX_FILE_BYTES } from "./cards/limits.ts";
import { readCard } from "./cards/read-card.ts";
import { writeCard } from "./cards/write-card.ts";
import type { CardFiles, ImportedPersona } from "./chat/persona/card-files.ts";
import {
  MAX_ALTERNATE_GREETINGS,
  MAX_PERSONA_NAME_LENGTH,
  MAX_PERSONA_TEXT_LENGTH,
} from "./chat/persona/persona.ts";
import type { PersonaContent, PersonaPart } from "./chat/persona/persona.ts";
import { parsePersonaContent } from "./chat/persona/parse-persona.ts";
import { parseSampling } from "./chat/sampling.ts";

/** Fields that cards and personas share. */
const TEXTS = [
  "description",
  "systemPrompt",
  "scenario",
  "personality",
  "greeting",
  "exampleDialogue",
  "postHistoryInstructions",
] as const satisfies readonly (keyof Card & keyof PersonaContent)[];

/** Stands for the persona's name until a prompt is written. */
const CHAR = "{{char}}";

/** Where a card keeps what only Familiar knows. */
const EXTENSION = "familiar";

/** Joins the format of cards to personas. */
export function createCardFiles(): CardFiles {
  return {
    maxBytes: MAX_FILE_BYTES,
    async read(bytes, fileName) {
      return toImported(await readCard(bytes, fileName));
    },
    async write(content, format) {
      return writeCard(await toCard(content), { format });
    },
  };
}

function toImported(card: Card): ImportedPersona {
  const cut: PersonaPart[] = [];
  const shorten = (part: PersonaPart, text: string, maxLength: number): string => {
    if (text.length <= maxLength) return text;
    cut.push(part);
    return text.slice(0, maxLength);
  };
  const toText = (part: PersonaPart, text: string, char = card.nickname): string =>
    shorten(part, resolveMacros(text, char), MAX_PERSONA_TEXT_LENGTH);
  const content: PersonaContent = {
    name: shorten("name", card.name, MAX_PERSONA_NAME_LENGTH).trim(),
    description: toText("description", card.description),
    systemPrompt: toText("systemPrompt", card.systemPrompt),
    scenario: toText("scenario", card.scenario),
    personality: toText("personality", card.personality),
    greeting: toText("greeting", card.greeting),
    alternateGreetings: card.alternateGreetings
      .slice(0, MAX_ALTERNATE_GREETINGS)
      .map((greeting) => toText("alternateGreetings", greeting)),
    // Its lines begin with the macro: they tell who speaks.
    exampleDialogue: toText("exampleDialogue", card.exampleDialogue, CHAR),
    postHistoryInstructions: toText("postHistoryInstructions", card.postHistoryInstructions),
    sampling: parseSampling(fieldOf(extensionOf(card.source), "sampling")),
  };
  if (card.alternateGreetings.length > MAX_ALTERNATE_GREETINGS) cut.push("alternateGreetings");
  const kept = { source: card.source, avatar: toStored(card.avatar), imported: content };
  return { content: { ...content, card: kept }, cut: [...new Set(cut)] };
}

/**
 * All but the names, once and for all: a prompt stays the same from turn to turn. A nickname is for
 * good, since no persona has one.
 */
function resolveMacros(text: string, char = CHAR): string {
  return expandMacros(text, { char, user: "{{user}}", original: "", random: Math.random });
}

/** What is still as it was imported is written as the card had it. */
async function toCard(content: PersonaContent): Promise<Card> {
  const card = await readKept(content.card);
  const imported = parsePersonaContent(fieldOf(content.card, "imported"));
  const texts = TEXTS.map((name) => {
    const isSame = imported?.[name] === content[name];
    return [name, isSame ? card[name] : content[name]] as const;
  });
  // A card without a name of its own was named after its file.
  const isSameName = imported?.name === content.name && card.name.startsWith(content.name);
  const hasSameGreetings = isSameText(imported?.alternateGreetings, content.alternateGreetings);
  return {
    ...card,
    ...Object.fromEntries(texts),
    name: isSameName ? card.name : content.name,
    alternateGreetings: hasSameGreetings ? card.alternateGreetings : content.alternateGreetings,
    source: withSampling(card.source, content),
  };
}

async function readKept(kept: unknown): Promise<Card> {
  const source = sourceOf(kept);
  if (source === undefined) return EMPTY_CARD;
  const card = await readCard(Buffer.from(JSON.stringify(source)));
  const avatar = fromStored(fieldOf(kept, "avatar")) ?? card.avatar;
  return { ...card, avatar };
}

/** The card that a persona came from, as it was read; undefined where it came from none. */
export function sourceOf(kept: unknown): JsonObject | undefined {
  const source = fieldOf(kept, "source");
  return isObject(source) ? source : undefined;
}

/** The picture of the card that a persona came from; undefined where there is none. */
export function pictureOf(kept: unknown): Picture | undefined {
  return fromStored(fieldOf(kept, "avatar"));
}

function withSampling(source: JsonObject, { sampling }: PersonaContent): JsonObject {
  const own = extensionOf(source);
  if (Object.keys(sampling).length === 0 && own === undefined) return source;
  const data = toObject(source["data"]);
  const extensions = toObject(data["extensions"]);
  const familiar = { ...toObject(own), sampling };
  return { ...source, data: { ...data, extensions: { ...extensions, [EXTENSION]: familiar } } };
}

function extensionOf(source: JsonObject): unknown {
  return fieldOf(fieldOf(source["data"], "extensions"), EXTENSION);
}

function toStored(avatar: Picture | undefined) {
  if (avatar === undefined) return undefined;
  return { type: avatar.type, base64: Buffer.from(avatar.bytes).toString("base64") };
}

function fromStored(stored: unknown): Picture | undefined {
  const type = fieldOf(stored, "type");
  const base64 = fieldOf(stored, "base64");
  if (!isPictureType(type) || typeof base64 !== "string") return undefined;
  return { type, bytes: Buffer.from(base64, "base64") };
}

function isPictureType(value: unknown): value is PictureType {
  const types: readonly unknown[] = ["image/gif", "image/jpeg", "image/png", "image/webp"];
  return types.includes(value);
}

function isSameText(one: readonly string[] | undefined, other: readonly string[]): boolean {
  return one?.length === other.length && one.every((text, index) => text === other[index]);
}

function fieldOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function toObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
