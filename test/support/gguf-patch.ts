import { readFile, writeFile } from "node:fs/promises";

export interface GgufPatch {
  /** New types by the token's text: 1 normal, 3 control, 4 user-defined. */
  readonly tokenTypes?: Readonly<Record<string, number>>;
  readonly removeKeys?: readonly string[];
  /** Replaced where they exist, else added. */
  readonly setStrings?: Readonly<Record<string, string>>;
  /** Replaced where they exist, else added, as unsigned 32 bit. */
  readonly setNumbers?: Readonly<Record<string, number>>;
}

interface Entry {
  readonly key: string;
  readonly type: number;
  readonly value: Buffer;
}

const UINT32 = 4;
const STRING = 8;
const ARRAY = 9;
/** Bytes of each fixed-size value type, by its number. */
const SIZES = new Map([
  [0, 1],
  [1, 1],
  [2, 2],
  [3, 2],
  [UINT32, 4],
  [5, 4],
  [6, 4],
  [7, 1],
  [10, 8],
  [11, 8],
  [12, 8],
]);
const DEFAULT_ALIGNMENT = 32;
/** Magic, version, tensor count, entry count. */
const HEADER_BYTES = 24;
/** Element type and count, before an array's elements. */
const ARRAY_HEAD_BYTES = 12;

/**
 * Writes a copy of a GGUF (version 3) with some metadata changed; tensors stay as they are.
 * https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
 *
 * @throws {Error} a token or key of the patch that the file does not have
 */
export async function patchGguf(source: string, target: string, patch: GgufPatch): Promise<void> {
  const bytes = await readFile(source);
  const tensorCount = Number(bytes.readBigUInt64LE(8));
  const { entries, end } = readEntries(bytes);
  const tensorsEnd = skipTensorInfos(bytes, end, tensorCount);
  const alignment = findEntry(entries, "general.alignment")?.value.readUInt32LE(0);
  const step = alignment ?? DEFAULT_ALIGNMENT;

  const patched = patchEntries(entries, patch);
  const header = Buffer.from(bytes.subarray(0, HEADER_BYTES));
  header.writeBigUInt64LE(BigInt(patched.length), 16);
  const head = Buffer.concat([header, ...patched.map(writeEntry), bytes.subarray(end, tensorsEnd)]);
  const data = bytes.subarray(align(tensorsEnd, step));
  await writeFile(
    target,
    Buffer.concat([head, Buffer.alloc(align(head.length, step) - head.length), data]),
  );
}

function align(offset: number, step: number): number {
  return Math.ceil(offset / step) * step;
}

function readEntries(bytes: Buffer): { entries: Entry[]; end: number } {
  const count = Number(bytes.readBigUInt64LE(16));
  const entries: Entry[] = [];
  let offset = HEADER_BYTES;
  for (let index = 0; index < count; index += 1) {
    const key = readString(bytes, offset);
    const type = bytes.readUInt32LE(key.end);
    const end = skipValue(bytes, type, key.end + 4);
    entries.push({ key: key.text, type, value: bytes.subarray(key.end + 4, end) });
    offset = end;
  }
  return { entries, end: offset };
}

function readString(bytes: Buffer, offset: number): { text: string; end: number } {
  const end = offset + 8 + Number(bytes.readBigUInt64LE(offset));
  return { text: bytes.toString("utf8", offset + 8, end), end };
}

function skipValue(bytes: Buffer, type: number, offset: number): number {
  if (type === STRING) return readString(bytes, offset).end;
  if (type !== ARRAY) return offset + sizeOf(type);
  const elementType = bytes.readUInt32LE(offset);
  const count = Number(bytes.readBigUInt64LE(offset + 4));
  let end = offset + ARRAY_HEAD_BYTES;
  for (let index = 0; index < count; index += 1) end = skipValue(bytes, elementType, end);
  return end;
}

function sizeOf(type: number): number {
  const size = SIZES.get(type);
  if (size === undefined) throw new Error(`unknown GGUF value type ${type}`);
  return size;
}

function skipTensorInfos(bytes: Buffer, start: number, count: number): number {
  let offset = start;
  for (let index = 0; index < count; index += 1) {
    const name = readString(bytes, offset);
    const dimensions = bytes.readUInt32LE(name.end);
    offset = name.end + 4 + dimensions * 8 + 4 + 8;
  }
  return offset;
}

function findEntry(entries: readonly Entry[], key: string): Entry | undefined {
  return entries.find((entry) => entry.key === key);
}

function requireEntry(entries: readonly Entry[], key: string): Entry {
  const entry = findEntry(entries, key);
  if (entry === undefined) throw new Error(`the GGUF has no ${key}`);
  return entry;
}

function patchEntries(entries: readonly Entry[], patch: GgufPatch): Entry[] {
  for (const key of patch.removeKeys ?? []) requireEntry(entries, key);
  const set = [
    ...(patch.tokenTypes === undefined ? [] : [retypeTokens(entries, patch.tokenTypes)]),
    ...Object.entries(patch.setStrings ?? {}).map(([key, text]) => ({
      key,
      type: STRING,
      value: writeString(text),
    })),
    ...Object.entries(patch.setNumbers ?? {}).map(([key, value]) => ({
      key,
      type: UINT32,
      value: writeUint32(value),
    })),
  ];
  const gone = new Set([...(patch.removeKeys ?? []), ...set.map((entry) => entry.key)]);
  return [...entries.filter((entry) => !gone.has(entry.key)), ...set];
}

function retypeTokens(entries: readonly Entry[], types: Readonly<Record<string, number>>): Entry {
  const tokens = readStrings(requireEntry(entries, "tokenizer.ggml.tokens").value);
  const entry = requireEntry(entries, "tokenizer.ggml.token_type");
  const value = Buffer.from(entry.value);
  for (const [text, type] of Object.entries(types)) {
    const id = tokens.indexOf(text);
    if (id < 0) throw new Error(`the GGUF has no token ${text}`);
    value.writeInt32LE(type, ARRAY_HEAD_BYTES + id * 4);
  }
  return { ...entry, value };
}

function readStrings(array: Buffer): string[] {
  const count = Number(array.readBigUInt64LE(4));
  const texts: string[] = [];
  let offset = ARRAY_HEAD_BYTES;
  for (let index = 0; index < count; index += 1) {
    const { text, end } = readString(array, offset);
    texts.push(text);
    offset = end;
  }
  return texts;
}

function writeEntry(entry: Entry): Buffer {
  return Buffer.concat([writeString(entry.key), writeUint32(entry.type), entry.value]);
}

function writeString(text: string): Buffer {
  const utf8 = Buffer.from(text, "utf8");
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(utf8.length));
  return Buffer.concat([length, utf8]);
}

function writeUint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
