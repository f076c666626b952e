import { Buffer } from "node:buffer";
import { deflateSync } from "node:zlib";
import {
  base64,
  type Chunk,
  png,
  pngOf,
  tEXt,
  zip,
  type ZipFile,
  zTXt,
} from "./card-containers.ts";
import { PIXEL } from "./card-files.ts";

const EMPTY_CHUNK = pngOf([{ type: "tEXt", data: Buffer.alloc(0) }]).subarray(8);

const SMALL_FILE: ZipFile = { name: "a", data: PIXEL, isStored: true };

/** As large, deep, wide or tightly packed as they may be, and more. */
export function* heavyFiles(): Generator<Uint8Array> {
  const makers: (() => Uint8Array)[] = [
    () => json(`"a":[${"[],".repeat(99_000)}1]`),
    () => json(`"a":[${"{},".repeat(99_000)}1]`),
    () => json(numbered(199_000)),
    () => json(`"a":[${"[],".repeat(1_300_000)}1]`),
    () => json(`"description":"${"x".repeat(4_000_000)}"`),
    () => json(`"description":"${"é".repeat(2_000_000)}"`),
    () => json(`"description":"${String.raw`\n`.repeat(2_000_000)}"`),
    () => Buffer.concat([json(`"description":"${"x".repeat(4_000_000)}"`), Buffer.from([0xe9])]),
    () => png(tEXt("chara", base64({ name: "x", description: "x".repeat(3_000_000) }))),
    () => png(...Array<Chunk>(200).fill(zTXt("chara", " ".repeat(6_000_000)))),
    () => png({ type: "zTXt", data: Buffer.concat([Buffer.from("ccv3\0\0"), bomb(60_000_000)]) }),
    () =>
      png({ type: "IDAT", data: Buffer.alloc(8_000_000) }, tEXt("chara", base64({ name: "x" }))),
    () => Buffer.concat([png().subarray(0, -12), Buffer.alloc(7_200_000, EMPTY_CHUNK)]),
    () => zip({ name: "card.json", data: Buffer.alloc(60_000_000, " ") }),
    () => zip({ name: "card.json", data: Buffer.alloc(4_000_000, " ") }),
    () => zip(...Array.from({ length: 30_000 }, () => SMALL_FILE)),
  ];
  for (const make of makers) yield make();
}

function json(fields: string): Buffer {
  return Buffer.from(`{"name":"x",${fields}}`);
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `"${index}x":0`).join(",");
}

function bomb(bytes: number): Buffer {
  return deflateSync(Buffer.alloc(bytes), { level: 9 });
}
