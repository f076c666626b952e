import { Buffer } from "node:buffer";
import { crc32, deflateRawSync, deflateSync } from "node:zlib";

/** Containers written by hand, knowing nothing of the code that reads them. */

export interface Chunk {
  readonly type: string;
  readonly data: Uint8Array;
  /** Default: the right one. */
  readonly checksum?: number;
}

const PNG_SIGNATURE = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A grey pixel, with these chunks before its end. */
export function png(...texts: readonly Chunk[]): Buffer {
  const header = Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0]);
  return pngOf([
    { type: "IHDR", data: header },
    { type: "IDAT", data: deflateSync(Buffer.from([0, 0x80])) },
    ...texts,
    { type: "IEND", data: new Uint8Array() },
  ]);
}

export function pngOf(chunks: readonly Chunk[]): Buffer {
  return Buffer.concat([PNG_SIGNATURE, ...chunks.map(toBytes)]);
}

export function tEXt(keyword: string, text: Uint8Array | string): Chunk {
  return { type: "tEXt", data: Buffer.concat([Buffer.from(`${keyword}\0`), Buffer.from(text)]) };
}

export function zTXt(keyword: string, text: string): Chunk {
  const data = Buffer.concat([Buffer.from(`${keyword}\0\0`), deflateSync(Buffer.from(text))]);
  return { type: "zTXt", data };
}

export function iTXt(keyword: string, text: string, isCompressed = false): Chunk {
  const head = Buffer.from(`${keyword}\0${isCompressed ? "\u0001" : "\0"}\0en\0Charakter\0`);
  const body = isCompressed ? deflateSync(Buffer.from(text)) : Buffer.from(text);
  return { type: "iTXt", data: Buffer.concat([head, body]) };
}

export function base64(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString("base64");
}

function toBytes({ type, data, checksum }: Chunk): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length);
  head.write(type, 4, "latin1");
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(checksum ?? crc32(data, crc32(head.subarray(4))));
  return Buffer.concat([head, data, tail]);
}

export interface ZipFile {
  readonly name: string;
  readonly data: Uint8Array;
  readonly isStored?: boolean;
  readonly isEncrypted?: boolean;
  readonly method?: number;
}

export function zip(...files: readonly ZipFile[]): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const file of files) {
    const packed = file.isStored === true ? Buffer.from(file.data) : deflateRawSync(file.data);
    const local = Buffer.concat([localHead(file, packed), Buffer.from(file.name), packed]);
    directory.push(directoryHead(file, packed, offset), Buffer.from(file.name));
    locals.push(local);
    offset += local.length;
  }
  const listing = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(listing.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, listing, end]);
}

function localHead(file: ZipFile, packed: Buffer): Buffer {
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(20, 4);
  writeCommon(head.subarray(6), file, packed);
  return head;
}

function directoryHead(file: ZipFile, packed: Buffer, offset: number): Buffer {
  const head = Buffer.alloc(46);
  head.writeUInt32LE(0x02014b50, 0);
  head.writeUInt16LE(20, 4);
  head.writeUInt16LE(20, 6);
  writeCommon(head.subarray(8), file, packed);
  head.writeUInt32LE(offset, 42);
  return head;
}

/** The fields that both kinds of head have in the same order. */
function writeCommon(head: Buffer, file: ZipFile, packed: Buffer): void {
  head.writeUInt16LE(file.isEncrypted === true ? 1 : 0, 0);
  head.writeUInt16LE(file.method ?? (file.isStored === true ? 0 : 8), 2);
  head.writeUInt32LE(crc32(file.data), 8);
  head.writeUInt32LE(packed.length, 12);
  head.writeUInt32LE(file.data.length, 16);
  head.writeUInt16LE(Buffer.byteLength(file.name), 20);
}
