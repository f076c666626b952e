import type { Backend } from "../backend.ts";
import type { EmojiRecord } from "./records.ts";

interface NewEmoji {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export async function saveEmoji(
  { attachments, world }: Backend,
  { bytes, name }: NewEmoji,
): Promise<EmojiRecord> {
  const id = world.snowflakes.next();
  await attachments.save(toStoredName(id), bytes);
  const emoji = { id, name };
  world.emojis.put(emoji);
  return emoji;
}

/** Of reference, "CDN endpoints", on whatever host. Undefined for other addresses, and without it. */
export async function loadEmojiFrom(
  { attachments, world }: Backend,
  pathname: string,
): Promise<Uint8Array | undefined> {
  const id = /^\/emojis\/(\d+)\.(?:png|webp|gif|jpeg)$/.exec(pathname)?.[1];
  if (id === undefined || world.emojis.find(id) === undefined) return undefined;
  return await attachments.load(toStoredName(id));
}

function toStoredName(id: string): string {
  return `emoji-${id}`;
}
