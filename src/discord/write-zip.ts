import { Buffer } from "node:buffer";
import { crc32, deflateRaw } from "node:zlib";
import { promisify } from "node:util";

const compress = promisify(deflateRaw);

const LOCAL_SIGNATURE = 0x04_03_4b_50;
const DIRECTORY_SIGNATURE = 0x02_01_4b_50;
const END_SIGNATURE = 0x06_05_4b_50;
/** 2.0: with compression. */
const VERSION = 20;
const DEFLATED = 8;
/** Names are UTF-8. */
const FLAGS = 0x08_00;

export interface ZipFile {
  readonly name: string;
  readonly text: string;
}

/**
 * An archive of a few files, each far below 4 GiB.
 *
 * @see https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
export async function writeZip(files: readonly ZipFile[], at: Date): Promise<Buffer> {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, text } of files) {
    const nameBytes = Buffer.from(name);
    const bytes = Buffer.from(text);
    const packed = await compress(bytes);
    const facts = toFacts({ at, bytes, nameBytes, packedBytes: packed.length });
    const local = Buffer.concat([toUInt32(LOCAL_SIGNATURE), facts, nameBytes, packed]);
    directory.push(toEntry(facts, nameBytes, offset));
    bodies.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  return Buffer.concat([...bodies, listed, toEnd(files.length, listed.length, offset)]);
}

interface Facts {
  readonly at: Date;
  readonly bytes: Buffer;
  readonly nameBytes: Buffer;
  readonly packedBytes: number;
}

/** What stands both before a file and in the directory. */
function toFacts({ at, bytes, nameBytes, packedBytes }: Facts): Buffer {
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(VERSION, 0);
  facts.writeUInt16LE(FLAGS, 2);
  facts.writeUInt16LE(DEFLATED, 4);
  facts.writeUInt16LE((at.getUTCHours() << 11) | (at.getUTCMinutes() << 5), 6);
  const years = Math.max(0, at.getUTCFullYear() - 1980);
  facts.writeUInt16LE((years << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(), 8);
  facts.writeUInt32LE(crc32(bytes), 10);
  facts.writeUInt32LE(packedBytes, 14);
  facts.writeUInt32LE(bytes.length, 18);
  facts.writeUInt16LE(nameBytes.length, 22);
  return facts;
}

function toEntry(facts: Buffer, nameBytes: Buffer, offset: number): Buffer {
  const made = Buffer.alloc(2);
  made.writeUInt16LE(VERSION);
  const rest = Buffer.alloc(14);
  rest.writeUInt32LE(offset, 10);
  return Buffer.concat([toUInt32(DIRECTORY_SIGNATURE), made, facts, rest, nameBytes]);
}

function toEnd(count: number, bytes: number, offset: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(END_SIGNATURE, 0);
  end.writeUInt16LE(count, 8);
  end.writeUInt16LE(count, 10);
  end.writeUInt32LE(bytes, 12);
  end.writeUInt32LE(offset, 16);
  return end;
}

function toUInt32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
