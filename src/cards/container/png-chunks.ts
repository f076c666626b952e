import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

const SIGNATURE = Buffer.from("\x89PNG\r\n\x1A\n", "latin1");
/** Length, type and checksum. */
const FRAME_BYTES = 12;
/** Empty chunks take a hundred times their bytes in memory; no picture has nearly as many. */
const MAX_CHUNKS = 20_000;

/** @see https://www.w3.org/TR/png-3/#5Chunk-layout */
export interface PngChunk {
  readonly type: string;
  readonly data: Uint8Array;
}

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.equals(bytes.subarray(0, SIGNATURE.length));
}

/**
 * The chunks up to the end of the picture, or to where the file is damaged. Checksums are not
 * compared: many tools that put a card into a picture wrote wrong ones.
 */
export function* readPngChunks(bytes: Uint8Array): Generator<PngChunk> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let offset = SIGNATURE.length;
  for (let count = 0; count < MAX_CHUNKS && offset + FRAME_BYTES <= buffer.length; count += 1) {
    const length = buffer.readUInt32BE(offset);
    const end = offset + FRAME_BYTES + length;
    if (end > buffer.length) return;
    const type = buffer.toString("latin1", offset + 4, offset + 8);
    yield { type, data: buffer.subarray(offset + 8, end - 4) };
    if (type === "IEND") return;
    offset = end;
  }
}

export function joinPngChunks(chunks: readonly PngChunk[]): Uint8Array {
  return Buffer.concat([SIGNATURE, ...chunks.flatMap(frame)]);
}

function frame({ type, data }: PngChunk): readonly Uint8Array[] {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(data.length, 0);
  head.write(type, 4, "latin1");
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(data, crc32(head.subarray(4))));
  return [head, data, checksum];
}
