import { InvalidInput } from "../chat/problem.ts";
import type { Card } from "./card.ts";
import { readCharx } from "./container/charx.ts";
import { decodeText } from "./container/decode-text.ts";
import { findIconUri, readDataUri } from "./container/icon.ts";
import { parseJsonObject } from "./container/parse-json.ts";
import { toPicture } from "./container/picture-type.ts";
import { readPngCard, takePicture } from "./container/png-card.ts";
import { isPng } from "./container/png-chunks.ts";
import { hasZipDirectory, isZip } from "./container/zip-archive.ts";
import { toCard } from "./format/to-card.ts";
import { assertFileBytes } from "./limits.ts";

/**
 * Reads a character card of version 1, 2 or 3 from a JSON, PNG or CHARX file. What kind of file it
 * is, its bytes say; the name stands in where the card has none of its own.
 *
 * @throws {InvalidInput} whose kind says what is wrong
 */
export async function readCard(bytes: Uint8Array, fileName?: string): Promise<Card> {
  assertFileBytes(bytes.length);
  if (bytes.length === 0) throw new InvalidInput({ kind: "card-empty" });
  if (isPng(bytes)) return readFromPng(bytes, fileName);
  const picture = toPicture(bytes);
  if (isZip(bytes) || (picture !== undefined && hasZipDirectory(bytes))) {
    const { source, avatar = picture } = await readCharx(bytes);
    return toCard(source, { fileName, avatar });
  }
  if (picture !== undefined) throw new InvalidInput({ kind: "card-picture-of-other-format" });
  const text = decodeText(bytes);
  if (!/^[[{]/.test(text)) throw new InvalidInput({ kind: "card-of-no-known-format" });
  const source = parseJsonObject(text);
  return toCard(source, { fileName, avatar: readDataUri(findIconUri(source)) });
}

async function readFromPng(bytes: Uint8Array, fileName: string | undefined): Promise<Card> {
  const source = await readPngCard(bytes);
  const picture = takePicture(bytes);
  const avatar = picture === undefined ? undefined : toPicture(picture);
  return toCard(source, { fileName, avatar });
}
