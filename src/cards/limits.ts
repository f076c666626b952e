import { InvalidInput } from "../chat/problem.ts";

const MIB = 1024 * 1024;

export const MAX_FILE_BYTES = 8 * MIB;
export const MAX_JSON_BYTES = 4 * MIB;
/** What is read out of a file takes a multiple of its bytes: this bounds it. */
export const MAX_JSON_VALUES = 200_000;
export const MAX_JSON_DEPTH = 100;

export function assertFileBytes(bytes: number): void {
  if (bytes <= MAX_FILE_BYTES) return;
  throw new InvalidInput({ kind: "card-file-too-large", mib: MAX_FILE_BYTES / MIB });
}

export function assertJsonBytes(bytes: number): void {
  if (bytes <= MAX_JSON_BYTES) return;
  throw new InvalidInput({ kind: "card-text-too-large", mib: MAX_JSON_BYTES / MIB });
}
