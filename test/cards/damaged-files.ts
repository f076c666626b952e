import { Buffer } from "node:buffer";
import { PIXEL, SOUND_FILES } from "./card-files.ts";

/** Numbers that lengths and offsets are apt to go wrong with. */
const LENGTHS = [0, 1, 0x7f_ff_ff_ff, 0x80_00_00_00, 0xff_ff_ff_ff, 0x00_00_ff_ff, 0xff_ff_00_00];

/** PNG and CHARX files with one to four faults each, the same for the same seed. */
export function* damagedFiles(files: number, start: number): Generator<Uint8Array> {
  const random = createRandom(start);
  const originals = SOUND_FILES.filter(({ fileName }) => !fileName.endsWith(".json"));
  for (let index = 0; index < files; index += 1) {
    const original = originals[index % originals.length]?.bytes ?? PIXEL;
    let bytes: Buffer = Buffer.from(original);
    const changes = 1 + Math.floor(random() * 4);
    for (let change = 0; change < changes; change += 1) bytes = damage(bytes, random);
    yield bytes;
  }
}

function damage(bytes: Buffer, random: () => number): Buffer {
  const at = Math.floor(random() * bytes.length);
  const length = Math.floor(random() * 40);
  switch (Math.floor(random() * 6)) {
    case 0:
      bytes[at] = Math.floor(random() * 256);
      return bytes;
    case 1:
      return bytes.subarray(0, at);
    case 2:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
    case 3:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(Math.max(0, at - length))]);
    case 4: {
      const number = LENGTHS[Math.floor(random() * LENGTHS.length)] ?? 0;
      const place = Math.min(at, bytes.length - 4);
      if (place < 0) return bytes;
      if (random() < 0.5) bytes.writeUInt32BE(number, place);
      else bytes.writeUInt32LE(number, place);
      return bytes;
    }
    default: {
      const noise = Buffer.from(Array.from({ length }, () => Math.floor(random() * 256)));
      return Buffer.concat([bytes.subarray(0, at), noise, bytes.subarray(at)]);
    }
  }
}

/** Mulberry32: the same numbers for the same seed. */
function createRandom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
