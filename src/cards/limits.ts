import { FamiliarError } from "../chat/errors.ts";

const MIB = 1024 * 1024;

export const MAX_FILE_BYTES = 8 * MIB;
export const MAX_JSON_BYTES = 4 * MIB;
/** What is read out of a file takes a multiple of its bytes: this bounds it. */
export const MAX_JSON_VALUES = 200_000;
export const MAX_JSON_DEPTH = 100;

export function invalidCard(sentence: string, cause?: unknown): FamiliarError {
  return new FamiliarError("input-invalid", sentence, cause === undefined ? {} : { cause });
}

export function assertFileBytes(bytes: number): void {
  if (bytes > MAX_FILE_BYTES) throw tooLarge("file", MAX_FILE_BYTES);
}

export function assertJsonBytes(bytes: number): void {
  if (bytes > MAX_JSON_BYTES) throw tooLarge("card's text", MAX_JSON_BYTES);
}

function tooLarge(what: string, maxBytes: number): FamiliarError {
  return invalidCard(`The ${what} is too large: it may have up to ${maxBytes / MIB} MiB.`);
}
