import type { Card, JsonObject, Picture } from "../card.ts";
import { isObject } from "../container/parse-json.ts";
import { InvalidInput } from "../../chat/problem.ts";
import { TEXT_FIELDS, type TextFieldKey } from "./field-names.ts";
import { firstOf, toText, toTexts } from "./lenient.ts";
import { toLorebook } from "./to-lorebook.ts";

export interface CardOrigin {
  readonly fileName: string | undefined;
  readonly avatar: Picture | undefined;
}

/** A card has at least one of these, or a name. */
const TELLING: readonly TextFieldKey[] = [
  "description",
  "personality",
  "scenario",
  "systemPrompt",
  "greeting",
  "exampleDialogue",
];
const CONTROL = /\p{Cc}/gu;
/** Some tools put a time where a greeting belongs. */
const TIME_STAMP = /^\d*$/;

/**
 * Reads a card of any version, flat or in `data`, forgivingly.
 *
 * @throws {FamiliarError} `input-invalid`: the object is no card
 */
export function toCard(source: JsonObject, { fileName, avatar }: CardOrigin): Card {
  const layers = [source["data"], source].filter(isObject);
  const text = (key: TextFieldKey): string => findText(layers, key);
  const field = (name: string): unknown => firstOf(...layers.map((layer) => layer[name]));
  const name = toName(text("name"));
  assertCard(layers, name !== "" || TELLING.some((key) => text(key).trim() !== ""));
  const nickname = toName(text("nickname"));
  return {
    name: name === "" ? nameOfFile(fileName) : name,
    ...(nickname === "" ? {} : { nickname }),
    description: text("description"),
    personality: text("personality"),
    scenario: text("scenario"),
    systemPrompt: text("systemPrompt"),
    greeting: text("greeting"),
    alternateGreetings: toGreetings(field("alternate_greetings")),
    exampleDialogue: text("exampleDialogue"),
    postHistoryInstructions: text("postHistoryInstructions"),
    creatorNotes: text("creatorNotes"),
    tags: toTags(field("tags")),
    creator: text("creator"),
    version: text("version"),
    lorebook: toLorebook(field("character_book")),
    avatar,
    source,
  };
}

/** What the specifications call it counts, even when blank, before any older name. */
function findText(layers: readonly JsonObject[], key: TextFieldKey): string {
  const { name, olderNames } = TEXT_FIELDS[key];
  const texts = layers.flatMap((layer) => toText(layer[name]) ?? []);
  if (texts.length > 0) return texts.find((text) => text.trim() !== "") ?? "";
  const older = olderNames.flatMap((old) => layers.map((layer) => toText(layer[old])));
  return older.find((text) => text !== undefined && text.trim() !== "") ?? "";
}

/** On one line. */
function toName(text: string): string {
  return text.replaceAll(CONTROL, " ").trim().split(/\s+/).join(" ");
}

function nameOfFile(fileName = ""): string {
  const name = toName(fileName.replace(/\.[^.]*$/, "").replaceAll("_", " "));
  return name === "" ? "Unnamed" : name;
}

function toGreetings(value: unknown): readonly string[] {
  return toTexts(value).filter((text) => !TIME_STAMP.test(text));
}

function toTags(value: unknown): readonly string[] {
  const tags = typeof value === "string" ? value.split(",") : toTexts(value);
  return tags.map((tag) => tag.trim()).filter((tag) => tag !== "");
}

function assertCard(layers: readonly JsonObject[], isTelling: boolean): void {
  if (layers.some(({ entries }) => typeof entries === "object" && entries !== null)) {
    throw new InvalidInput({ kind: "card-lorebook-alone" });
  }
  if (isTelling) return;
  throw new InvalidInput({ kind: "card-without-character" });
}
