import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { joinPngChunks } from "./png-chunks.ts";

const SIDE = 64;
/** Shades of grey: the figure, and what is behind it. */
const FIGURE = 0xd8;
const GROUND = 0x50;

/** Head and shoulders in grey, for a card that has no picture of its own. */
export function drawDefaultPicture(): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  // Eight bits, grey; the other methods have only one value.
  header.set([8, 0, 0, 0, 0], 8);
  return joinPngChunks([
    { type: "IHDR", data: header },
    { type: "IDAT", data: deflateSync(Buffer.concat(Array.from({ length: SIDE }, drawLine))) },
    { type: "IEND", data: new Uint8Array() },
  ]);
}

/** A zero, for "not filtered", and a byte for each pixel. */
function drawLine(_: unknown, y: number): Buffer {
  const pixels = Array.from({ length: SIDE }, (__, x) => {
    const isHead = Math.hypot(x - 32, y - 24) < 12;
    const isShoulder = Math.hypot(x - 32, (y - 66) * 0.9) < 24;
    return isHead || isShoulder ? FIGURE : GROUND;
  });
  return Buffer.from([0, ...pixels]);
}
