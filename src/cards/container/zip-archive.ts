import { Buffer } from "node:buffer";
import { InvalidInput } from "../../chat/problem.ts";
import { inflateWithin } from "./inflate.ts";

const END_SIGNATURE = Buffer.from("PK\x05\x06", "latin1");
const END_BYTES = 22;
const MAX_COMMENT_BYTES = 0xffff;
const DIRECTORY_SIGNATURE = 0x02_01_4b_50;
const DIRECTORY_BYTES = 46;
const LOCAL_SIGNATURE = 0x04_03_4b_50;
const LOCAL_BYTES = 30;
const STORED = 0;
const DEFLATED = 8;
/** More than any card has. */
const MAX_ENTRIES = 10_000;

export interface ZipEntry {
  readonly name: string;
  readonly isEncrypted: boolean;
  readonly method: number;
  readonly compressedBytes: number;
  /** Of its local header, from the beginning of the file. */
  readonly offset: number;
}

export function isZip(bytes: Uint8Array): boolean {
  return Buffer.from("PK\x03\x04", "latin1").equals(bytes.subarray(0, 4));
}

/** Whether an archive ends here, whatever the file begins with. */
export function hasZipDirectory(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(-END_BYTES - MAX_COMMENT_BYTES)).includes(END_SIGNATURE);
}

/**
 * What the archive's directory lists. It may lie behind other data, as in a JPEG with an archive
 * appended. Archives in several parts and those above 4 GiB are not read.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 * @throws {FamiliarError} `input-invalid`: no archive, or a damaged one
 */
export function readZipDirectory(bytes: Uint8Array): readonly ZipEntry[] {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = archive.lastIndexOf(END_SIGNATURE);
  const earliest = Math.max(0, archive.length - END_BYTES - MAX_COMMENT_BYTES);
  if (end < earliest || end + END_BYTES > archive.length) throw damaged();
  const directoryBytes = archive.readUInt32LE(end + 12);
  const start = end - directoryBytes;
  const shift = start - archive.readUInt32LE(end + 16);
  if (start < 0 || shift < 0) throw damaged();
  return readEntries(archive.subarray(0, end), start, shift);
}

/** @throws {FamiliarError} `input-invalid`: damaged, encrypted, too large, or packed otherwise */
export async function readZipEntry(
  bytes: Uint8Array,
  entry: ZipEntry,
  maxBytes: number,
): Promise<Uint8Array> {
  if (entry.isEncrypted) throw new InvalidInput({ kind: "card-charx-encrypted" });
  if (entry.method !== DEFLATED && entry.method !== STORED) {
    throw new InvalidInput({ kind: "card-charx-packed-otherwise" });
  }
  const packed = findPacked(bytes, entry);
  const unpacked =
    entry.method === STORED ? packed : await inflateWithin(packed, { isRaw: true, maxBytes });
  if (unpacked !== undefined && unpacked.length <= maxBytes) return unpacked;
  throw new InvalidInput({ kind: "card-charx-too-large", mib: maxBytes / 1024 / 1024 });
}

function findPacked(bytes: Uint8Array, { compressedBytes, offset }: ZipEntry): Uint8Array {
  const archive = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (offset + LOCAL_BYTES > archive.length) throw damaged();
  if (archive.readUInt32LE(offset) !== LOCAL_SIGNATURE) throw damaged();
  const names = archive.readUInt16LE(offset + 26) + archive.readUInt16LE(offset + 28);
  const start = offset + LOCAL_BYTES + names;
  if (start + compressedBytes > archive.length) throw damaged();
  return archive.subarray(start, start + compressedBytes);
}

function readEntries(archive: Buffer, start: number, shift: number): readonly ZipEntry[] {
  const entries: ZipEntry[] = [];
  let offset = start;
  while (offset + DIRECTORY_BYTES <= archive.length && entries.length < MAX_ENTRIES) {
    if (archive.readUInt32LE(offset) !== DIRECTORY_SIGNATURE) throw damaged();
    const nameEnd = offset + DIRECTORY_BYTES + archive.readUInt16LE(offset + 28);
    entries.push({
      name: archive.toString("utf8", offset + DIRECTORY_BYTES, nameEnd),
      isEncrypted: (archive.readUInt16LE(offset + 8) & 1) === 1,
      method: archive.readUInt16LE(offset + 10),
      compressedBytes: archive.readUInt32LE(offset + 20),
      offset: archive.readUInt32LE(offset + 42) + shift,
    });
    offset = nameEnd + archive.readUInt16LE(offset + 30) + archive.readUInt16LE(offset + 32);
  }
  return entries;
}

function damaged(): Error {
  return new InvalidInput({ kind: "card-charx-damaged" });
}
