import { Buffer } from "node:buffer";
import { pictureOf } from "./card-files.ts";
import type { Picture } from "./cards/card.ts";
import { shrinkPng } from "./cards/picture/shrink-png.ts";
import type { PersonaStore } from "./chat/persona/persona-store.ts";
import type { LoadPicture } from "./discord/webhooks/picture-addresses.ts";

/** What Discord takes as an emoji. */
const MAX_BYTES = 256 * 1024;
const SIDE = 128;

/**
 * Pictures of cards as Discord shows them. A PNG is drawn anew: the card itself stands in it, which
 * is nobody's business. Others are taken as they are, where they are small enough.
 */
export function createPersonaPictures(personas: Pick<PersonaStore, "version">): LoadPicture {
  return async (cardId) => {
    const version = await personas.version(cardId);
    const picture = pictureOf(version?.content.card);
    const small = picture === undefined ? undefined : await toSmall(picture);
    return small === undefined || small.bytes.length > MAX_BYTES ? undefined : toDataUri(small);
  };
}

async function toSmall({ bytes, type }: Picture): Promise<Picture | undefined> {
  if (type !== "image/png") return { bytes, type };
  const small = await shrinkPng(bytes, SIDE);
  return small === undefined ? undefined : { bytes: small, type };
}

function toDataUri({ bytes, type }: Picture): string {
  return `data:${type};base64,${Buffer.from(bytes).toString("base64")}`;
}
