import { Buffer } from "node:buffer";
import type { Picture, PictureType } from "../card.ts";

/** What a file of each type has at which place. */
const BEGINNINGS: readonly (readonly [PictureType, string, number])[] = [
  ["image/png", "\x89PNG\r\n\x1A\n", 0],
  ["image/jpeg", "\xFF\xD8\xFF", 0],
  ["image/gif", "GIF8", 0],
  ["image/webp", "WEBP", 8],
];

/** By its first bytes, whatever its name says; undefined for what is no picture. */
export function toPicture(bytes: Uint8Array): Picture | undefined {
  const beginning = Buffer.from(bytes.subarray(0, 16)).toString("latin1");
  const found = BEGINNINGS.find(([, mark, offset]) => beginning.startsWith(mark, offset));
  return found === undefined ? undefined : { bytes, type: found[0] };
}
