import { FamiliarError } from "../../chat/errors.ts";
import { InvalidInput } from "../../chat/problem.ts";
import type { JsonObject, Picture } from "../card.ts";
import { MAX_FILE_BYTES, MAX_JSON_BYTES } from "../limits.ts";
import { decodeText } from "./decode-text.ts";
import { findIconUri, readDataUri } from "./icon.ts";
import { parseJsonObject } from "./parse-json.ts";
import { toPicture } from "./picture-type.ts";
import { readZipDirectory, readZipEntry, type ZipEntry } from "./zip-archive.ts";

const CARD_NAME = "card.json";
/** Both spellings are in use; the first is the specification's. */
const EMBEDDED = /^embed{1,2}ed:\/\//;

export interface Charx {
  readonly source: JsonObject;
  readonly avatar: Picture | undefined;
}

/**
 * @see https://github.com/kwaroran/character-card-spec-v3/blob/main/SPEC_V3.md#charx
 * @throws {FamiliarError} `input-invalid`
 */
export async function readCharx(bytes: Uint8Array): Promise<Charx> {
  const entries = readZipDirectory(bytes);
  const card = findCard(entries);
  if (card === undefined) {
    throw new InvalidInput({ kind: "card-charx-without-card", fileName: CARD_NAME });
  }
  const source = parseJsonObject(decodeText(await readZipEntry(bytes, card, MAX_JSON_BYTES)));
  const uri = findIconUri(source);
  return { source, avatar: readDataUri(uri) ?? (await readIcon(bytes, entries, uri)) };
}

/** At the root, or in the one folder that people pack by mistake. */
function findCard(entries: readonly ZipEntry[]): ZipEntry | undefined {
  return (
    entries.find(({ name }) => name === CARD_NAME) ??
    entries.find(({ name }) => name.toLowerCase().endsWith(`/${CARD_NAME}`))
  );
}

/** A card is worth reading without its picture. */
async function readIcon(
  bytes: Uint8Array,
  entries: readonly ZipEntry[],
  uri: string | undefined,
): Promise<Picture | undefined> {
  const path = uri?.replace(EMBEDDED, "");
  const entry = entries.find(({ name }) => name === path);
  if (entry === undefined) return undefined;
  try {
    return toPicture(await readZipEntry(bytes, entry, MAX_FILE_BYTES));
  } catch (error) {
    if (error instanceof FamiliarError) return undefined;
    throw error;
  }
}
