import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Picture } from "../../src/cards/card.ts";
import { readCard } from "../../src/cards/read-card.ts";
import { InvalidInput } from "../../src/chat/problem.ts";
import { toProblemText } from "../../src/discord/texts/problems.ts";
import { base64, png, tEXt } from "./card-containers.ts";
import { BROKEN_FILES } from "./broken-files.ts";
import { SOUND_FILES, V2, V3 } from "./card-files.ts";

async function readJson(value: unknown) {
  return readCard(Buffer.from(JSON.stringify(value)));
}

function toHex(picture: Picture | undefined) {
  return picture && { type: picture.type, bytes: Buffer.from(picture.bytes).toString("hex") };
}

describe("a card file", () => {
  it.for(SOUND_FILES)("is read: $fileName", async ({ fileName, bytes, expected }) => {
    const card = await readCard(bytes, fileName);
    const { avatar: _, ...fields } = expected;
    expect(card).toMatchObject(fields);
    const { avatar } = { avatar: card.avatar, ...expected };
    expect(toHex(card.avatar)).toEqual(toHex(avatar));
  });

  it.for(BROKEN_FILES)("is refused in one sentence: $fileName", async ({ bytes, says }) => {
    const error: unknown = await readCard(bytes).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InvalidInput);
    const { de, en } = toProblemText((error as InvalidInput).problem);
    expect(en).toMatch(says);
    for (const sentence of [de, en]) expect(sentence).toMatch(/^[A-Z][^\n]*\.$/);
  });
});

describe("the original", () => {
  it("is kept whole", async () => {
    await expect(readJson(V3)).resolves.toMatchObject({ source: V3 });
  });

  it("leaves the picture without the card", async () => {
    const { avatar } = await readCard(png(tEXt("chara", base64(V2)), tEXt("Title", "mine")));
    const picture = Buffer.from(avatar?.bytes ?? []).toString("latin1");
    expect(picture).toContain("Title");
    expect(picture).not.toContain("chara");
  });
});

describe("a lorebook", () => {
  it("is read as the specifications have it", async () => {
    const { lorebook } = await readJson(V2);
    expect(lorebook).toMatchObject({
      name: "World",
      scanDepth: 3,
      tokenBudget: 500,
      isRecursive: true,
      rest: { extensions: { depth: { deep: [1, 2] } } },
      entries: [
        {
          keys: ["Axel", "town"],
          content: "Axel is a town of beginners.",
          isEnabled: true,
          insertionOrder: 7,
          priority: 10,
          position: "before",
          rest: { id: 3, unknown_field: "kept" },
        },
      ],
    });
  });

  it("is read as SillyTavern writes it into worlds and extensions", async () => {
    const entries = {
      4: { key: ["a"], keysecondary: ["b"], order: 3, disable: true, position: 0 },
      5: { key: ["d"], content: "D", position: 4, depth: 2 },
      6: { keys: ["e"], content: "E", position: "after_char", extensions: { position: 4 } },
      1: {
        keys: ["c"],
        content: "C",
        position: "after_char",
        extensions: {
          match_whole_words: true,
          case_sensitive: true,
          selectiveLogic: 3,
          scan_depth: 2,
          probability: 150,
          useProbability: true,
        },
      },
    };
    const { lorebook } = await readJson({ ...V2.data, character_book: { entries } });
    expect(lorebook?.entries).toMatchObject([
      {
        keys: ["c"],
        matchesWholeWords: true,
        isCaseSensitive: true,
        secondaryRule: "all",
        scanDepth: 2,
        chance: 100,
        isEnabled: true,
        insertionOrder: 100,
      },
      {
        keys: ["a"],
        secondaryKeys: ["b"],
        insertionOrder: 3,
        isEnabled: false,
        position: "before",
        isLate: undefined,
      },
      { keys: ["d"], isLate: true },
      { keys: ["e"], isLate: true },
    ]);
  });
});

const hostileKey = fc.constantFrom("__proto__", "constructor", "prototype", "data", "name", "a");
const hostile = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    fc.constantFrom("x", "polluted", null, 1, true),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(hostileKey, tie("value")), { maxLength: 4 }).map((entries) => ({ entries })),
  ),
})).value;

/** JSON with keys that a plain object could not be given. */
function toHostileJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toHostileJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = (value as { entries: [string, unknown][] }).entries;
  return `{${entries.map(([key, field]) => `${JSON.stringify(key)}:${toHostileJson(field)}`).join(",")}}`;
}

function hasProto(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, "__proto__") || Object.values(value).some(hasProto);
}

it("changes no prototype, and keeps no key that could, whatever a card holds", async () => {
  const before = Object.getOwnPropertyNames(Object.prototype).length;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(hostileKey, hostile), { maxLength: 6 }), async (entries) => {
      const json = toHostileJson({ entries: [["description", "x"], ...entries] });
      const card = await readCard(Buffer.from(json)).catch(() => undefined);
      expect(hasProto(card?.source)).toBe(false);
      expect(Object.getPrototypeOf(card?.source ?? {})).toBe(Object.prototype);
      expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
      expect(Reflect.get({}, "polluted")).toBeUndefined();
    }),
    { numRuns: 300 },
  );
});
