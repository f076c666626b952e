import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, it } from "vitest";
import { joinPngChunks } from "../../../src/cards/container/png-chunks.ts";
import { readPngLines } from "../../../src/cards/picture/png-lines.ts";
import { shrinkPng } from "../../../src/cards/picture/shrink-png.ts";

const CHANNELS = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 } as const;

interface Drawing {
  readonly width: number;
  readonly height: number;
  readonly colour: keyof typeof CHANNELS;
  readonly filter: number;
  readonly interlace?: number;
  readonly palette?: Uint8Array;
}

/** Filters are undone line by line, so they are done here from the last byte to the first. */
function draw({ colour, filter, height, interlace = 0, palette, width }: Drawing, samples: Buffer) {
  const pixelBytes = CHANNELS[colour];
  const lineBytes = width * pixelBytes;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, colour, 0, 0, interlace], 8);
  const at = (y: number, x: number): number =>
    y < 0 || x < 0 ? 0 : (samples[y * lineBytes + x] ?? 0);
  const lines = Array.from({ length: height }, (_, y) => {
    const line = Array.from({ length: lineBytes }, (__, x) => {
      const near = [at(y, x - pixelBytes), at(y - 1, x), at(y - 1, x - pixelBytes)] as const;
      return at(y, x) - foresee(filter, near);
    });
    return Buffer.from([filter, ...line]);
  });
  return joinPngChunks([
    { type: "IHDR", data: header },
    ...(palette === undefined ? [] : [{ type: "PLTE", data: palette }]),
    { type: "IDAT", data: deflateSync(Buffer.concat(lines)) },
    { type: "IEND", data: new Uint8Array() },
  ]);
}

/** As the specification has it. */
function foresee(filter: number, [a, b, c]: readonly [number, number, number]): number {
  if (filter < 4) return [0, a, b, Math.floor((a + b) / 2)][filter] ?? 0;
  const p = a + b - c;
  const nearest = Math.min(Math.abs(p - a), Math.abs(p - b), Math.abs(p - c));
  return [a, b, c].find((one) => Math.abs(p - one) === nearest) ?? 0;
}

async function pixelsOf(png: Uint8Array | undefined): Promise<number[][][]> {
  const picture = png === undefined ? undefined : await readPngLines(png);
  if (picture === undefined) throw new Error("no picture");
  const { lines, width } = picture;
  return Array.from(lines, (pixelAt) => Array.from({ length: width }, (_, x) => [...pixelAt(x)]));
}

it("keeps a small square picture pixel by pixel, whatever its filters and colours", async () => {
  const colours = fc.constantFrom(0, 2, 4, 6) as fc.Arbitrary<Drawing["colour"]>;
  await fc.assert(
    fc.asyncProperty(
      colours,
      fc.nat(4),
      fc.uint8Array({ minLength: 64, maxLength: 64 }),
      async (colour, filter, bytes) => {
        const samples = Buffer.from(bytes);
        const png = await shrinkPng(draw({ width: 4, height: 4, colour, filter }, samples), 8);
        const shown = (await pixelsOf(png)).flat().filter(([, , , alpha]) => alpha !== 0);
        const expected = Array.from({ length: 16 }, (_, pixel) => {
          const size = CHANNELS[colour];
          const [one = 0, two = 0, three = 0, four = 255] = samples.subarray(
            pixel * size,
            (pixel + 1) * size,
          );
          if (size === 1) return [one, one, one, 255];
          return size === 2 ? [one, one, one, two] : [one, two, three, size === 3 ? 255 : four];
        });
        expect(shown).toEqual(expected.filter(([, , , alpha]) => alpha !== 0));
      },
    ),
    { numRuns: 200 },
  );
});

it("takes the upper middle of a large picture, and evens it out", async () => {
  const [width, height] = [8, 16];
  const samples = Buffer.from(
    Array.from({ length: width * height }, (_, at) => (at < 64 ? (at % 2) * 200 : 255)),
  );
  const png = await shrinkPng(draw({ width, height, colour: 0, filter: 0 }, samples), 4);
  expect(new Set((await pixelsOf(png)).flat(2))).toEqual(new Set([100, 255]));
  expect(await pixelsOf(png)).toHaveLength(4);
});

it("reads a palette", async () => {
  const palette = Buffer.from([10, 20, 30, 40, 50, 60]);
  const drawing = { width: 2, height: 1, colour: 3, filter: 0, palette } as const;
  expect(await pixelsOf(await shrinkPng(draw(drawing, Buffer.from([1, 0])), 8))).toEqual([
    [[40, 50, 60, 255]],
  ]);
});

it("leaves out what it cannot read", async () => {
  const samples = Buffer.alloc(64);
  const whole = draw({ width: 4, height: 4, colour: 6, filter: 0 }, samples);
  const interlaced = draw({ width: 4, height: 4, colour: 6, filter: 0, interlace: 1 }, samples);
  const vast = draw({ width: 4, height: 4, colour: 6, filter: 0 }, samples);
  Buffer.from(vast.buffer, vast.byteOffset).writeUInt32BE(0x7fff_ffff, 16);
  for (const png of [interlaced, vast, whole.subarray(0, 50), Buffer.from("no picture")]) {
    expect(await shrinkPng(png, 8)).toBeUndefined();
  }
});
