import { createHash } from "node:crypto";
import { notFound } from "../rest/api-error.ts";
import type { Backend } from "../backend.ts";
import { loadEmojiFrom } from "./emojis.ts";

const signatures: readonly (readonly [type: string, start: string])[] = [
  ["image/png", "\u0089PNG\r\n\u001A\n"],
  ["image/jpeg", "\u00FF\u00D8\u00FF"],
  ["image/gif", "GIF8"],
  ["image/webp", "RIFF"],
];

/** The bytes of reference, "image data"; undefined where it is none. */
export function parseImageData(text: string): Uint8Array | undefined {
  const encoded = /^data:image\/[a-z]+;base64,([A-Za-z0-9+/=]+)$/.exec(text)?.[1];
  const bytes = encoded === undefined ? undefined : Buffer.from(encoded, "base64");
  return bytes !== undefined && findType(bytes) !== undefined ? bytes : undefined;
}

/** Keeps a picture under its hash, and returns that. */
export async function saveAvatar(backend: Backend, bytes: Uint8Array): Promise<string> {
  const hash = toHash(bytes);
  await backend.attachments.save(toStoredName(hash), bytes);
  return hash;
}

/** Discord fetches the picture; here only those that were uploaded here, and the application's emojis, are shown. */
export async function saveAvatarFrom(backend: Backend, address: string): Promise<string> {
  const { origin, pathname } = new URL(address);
  const attachmentId = /^\/attachments\/\d+\/(\d+)\//.exec(pathname)?.[1];
  const bytes =
    origin === backend.world.origin && attachmentId !== undefined
      ? await backend.attachments.load(attachmentId)
      : await loadEmojiFrom(backend, pathname);
  return bytes === undefined || findType(bytes) === undefined
    ? toHash(address)
    : saveAvatar(backend, bytes);
}

export async function serveAvatar(backend: Backend, filename: string): Promise<Response> {
  const hash = /^([\da-f]{32})\.png$/.exec(filename)?.[1];
  const bytes = hash && (await backend.attachments.load(toStoredName(hash)));
  if (!bytes) throw notFound();
  return new Response(new Uint8Array(bytes), {
    headers: {
      "Content-Type": findType(bytes) ?? "application/octet-stream",
      "Content-Security-Policy": "sandbox; default-src 'none'",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

function findType(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 8)).toString("latin1");
  return signatures.find(([, signature]) => start.startsWith(signature))?.[0];
}

function toHash(content: string | Uint8Array): string {
  return createHash("md5").update(content).digest("hex");
}

function toStoredName(hash: string): string {
  return `avatar-${hash}`;
}
