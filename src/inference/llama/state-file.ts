import { createReadStream } from "node:fs";
import { readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { RowId } from "../../chat/conversation.ts";

/** What a saved state is: the file beside it holds what llama.cpp has evaluated. */
export interface StateRecord {
  readonly id: string;
  readonly conversationId: RowId | undefined;
  /** See {@link KeptState.users}. */
  readonly users: Iterable<RowId>;
  /** Milliseconds since 1970. */
  readonly usedAt: number;
  readonly tokens: Uint32Array;
  readonly bytes: number;
  readonly checksum: number;
}

const STATE_SUFFIX = ".state";
const RECORD_SUFFIX = ".json";
/** A record that was never finished ends otherwise, and has its tokens all the same. */
const STATE_FILE = /^[\da-f]+\.(?:state|json|json\.new)$/;
const CHUNK_BYTES = 2 ** 20;

export function statePath(directory: string, id: string): string {
  return join(directory, `${id}${STATE_SUFFIX}`);
}

/** Written last and at once, so that a state with a record is whole. */
export async function writeRecord(
  directory: string,
  key: string,
  record: StateRecord,
): Promise<void> {
  const path = join(directory, `${record.id}${RECORD_SUFFIX}`);
  const { bytes, checksum, conversationId, id, usedAt } = record;
  const users = [...record.users];
  const { buffer, byteLength, byteOffset } = record.tokens;
  const tokens = Buffer.from(buffer, byteOffset, byteLength).toString("base64");
  const facts = { id, key, conversationId, users, usedAt, bytes, checksum };
  const text = JSON.stringify({ ...facts, tokens });
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  await rename(`${path}.new`, path);
}

export async function deleteState(directory: string, id: string): Promise<void> {
  for (const suffix of [RECORD_SUFFIX, STATE_SUFFIX])
    await rm(join(directory, `${id}${suffix}`), { force: true });
}

/** Deletes all states in a folder, which need not be there, and nothing else. */
export async function deleteStates(directory: string): Promise<void> {
  const names = await readdir(directory).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  for (const name of names.filter((each) => STATE_FILE.test(each)))
    await rm(join(directory, name), { force: true });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/** The whole states of this key, least recently used first; everything else in the folder is deleted. */
export async function readRecords(directory: string, key: string): Promise<StateRecord[]> {
  const records: StateRecord[] = [];
  const names = await readdir(directory);
  for (const name of names.filter((each) => each.endsWith(RECORD_SUFFIX))) {
    const record = await readRecord(join(directory, name), key);
    if (record !== undefined && (await hasSize(statePath(directory, record.id), record.bytes)))
      records.push(record);
  }
  const known = new Set(
    records.flatMap(({ id }) => [`${id}${STATE_SUFFIX}`, `${id}${RECORD_SUFFIX}`]),
  );
  for (const name of names) if (!known.has(name)) await rm(join(directory, name), { force: true });
  return records.toSorted((one, other) => one.usedAt - other.usedAt);
}

async function readRecord(path: string, key: string): Promise<StateRecord | undefined> {
  try {
    const found: unknown = JSON.parse(await readFile(path, "utf8"));
    return isStoredRecord(found) && found.key === key ? toRecord(found) : undefined;
  } catch {
    return undefined;
  }
}

interface StoredRecord extends Omit<StateRecord, "tokens" | "conversationId" | "users"> {
  readonly key: string;
  readonly conversationId?: number;
  readonly users: readonly number[];
  readonly tokens: string;
}

function isStoredRecord(found: unknown): found is StoredRecord {
  if (typeof found !== "object" || found === null) return false;
  const { bytes, checksum, id, key, tokens, usedAt, users } = found as Partial<
    Record<string, unknown>
  >;
  return (
    typeof id === "string" &&
    /^[\da-f]+$/.test(id) &&
    [key, tokens].every((text) => typeof text === "string") &&
    [bytes, checksum, usedAt].every((number) => typeof number === "number") &&
    Array.isArray(users)
  );
}

function toRecord({ key: _key, tokens, ...facts }: StoredRecord): StateRecord {
  const copied = Uint8Array.from(Buffer.from(tokens, "base64"));
  const { conversationId } = facts;
  return { ...facts, conversationId, tokens: new Uint32Array(copied.buffer) };
}

export async function hasSize(path: string, bytes: number): Promise<boolean> {
  return await stat(path).then(
    ({ size }) => size === bytes,
    () => false,
  );
}

/** CRC-32 of a file, read in pieces so that replies go on meanwhile. */
export async function checksumFile(path: string): Promise<number> {
  let checksum = 0;
  const chunks: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  for await (const chunk of chunks) checksum = crc32(chunk, checksum);
  return checksum;
}
