import fc from "fast-check";
import { inflateSync, crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { EMPTY_CARD } from "../../src/cards/card.ts";
import type { Card } from "../../src/cards/card.ts";
import { readCard } from "../../src/cards/read-card.ts";
import { type CardFormat, writeCard } from "../../src/cards/write-card.ts";
import { PIXEL, SOUND_FILES, V1, V2, V3 } from "./card-files.ts";

const FORMATS: readonly CardFormat[] = ["v2-json", "v3-json", "v2-png", "v3-png"];

const EMPTY: Card = { ...EMPTY_CARD, name: "Nobody" };

async function parse(value: unknown): Promise<Card> {
  return readCard(Buffer.from(JSON.stringify(value)));
}

function toJson(bytes: Uint8Array): { spec: string; data: Record<string, unknown> } {
  return JSON.parse(Buffer.from(bytes).toString()) as ReturnType<typeof toJson>;
}

/** The chunks of a picture, as a strict reader takes them. */
function readStrictly(bytes: Uint8Array): { type: string; data: Buffer }[] {
  const buffer = Buffer.from(bytes);
  expect(buffer.subarray(0, 8).toString("hex")).toBe("89504e470d0a1a0a");
  const chunks: { type: string; data: Buffer }[] = [];
  let offset = 8;
  while (offset < buffer.length) {
    const end = offset + 8 + buffer.readUInt32BE(offset);
    expect(buffer.readUInt32BE(end)).toBe(crc32(buffer.subarray(offset + 4, end)));
    const type = buffer.toString("latin1", offset + 4, offset + 8);
    chunks.push({ type, data: buffer.subarray(offset + 8, end) });
    offset = end + 4;
  }
  return chunks;
}

function readTexts(bytes: Uint8Array) {
  const texts = readStrictly(bytes).filter(({ type }) => type === "tEXt");
  return texts.map(({ data }) => {
    const [keyword = "", text = ""] = data.toString("latin1").split("\0");
    return [keyword, toJson(Buffer.from(text, "base64"))] as const;
  });
}

/** What is mended or left out on reading is no loss. */
function isStorable(value: unknown): boolean {
  return !/\\u0000|__proto__/.test(JSON.stringify(value));
}

/** All that the model or people see of it; pictures and the original are looked at elsewhere. */
function contentOf(card: Card): Omit<Card, "avatar" | "source"> {
  const { avatar: _, source: __, ...content } = card;
  return content;
}

describe("a card that was written", () => {
  it.for(FORMATS)("says the same when it is read again: %s", async (format) => {
    for (const { bytes, fileName } of SOUND_FILES) {
      const card = await readCard(bytes, fileName);
      const again = await readCard(writeCard(card, { format }));
      expect(contentOf(again), fileName).toEqual(contentOf(card));
      const twice = await readCard(writeCard(again, { format }));
      expect(twice, fileName).toEqual(again);
    }
  });

  it("has every field that the original had", async () => {
    const card = await parse(V3);
    expect(toJson(writeCard(card, { format: "v3-json" }))).toMatchObject(V3);
    const { spec, ...v2 } = toJson(writeCard(card, { format: "v2-json" }));
    expect(spec).toBe("chara_card_v2");
    expect(v2).toMatchObject({ spec_version: "2.0", data: V3.data });
  });

  it("has the fields of a flat original in the place that V2 gives them", async () => {
    const card = await parse({ ...V1, fav: true, create_date: "2023", extensions: { a: 1 } });
    expect(toJson(writeCard(card, { format: "v2-json" }))).toEqual({
      spec: "chara_card_v2",
      spec_version: "2.0",
      fav: true,
      create_date: "2023",
      data: {
        ...V1,
        creator_notes: "",
        system_prompt: "",
        post_history_instructions: "",
        alternate_greetings: [],
        tags: [],
        creator: "",
        character_version: "",
        extensions: { a: 1 },
      },
    });
  });

  it("has what was changed since", async () => {
    const card = await parse({ ...V1, ...V2 });
    const lorebook = { entries: [], rest: { kept: 1 }, name: "New" };
    const changed = { ...card, name: "Other", description: "", tags: ["x"], lorebook };
    for (const format of FORMATS) {
      const again = await readCard(writeCard(changed, { format }));
      expect(again).toMatchObject({ name: "Other", description: "", tags: ["x"], lorebook });
    }
  });

  it("has no lorebook once that was taken out", async () => {
    const card = await parse(V2);
    const again = writeCard({ ...card, lorebook: undefined }, { format: "v2-json" });
    expect(toJson(again).data).not.toHaveProperty("character_book");
  });

  it("needs no original", async () => {
    const again = await readCard(writeCard(EMPTY, { format: "v3-png" }));
    expect(contentOf(again)).toEqual(contentOf(EMPTY));
    expect(again.source).toMatchObject({ data: { group_only_greetings: [], extensions: {} } });
  });

  it("loses nothing, whatever its original held", async () => {
    const names = fc.constantFrom("name", "tags", "data", "x", "extensions", "description", "__a");
    const values = fc.jsonValue({ maxDepth: 2, stringUnit: "grapheme" }).filter(isStorable);
    const unknown = fc.dictionary(fc.string({ unit: "grapheme" }), values).filter(isStorable);
    const clean = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
    await fc.assert(
      fc.asyncProperty(unknown, fc.dictionary(names, values), async (extra, odd) => {
        const original = { ...V2, odd: clean(odd), data: { ...V2.data, extensions: clean(extra) } };
        const card = await parse(original);
        expect(card.source).toEqual(original);
        for (const format of FORMATS) {
          const again = await readCard(writeCard(card, { format }));
          const { spec: _, spec_version: __, ...rest } = original;
          expect(again.source).toMatchObject(rest);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("a picture that was written", () => {
  it("holds V2, and V3 beside it, as the specifications say", async () => {
    const card = await parse(V3);
    const [v2, v3] = readTexts(writeCard(card, { format: "v3-png" }));
    expect(v2).toMatchObject(["chara", { spec: "chara_card_v2", data: V2.data }]);
    expect(v3).toMatchObject(["ccv3", V3]);
    expect(readTexts(writeCard(card, { format: "v2-png" })).map(([keyword]) => keyword)).toEqual([
      "chara",
    ]);
  });

  it("is the card's own, or the one that is given", async () => {
    const card = { ...EMPTY, avatar: { bytes: PIXEL, type: "image/png" } as const };
    const width = (bytes: Uint8Array) => readStrictly(bytes)[0]?.data.readUInt32BE(0);
    expect(width(writeCard(card, { format: "v2-png" }))).toBe(1);
    const bytes = writeCard(EMPTY, { format: "v2-png" });
    const avatar = { bytes, type: "image/png" } as const;
    const given = writeCard(card, { format: "v3-png", avatar });
    expect(width(given)).toBe(64);
    expect(readTexts(given)).toHaveLength(2);
  });

  it("is a sound default where there is none that PNG files can hold", () => {
    const avatar = { bytes: new Uint8Array([0xff, 0xd8, 0xff]), type: "image/jpeg" } as const;
    const chunks = readStrictly(writeCard(EMPTY, { format: "v2-png", avatar }));
    const [header, pixels] = chunks;
    expect(chunks.map(({ type }) => type)).toEqual(["IHDR", "IDAT", "tEXt", "IEND"]);
    const side = header?.data.readUInt32BE(4) ?? 0;
    expect(inflateSync(pixels?.data ?? Buffer.alloc(0))).toHaveLength(side * (side + 1));
  });
});
