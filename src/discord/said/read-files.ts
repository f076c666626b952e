import type { APIAttachment } from "discord.js";
import { decodeText } from "./decode-text.ts";

/** Of one message; the files after these are only named. */
export const MAX_FILES_READ = 4;
/** Of one file, in bytes; what comes after that is left out. */
const MAX_FILE_BYTES = 32 * 1_024;
/** Of all files of one message together, in bytes. */
const MAX_BYTES = 64 * 1_024;

/** For all files of one message. */
const DEADLINE_MS = 8_000;

export interface FileText {
  readonly text: string;
  /** How many bytes of it were read, where that is not all. */
  readonly cutAt: number | undefined;
}

/** What could be read, by the attachment's id. Never rejects. */
export async function readFiles(
  files: readonly APIAttachment[],
  deadlineMs = DEADLINE_MS,
): Promise<ReadonlyMap<string, FileText>> {
  const signal = AbortSignal.timeout(deadlineMs);
  const maxBytes = Math.min(MAX_FILE_BYTES, Math.floor(MAX_BYTES / files.length));
  const texts = await Promise.all(
    files.map(async (file) => [file.id, await readFile(file, maxBytes, signal)] as const),
  );
  return new Map(texts.flatMap(([id, text]) => (text === undefined ? [] : [[id, text]])));
}

async function readFile(
  { content_type: type, url }: APIAttachment,
  maxBytes: number,
  signal: AbortSignal,
): Promise<FileText | undefined> {
  try {
    const { bytes, isWhole } = await download(url, maxBytes, signal);
    const charset = /charset="?(?<name>[\w.:-]+)/i.exec(type ?? "")?.groups?.["name"];
    const text = decodeText(bytes, charset);
    return text === undefined ? undefined : { text, cutAt: isWhole ? undefined : maxBytes };
  } catch {
    // Whatever it was, people and the model are told that the file could not be read.
    return undefined;
  }
}

/** Only from where Discord says that the file is: a redirection is refused. */
async function download(url: string, maxBytes: number, signal: AbortSignal) {
  const response = await fetch(url, { redirect: "error", signal });
  if (!response.ok) throw new Error(`Answered with ${response.status}`);
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > maxBytes) break;
  }
  const bytes = Buffer.concat(chunks).subarray(0, maxBytes);
  return { bytes, isWhole: length <= maxBytes };
}
