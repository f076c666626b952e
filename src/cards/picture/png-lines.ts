import { Buffer } from "node:buffer";
import { inflateWithin } from "../container/inflate.ts";
import { readPngChunks } from "../container/png-chunks.ts";

/** What is unpacked of one picture, in bytes: 6 million pixels with transparency. */
const MAX_UNPACKED_BYTES = 24 * 1024 * 1024;
const HEADER_BYTES = 13;

/** Samples of a pixel, by the type of colour; 3 is a place in the palette. */
const CHANNELS: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

/** By the bits of a sample. */
const SAMPLE_BYTES: Readonly<Record<number, number>> = { 8: 1, 16: 2 };

type Rgba = readonly [red: number, green: number, blue: number, alpha: number];

export interface PngLines {
  readonly width: number;
  readonly height: number;
  /** From top to bottom. Each line is gone when the next one is read. */
  readonly lines: Iterable<(x: number) => Rgba>;
}

interface Header {
  readonly width: number;
  readonly height: number;
  readonly colour: number;
  /** Of one sample: 1, or 2, of which the first says enough. */
  readonly sampleBytes: number;
  readonly pixelBytes: number;
}

/**
 * The pixels of a PNG. Undefined where it is damaged, large, interlaced, or has less than a byte for
 * a sample.
 *
 * @see https://www.w3.org/TR/png-3/
 */
export async function readPngLines(bytes: Uint8Array): Promise<PngLines | undefined> {
  const chunks = [...readPngChunks(bytes)];
  const find = (type: string) => chunks.find((chunk) => chunk.type === type)?.data;
  const header = parseHeader(find("IHDR"));
  if (header === undefined) return undefined;
  const maxBytes = (header.width * header.pixelBytes + 1) * header.height;
  if (maxBytes > MAX_UNPACKED_BYTES) return undefined;
  const packed = chunks.filter(({ type }) => type === "IDAT").map(({ data }) => data);
  const unpacked = await inflateWithin(Buffer.concat(packed), { isRaw: false, maxBytes });
  if (unpacked?.length !== maxBytes) return undefined;
  const palette = { colours: find("PLTE"), alphas: find("tRNS") };
  const { height, width } = header;
  return { width, height, lines: decodeLines(unpacked, header, palette) };
}

function parseHeader(data: Uint8Array | undefined): Header | undefined {
  if (data?.length !== HEADER_BYTES) return undefined;
  const view = Buffer.from(data);
  const [width, height] = [view.readUInt32BE(0), view.readUInt32BE(4)];
  const sampleBytes = SAMPLE_BYTES[view.readUInt8(8)];
  const colour = view.readUInt8(9);
  const channels = CHANNELS[colour];
  const isInterlaced = view.readUInt8(12) !== 0;
  if (channels === undefined || sampleBytes === undefined || isInterlaced) return undefined;
  if (width === 0 || height === 0) return undefined;
  return { width, height, colour, sampleBytes, pixelBytes: channels * sampleBytes };
}

interface Palette {
  readonly colours: Uint8Array | undefined;
  readonly alphas: Uint8Array | undefined;
}

function* decodeLines(
  unpacked: Uint8Array,
  header: Header,
  palette: Palette,
): Generator<(x: number) => Rgba> {
  const { height, pixelBytes, width } = header;
  const lineBytes = width * pixelBytes;
  const format = { ...header, ...palette };
  let before: Uint8Array = new Uint8Array(lineBytes);
  for (let y = 0; y < height; y += 1) {
    const start = y * (lineBytes + 1);
    const line = unpacked.subarray(start + 1, start + 1 + lineBytes);
    unfilter(line, before, { filter: unpacked[start] ?? 0, pixelBytes });
    yield (x) => toRgba(line, x * pixelBytes, format);
    before = line;
  }
}

interface Filtered {
  readonly filter: number;
  readonly pixelBytes: number;
}

function unfilter(line: Uint8Array, before: Uint8Array, { filter, pixelBytes }: Filtered): void {
  if (filter === 0) return;
  for (let at = 0; at < line.length; at += 1) {
    const left = line[at - pixelBytes] ?? 0;
    const up = before[at] ?? 0;
    let foreseen = left;
    if (filter === 2) foreseen = up;
    else if (filter === 3) foreseen = (left + up) >> 1;
    else if (filter === 4) foreseen = foresee(left, up, before[at - pixelBytes] ?? 0);
    line[at] = (line[at] ?? 0) + foreseen;
  }
}

/** Paeth's: whichever of the three is nearest to a plane through them. */
function foresee(left: number, up: number, upLeft: number): number {
  const byLeft = Math.abs(up - upLeft);
  const byUp = Math.abs(left - upLeft);
  const byUpLeft = Math.abs(left + up - 2 * upLeft);
  if (byLeft <= byUp && byLeft <= byUpLeft) return left;
  return byUp <= byUpLeft ? up : upLeft;
}

type Format = Header & Palette;

function toRgba(line: Uint8Array, at: number, format: Format): Rgba {
  const { alphas, colour, colours, sampleBytes } = format;
  const sample = (index: number): number => line[at + index * sampleBytes] ?? 0;
  if (colour === 3) {
    const place = sample(0);
    const of = (index: number): number => colours?.[place * 3 + index] ?? 0;
    return [of(0), of(1), of(2), alphas?.[place] ?? 255];
  }
  const isGrey = colour === 0 || colour === 4;
  const hasAlpha = colour === 4 || colour === 6;
  if (isGrey) return [sample(0), sample(0), sample(0), hasAlpha ? sample(1) : 255];
  return [sample(0), sample(1), sample(2), hasAlpha ? sample(3) : 255];
}
