import { Buffer } from "node:buffer";
import { MAX_JSON_BYTES } from "../limits.ts";
import { inflateWithin } from "./inflate.ts";
import type { PngChunk } from "./png-chunks.ts";

/** Base64 takes four bytes for three. */
const MAX_TEXT_BYTES = MAX_JSON_BYTES * 1.5;
/** Longer ones are no keyword: the format allows 79 bytes. */
const MAX_KEYWORD_BYTES = 79;

/**
 * The keyword of a text chunk, in small letters; undefined for any other chunk.
 *
 * @see https://www.w3.org/TR/png-3/#11textinfo
 */
export function findKeyword({ type, data }: PngChunk): string | undefined {
  if (!["tEXt", "zTXt", "iTXt"].includes(type)) return undefined;
  const end = data.subarray(0, MAX_KEYWORD_BYTES + 1).indexOf(0);
  if (end < 1) return undefined;
  return Buffer.from(data.subarray(0, end)).toString("latin1").toLowerCase();
}

/** The bytes of its text, in whatever encoding; undefined where they are damaged. */
export async function readTextChunk({ type, data }: PngChunk): Promise<Uint8Array | undefined> {
  const rest = data.subarray(data.indexOf(0) + 1);
  if (type === "tEXt") return rest;
  if (type === "zTXt") return inflateText(rest.subarray(1));
  // Whether it is compressed, by which method, and two texts that say the language.
  const languageEnd = rest.indexOf(0, 2);
  const translationEnd = languageEnd < 0 ? -1 : rest.indexOf(0, languageEnd + 1);
  if (translationEnd < 0) return undefined;
  const text = rest.subarray(translationEnd + 1);
  return rest[0] === 0 ? text : inflateText(text);
}

export function toTextChunk(keyword: string, text: string): PngChunk {
  return { type: "tEXt", data: Buffer.from(`${keyword}\0${text}`, "latin1") };
}

function inflateText(bytes: Uint8Array): Promise<Uint8Array | undefined> {
  return inflateWithin(bytes, { isRaw: false, maxBytes: MAX_TEXT_BYTES });
}
