import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import { joinPngChunks } from "../container/png-chunks.ts";
import { readPngLines } from "./png-lines.ts";
import type { PngLines } from "./png-lines.ts";

/** Colour with transparency, eight bits a sample; the other methods have only one value. */
const RGBA = [8, 6, 0, 0, 0];
const SUMS = 5;

/**
 * A small square PNG of a picture's upper middle, where faces are, with nothing else in it: no text,
 * no card. Undefined for pictures of rare kinds.
 *
 * @param maxSide a smaller picture keeps its size
 */
export async function shrinkPng(
  bytes: Uint8Array,
  maxSide: number,
): Promise<Uint8Array | undefined> {
  const picture = await readPngLines(bytes);
  if (picture === undefined) return undefined;
  const square = Math.min(picture.width, picture.height);
  const side = Math.min(maxSide, square);
  return writePng(addUp(picture, square, side), side);
}

/** For each pixel of the small picture: reds, greens and blues by their alphas, alphas, and how many. */
function addUp({ lines, width }: PngLines, square: number, side: number): Float64Array {
  const sums = new Float64Array(side * side * SUMS);
  const from = Math.floor((width - square) / 2);
  let y = 0;
  for (const pixelAt of lines) {
    if (y === square) break;
    const row = Math.floor((y * side) / square) * side;
    for (let x = 0; x < square; x += 1) {
      const [red, green, blue, alpha] = pixelAt(from + x);
      const at = (row + Math.floor((x * side) / square)) * SUMS;
      add(sums, at, red * alpha);
      add(sums, at + 1, green * alpha);
      add(sums, at + 2, blue * alpha);
      add(sums, at + 3, alpha);
      add(sums, at + 4, 1);
    }
    y += 1;
  }
  return sums;
}

function add(sums: Float64Array, at: number, more: number): void {
  sums[at] = (sums[at] ?? 0) + more;
}

function writePng(sums: Float64Array, side: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set(RGBA, 8);
  const lines = Buffer.alloc((side * 4 + 1) * side);
  for (let pixel = 0; pixel < side * side; pixel += 1) {
    const [red = 0, green = 0, blue = 0, alpha = 0, count = 1] = sums.subarray(
      pixel * SUMS,
      (pixel + 1) * SUMS,
    );
    const shares = [red, green, blue].map((sum) => Math.round(sum / Math.max(1, alpha)));
    const line = Math.floor(pixel / side);
    lines.set([...shares, Math.round(alpha / count)], pixel * 4 + line + 1);
  }
  return joinPngChunks([
    { type: "IHDR", data: header },
    { type: "IDAT", data: deflateSync(lines) },
    { type: "IEND", data: new Uint8Array() },
  ]);
}
