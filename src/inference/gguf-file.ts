import { open, stat } from "node:fs/promises";
import { readGgufFileInfo } from "node-llama-cpp";
import type { GgufFileInfo } from "node-llama-cpp";
import { FamiliarError } from "../chat/errors.ts";
import { formatBytes } from "./format-bytes.ts";
import { countTensorBytes } from "./tensor-bytes.ts";

const MAGIC = "GGUF";

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
  await assertMagic(path);
  const info = await readHeader(path);
  await assertComplete(path, info);
  return info;
}

async function assertMagic(path: string): Promise<void> {
  const magic = await readMagic(path).catch((error: unknown) => {
    throw toReadError(path, error);
  });
  if (magic === MAGIC) return;
  throw invalid(
    magic === ""
      ? `The model file ${path} is empty: delete it and download it again`
      : `${path} is no GGUF model: set MODEL to a file that ends in .gguf`,
  );
}

async function readMagic(path: string): Promise<string> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return buffer.toString("latin1", 0, bytesRead);
  } finally {
    await file.close();
  }
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
    : `The model file ${path} is incomplete or damaged: delete it and download it again`;
}

async function assertComplete(path: string, info: GgufFileInfo): Promise<void> {
  for (const [index, source] of info.sourceData.entries()) {
    const partPath = source.type === "path" ? source.path : path;
    const { size } = await stat(partPath);
    const expected = countPartBytes(info, index + 1);
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
