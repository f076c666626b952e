import { Buffer } from "node:buffer";
import type { Card, Picture } from "./card.ts";
import { drawDefaultPicture } from "./container/default-picture.ts";
import { putCards, takePicture } from "./container/png-card.ts";
import { type CardVersion, fromCard } from "./format/from-card.ts";

export type CardFormat = "v2-json" | "v2-png" | "v3-json" | "v3-png";

export interface WriteOptions {
  readonly format: CardFormat;
  /** For PNG files, in place of the card's own; a picture of another type is left out. */
  readonly avatar?: Picture | undefined;
}

/** Beyond this, indentation could make a file that is no longer read. */
const MAX_INDENTED_LENGTH = 1_000_000;

/**
 * The card as a file that other programs read, with everything in it that the original held. A V3
 * picture holds V2 as well, for programs that know no other.
 */
export function writeCard(card: Card, { format, avatar = card.avatar }: WriteOptions): Uint8Array {
  switch (format) {
    case "v2-json":
      return Buffer.from(indent(toJson(card, "v2")), "utf8");
    case "v3-json":
      return Buffer.from(indent(toJson(card, "v3")), "utf8");
    case "v2-png":
      return putCards(toPng(avatar), [["chara", toJson(card, "v2")]]);
    case "v3-png":
      return putCards(toPng(avatar), [
        ["chara", toJson(card, "v2")],
        ["ccv3", toJson(card, "v3")],
      ]);
    default:
      return format satisfies never;
  }
}

function toJson(card: Card, version: CardVersion): string {
  return JSON.stringify(fromCard(card, version));
}

function indent(json: string): string {
  if (json.length > MAX_INDENTED_LENGTH) return json;
  return `${JSON.stringify(JSON.parse(json), undefined, 2)}\n`;
}

function toPng(avatar: Picture | undefined): Uint8Array {
  const picture = avatar?.type === "image/png" ? takePicture(avatar.bytes) : undefined;
  return picture ?? drawDefaultPicture();
}
