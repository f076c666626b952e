import { Buffer } from "node:buffer";
import { FamiliarError } from "../../chat/errors.ts";
import type { JsonObject } from "../card.ts";
import { InvalidInput } from "../../chat/problem.ts";
import { decodeText } from "./decode-text.ts";
import { parseJsonObject } from "./parse-json.ts";
import { joinPngChunks, type PngChunk, readPngChunks } from "./png-chunks.ts";
import { findKeyword, readTextChunk, toTextChunk } from "./png-text.ts";

/** The newer first: it is preferred. */
const KEYWORDS = ["ccv3", "chara"] as const;
const ASSET_PREFIX = "chara-ext-asset_";
/** Some tools append a card without removing the old one; each may have to be unpacked. */
const MAX_TRIES = 2;

export type CardKeyword = (typeof KEYWORDS)[number];

/** @throws {FamiliarError} `input-invalid`: no card in the picture, or none that can be read */
export async function readPngCard(bytes: Uint8Array): Promise<JsonObject> {
  const found = findCardChunks(bytes);
  if (found.length === 0) throw new InvalidInput({ kind: "card-picture-without-card" });
  let firstError: FamiliarError | undefined;
  for (const chunk of found) {
    try {
      return await readCardChunk(chunk);
    } catch (error) {
      if (!(error instanceof FamiliarError)) throw error;
      firstError ??= error;
    }
  }
  throw firstError ?? damaged();
}

/** The picture alone, without any card; undefined where it is too damaged to be shown. */
export function takePicture(bytes: Uint8Array): Uint8Array | undefined {
  const chunks = keepPicture(bytes);
  return chunks[0]?.type === "IHDR" ? joinPngChunks([...chunks, END]) : undefined;
}

/** The picture with these texts in place of any card that it held. */
export function putCards(
  picture: Uint8Array,
  cards: readonly (readonly [CardKeyword, string])[],
): Uint8Array {
  const texts = cards.map(([keyword, json]) =>
    toTextChunk(keyword, Buffer.from(json, "utf8").toString("base64")),
  );
  return joinPngChunks([...keepPicture(picture), ...texts, END]);
}

const END: PngChunk = { type: "IEND", data: new Uint8Array() };

function keepPicture(bytes: Uint8Array): readonly PngChunk[] {
  return Array.from(readPngChunks(bytes)).filter(
    (chunk) => chunk.type !== END.type && !isCardText(findKeyword(chunk)),
  );
}

function isCardText(keyword: string | undefined): boolean {
  if (keyword === undefined) return false;
  return KEYWORDS.some((known) => known === keyword) || keyword.startsWith(ASSET_PREFIX);
}

function findCardChunks(bytes: Uint8Array): readonly PngChunk[] {
  const chunks = Array.from(readPngChunks(bytes));
  return KEYWORDS.flatMap((keyword) =>
    chunks.filter((chunk) => findKeyword(chunk) === keyword).slice(0, MAX_TRIES),
  );
}

async function readCardChunk(chunk: PngChunk): Promise<JsonObject> {
  const bytes = await readTextChunk(chunk);
  if (bytes === undefined) throw damaged();
  const text = toJsonText(bytes);
  if (!text.startsWith("{")) throw damaged();
  return parseJsonObject(text);
}

/** Base64 as the specifications say, or the JSON itself as some tools write it. */
function toJsonText(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isBase64 = /^\s*[\w+/]/.test(buffer.toString("latin1", 0, 64));
  return decodeText(isBase64 ? Buffer.from(buffer.toString("latin1"), "base64") : bytes);
}

function damaged(): FamiliarError {
  return new InvalidInput({ kind: "card-picture-damaged" });
}
