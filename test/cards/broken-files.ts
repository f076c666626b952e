import { Buffer } from "node:buffer";
import { base64, png, tEXt, zip, zTXt } from "./card-containers.ts";
import { BOOK, charx, flat, JPEG, json, PIXEL, V2, V3 } from "./card-files.ts";

export interface BrokenFile {
  readonly fileName: string;
  readonly bytes: Uint8Array;
  readonly says: RegExp;
}

export const BROKEN_FILES: readonly BrokenFile[] = [
  broken("empty.json", Buffer.alloc(0), /is empty/),
  broken("text.txt", Buffer.from("Dear diary"), /neither JSON nor PNG/),
  broken("cut.json", json(V2).subarray(0, 200), /ends too early/),
  broken("comma.json", Buffer.from(`{"name":"x",}`), /cannot be read/),
  broken("list.json", json([V2]), /no object/),
  broken("other.json", json({ hello: "world", version: 3 }), /holds no character/),
  broken("nothing.json", json({ spec: "chara_card_v2", data: {} }), /holds no character/),
  broken("lorebook.json", json({ name: "World", entries: { 0: {} } }), /lorebook alone/),
  broken("lorebook-v3.json", json({ spec: "lorebook_v3", data: BOOK }), /lorebook alone/),
  broken("deep.json", Buffer.from(`{"name":"x","a":${"[".repeat(200_000)}`), /100 levels/),
  broken("wide.json", Buffer.from(`{"name":"x","a":[${"[],".repeat(300_000)}1]}`), /200,000/),
  broken("long.json", flat({ description: "x".repeat(5_000_000) }), /4 MiB/),
  broken("huge.bin", Buffer.alloc(9_000_000), /8 MiB/),
  broken("plain.png", png(), /picture holds no character/),
  broken("other.png", png(tEXt("Comment", "made by hand")), /picture holds no character/),
  broken("empty.png", png(tEXt("chara", "")), /damaged/),
  broken("noise.png", png(tEXt("chara", "AAAA")), /damaged/),
  broken("cut.png", png(tEXt("chara", base64(V2))).subarray(0, 300), /picture holds no character/),
  broken("bad-stream.png", png({ ...zTXt("chara", "x"), type: "iTXt" }), /damaged/),
  broken("photo.jpg", JPEG, /other pictures lose/),
  broken("cut.charx", charx(V3).subarray(0, -40), /damaged or incomplete/),
  broken("no-card.charx", zip({ name: "readme.txt", data: PIXEL }), /no card.json/),
  broken("locked.charx", zip({ name: "card.json", data: json(V3), isEncrypted: true }), /password/),
  broken("method.charx", zip({ name: "card.json", data: json(V3), method: 12 }), /deflate/),
  broken("bomb.charx", zip({ name: "card.json", data: Buffer.alloc(50_000_000) }), /4 MiB/),
  broken("bomb.png", png(zTXt("chara", " ".repeat(50_000_000))), /damaged/),
];

function broken(fileName: string, bytes: Uint8Array, says: RegExp): BrokenFile {
  return { fileName, bytes, says };
}
