import { notFound } from "../rest/api-error.ts";
import type { Backend } from "../backend.ts";
import { isSnowflake } from "./snowflake.ts";

/** Shown in the browser as they are; anything else is text or a download. */
const shownTypes = /^(image\/(png|jpeg|gif|webp|avif)|audio\/|video\/)/;
const textTypes = /^(text\/|application\/json)/;

interface AttachmentAddress {
  readonly channelId: string;
  readonly attachmentId: string;
  readonly filename: string;
}

/** What people upload must never run as a page of this origin, which holds their tokens. */
export async function serveAttachment(
  backend: Backend,
  address: AttachmentAddress,
): Promise<Response> {
  const { attachmentId, filename } = address;
  const bytes = isSnowflake(attachmentId)
    ? await backend.attachments.load(attachmentId)
    : undefined;
  if (bytes === undefined) throw notFound();
  const stored = findType(backend, address);
  return new Response(new Uint8Array(bytes), {
    headers: {
      "Content-Type": toSafeType(stored),
      "Content-Disposition": `inline; filename*=UTF-8''${encodeURIComponent(filename)}`,
      "Content-Security-Policy": "sandbox; default-src 'none'",
      "X-Content-Type-Options": "nosniff",
    },
  });
}

function findType(backend: Backend, address: AttachmentAddress): string {
  for (const message of backend.world.messages.in(address.channelId))
    for (const attachment of message.attachments)
      if (attachment.id === address.attachmentId) return attachment.contentType;
  return "text/plain";
}

function toSafeType(stored: string): string {
  if (shownTypes.test(stored)) return stored;
  return textTypes.test(stored) ? "text/plain; charset=utf-8" : "application/octet-stream";
}
