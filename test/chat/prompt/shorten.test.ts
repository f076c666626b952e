import { array, assert, asyncProperty, constantFrom, integer, pre, string } from "fast-check";
import { expect, it } from "vitest";
import { LEFT_OUT_MARK, shortenToTokens } from "../../../src/chat/prompt/shorten.ts";

type Count = (text: string) => Promise<number>;

const countBytes: Count = async (text) => Buffer.byteLength(text);
const countUnits: Count = async (text) => text.length;
/** Like a tokenizer: a word is about one token, whatever its length. */
const countWords: Count = async (text) => text.match(/\w+|\W/g)?.length ?? 0;

const counts = constantFrom(countBytes, countUnits, countWords);
const texts = string({ unit: "binary", minLength: 200, maxLength: 2_000, size: "max" });
const limits = integer({ min: 60, max: 400 });

/** Only texts over the limit are shortened. */
async function shortenLong(text: string, limit: number, count: Count): Promise<string> {
  pre((await count(text)) > limit);
  return await shortenToTokens(text, limit, count);
}

it("never leaves more tokens than the limit", async () => {
  await assert(
    asyncProperty(texts, limits, counts, async (text, limit, count) => {
      const shortened = await shortenLong(text, limit, count);
      expect(await count(shortened)).toBeLessThanOrEqual(limit);
    }),
  );
});

it("holds the limit where a longer text may have fewer tokens", async () => {
  const words = array(constantFrom("a", " ", "b1", "…", "😀"), { minLength: 300, maxLength: 900 });
  await assert(
    asyncProperty(words, limits, async (pieces, limit) => {
      const shortened = await shortenLong(pieces.join(""), limit, countWords);
      expect(await countWords(shortened)).toBeLessThanOrEqual(limit);
    }),
  );
});

it("keeps the beginning and the end, and marks what was left out between them", async () => {
  await assert(
    asyncProperty(texts, limits, counts, async (text, limit, count) => {
      const shortened = await shortenLong(text, limit, count);
      const markAt = shortened.indexOf(LEFT_OUT_MARK);
      expect(markAt).toBeGreaterThanOrEqual(0);
      expect(text.startsWith(shortened.slice(0, markAt))).toBe(true);
      expect(text.endsWith(shortened.slice(markAt + LEFT_OUT_MARK.length))).toBe(true);
    }),
  );
});

it("gives the same result each time", async () => {
  await assert(
    asyncProperty(texts, limits, counts, async (text, limit, count) => {
      expect(await shortenLong(text, limit, count)).toBe(await shortenLong(text, limit, count));
    }),
  );
});

it("keeps as much as the limit allows", async () => {
  const shortened = await shortenToTokens("x".repeat(5_000), 1_000, countUnits);
  expect(shortened).toHaveLength(1_000);
});

it("never cuts a character in two", async () => {
  const text = "😀".repeat(1_000);
  for (let limit = 200; limit < 216; limit += 1) {
    const shortened = await shortenToTokens(text, limit, countBytes);
    expect(shortened.replace(LEFT_OUT_MARK, "")).toMatch(/^(?:😀)+$/u);
  }
});

it("leaves the mark alone where nothing else fits", async () => {
  expect(await shortenToTokens("x".repeat(100), 1, countUnits)).toBe(LEFT_OUT_MARK);
});

it("counts a text of a million characters no more than twenty times", async () => {
  let calls = 0;
  await shortenToTokens("x".repeat(1_000_000), 4_096, async (text) => {
    calls += 1;
    return text.length;
  });
  expect(calls).toBeLessThanOrEqual(20);
});
