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
import type { PersonaContent } from "./chat/persona/persona.ts";
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
  const cut: string[] = [];
  const shorten = (label: string, text: string, maxLength: number): string => {
    if (text.length <= maxLength) return text;
    cut.push(label);
    return text.slice(0, maxLength);
  };
  const toText = (label: string, text: string): string =>
    shorten(label, resolveMacros(text), MAX_PERSONA_TEXT_LENGTH);
  const content: PersonaContent = {
    name: shorten("name", card.name, MAX_PERSONA_NAME_LENGTH).trim(),
    description: toText("description", card.description),
    systemPrompt: toText("system prompt", card.systemPrompt),
    scenario: toText("scenario", card.scenario),
    personality: toText("personality", card.personality),
    greeting: toText("greeting", card.greeting),
    alternateGreetings: card.alternateGreetings
      .slice(0, MAX_ALTERNATE_GREETINGS)
      .map((greeting) => toText("alternate greetings", greeting)),
    exampleDialogue: toText("example dialogue", card.exampleDialogue),
    postHistoryInstructions: toText("last instructions", card.postHistoryInstructions),
    sampling: parseSampling(fieldOf(extensionOf(card.source), "sampling")),
  };
  if (card.alternateGreetings.length > MAX_ALTERNATE_GREETINGS) cut.push("alternate greetings");
  const kept = { source: card.source, avatar: toStored(card.avatar), imported: content };
  return { content: { ...content, card: kept }, cut: [...new Set(cut)] };
}

/** All but the names, once and for all: a prompt stays the same from turn to turn. */
function resolveMacros(text: string): string {
  const names = { char: "{{char}}", user: "{{user}}" };
  return expandMacros(text, { ...names, original: "", random: Math.random });
}

/** What is still as it was imported is written as the card had it. */
async function toCard(content: PersonaContent): Promise<Card> {
  const card = await readKept(content.card);
  const imported = parsePersonaContent(fieldOf(content.card, "imported"));
  const texts = TEXTS.map((name) => {
    const isSame = imported?.[name] === content[name];
    return [name, isSame ? card[name] : content[name]] as const;
  });
  const hasSameGreetings = isSameText(imported?.alternateGreetings, content.alternateGreetings);
  return {
    ...card,
    ...Object.fromEntries(texts),
    name: imported?.name === content.name ? card.name : content.name,
    alternateGreetings: hasSameGreetings ? card.alternateGreetings : content.alternateGreetings,
    source: withSampling(card.source, content),
  };
}

async function readKept(kept: unknown): Promise<Card> {
  const source = fieldOf(kept, "source");
  if (!isObject(source)) return EMPTY_CARD;
  const card = await readCard(Buffer.from(JSON.stringify(source)));
  const avatar = fromStored(fieldOf(kept, "avatar")) ?? card.avatar;
  return { ...card, avatar };
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
