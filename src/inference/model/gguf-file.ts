import { open, stat } from "node:fs/promises";
import { readGgufFileInfo } from "node-llama-cpp";
import type { GgufFileInfo } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";
import { formatBytes } from "./format-bytes.ts";
import { countTensorBytes } from "./tensor-bytes.ts";

const MAGIC = "GGUF";
/** Magic, version, number of tensors, number of metadata keys. */
const HEAD_BYTES = 24;
/** Those that llama.cpp reads. */
const VERSIONS: ReadonlySet<number> = new Set([2, 3]);
const MOST_ENTRIES = 100_000n;

/** @throws {FamiliarError} `model-invalid`: see {@link readGguf} */
export async function assertGguf(path: string): Promise<void> {
  await readGguf(path);
}

/**
 * Reads the header only, so a file of any size takes milliseconds; of a split model, the headers of
 * all its parts.
 *
 * @throws {FamiliarError} `model-invalid`: no such file, a folder, not readable, no GGUF, damaged,
 * or shorter than its header says
 */
export async function readGguf(path: string): Promise<GgufFileInfo> {
  await assertHead(path);
  const info = await readHeader(path);
  await assertComplete(path, info);
  return info;
}

async function assertHead(path: string): Promise<void> {
  const head = await readHead(path).catch((error: unknown) => {
    throw toReadError(path, error);
  });
  if (head.length === 0) {
    throw invalid(`The model file ${path} is empty: delete it and download it again`);
  }
  if (head.toString("latin1", 0, MAGIC.length) !== MAGIC) {
    throw invalid(`${path} is no GGUF model: set MODEL to a file that ends in .gguf`);
  }
  if (!isPlausible(head)) throw invalid(sayDamaged(path));
}

async function readHead(path: string): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Counts that no file has would keep the parser busy for hours. */
function isPlausible(head: Buffer): boolean {
  if (head.length < HEAD_BYTES || !VERSIONS.has(head.readUInt32LE(4))) return false;
  return head.readBigUInt64LE(8) <= MOST_ENTRIES && head.readBigUInt64LE(16) <= MOST_ENTRIES;
}

function toReadError(path: string, error: unknown): FamiliarError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return invalid(explainReadError(path, code), error);
}

function explainReadError(path: string, code: unknown): string {
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
      return `There is no model file ${path}: set MODEL to a .gguf file that exists, or to an address such as hf:user/repository:Q4_K_M`;
    case "EISDIR":
      return `${path} is a folder: set MODEL to the .gguf file in it`;
    case "EACCES":
    case "EPERM":
      return `The model file ${path} may not be read: give the user that runs Familiar the right to read it`;
    default:
      return `The model file ${path} cannot be read (${typeof code === "string" ? code : "unknown fault"}): check the disk that it is on`;
  }
}

async function readHeader(path: string): Promise<GgufFileInfo> {
  try {
    return await readGgufFileInfo(path, { sourceType: "filesystem", logWarnings: false });
  } catch (error) {
    throw invalid(explainHeaderError(path, error), error);
  }
}

function explainHeaderError(path: string, error: unknown): string {
  const isPartMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
  return isPartMissing
    ? `The model file ${path} is one of several parts, and not all of them are there: put every part into the same folder`
    : sayDamaged(path);
}

function sayDamaged(path: string): string {
  return `The model file ${path} is incomplete or damaged: delete it and download it again`;
}

/** The parser reads zeros where the file has ended, and so takes a short file for a sound one. */
async function assertComplete(path: string, info: GgufFileInfo): Promise<void> {
  if ((info.fullTensorInfo ?? []).length === 0) throw invalid(sayDamaged(path));
  for (const [index, source] of info.sourceData.entries()) {
    const partPath = source.type === "path" ? source.path : path;
    const { size } = await stat(partPath);
    const headerBytes = source.type === "path" ? source.length : 0;
    const expected = Math.max(headerBytes, countPartBytes(info, index + 1));
    if (size >= expected) continue;
    throw invalid(
      `The model file ${partPath} is incomplete, ${formatBytes(size)} of ${formatBytes(expected)}: delete it and download it again`,
    );
  }
}

/** Where the part's last tensor ends; padding after it may be missing. */
function countPartBytes(info: GgufFileInfo, part: number): number {
  const tensors = (info.fullTensorInfo ?? []).filter((tensor) => tensor.filePart === part);
  const ends = tensors.map((tensor) => Number(tensor.fileOffset) + (countTensorBytes(tensor) ?? 0));
  return ends.reduce((last, end) => Math.max(last, end), 0);
}

function invalid(message: string, cause?: unknown): FamiliarError {
  return new FamiliarError("model-invalid", message, cause === undefined ? {} : { cause });
}
