import fc from "fast-check";
import { expect, it } from "vitest";
import { hasWakeWord } from "../../../src/chat/settings/wake-words.ts";

const heard: readonly [string, string][] = [
  ["Fam", "fam, are you there?"],
  ["fam", "Hey FAM!"],
  ["fam", "hey\nfam\nhey"],
  ["hey you", "Oh, hey   you there"],
  ["Füchschen", "füchschen?"],
  ["straße", "In der STRASSE."],
  ["ΟΔΟΣ", "η οδος μου"],
  ["café", "Ein cafe\u0301, bitte"],
  ["!ask", "so !ask me"],
  ["c++", "I like C++."],
  ["小助手", "你好小助手在吗"],
  ["fam", "＠ｆａｍ"],
];

it.each(heard)("hears %j in %j", (word, text) => {
  expect(hasWakeWord(text, ["nothing", word])).toBe(true);
});

const unheard: readonly [string, string][] = [
  ["fam", "family"],
  ["fam", "infamous"],
  ["fam", "fam2"],
  ["fam", "fam_iliar"],
  ["bar", "Bär"],
  ["cafe", "cafe\u0301"],
  ["hey you", "hey, you"],
  [".", "Nothing"],
  ["a.c", "abc"],
];

it.each(unheard)("does not hear %j in %j", (word, text) => {
  expect(hasWakeWord(text, [word])).toBe(false);
});

it("hears any word alone between spaces, in any case, and nothing without words", () => {
  const words = fc.stringMatching(/^[\p{L}\p{N}]{1,12}$/u);
  fc.assert(
    fc.property(words, fc.string(), fc.string(), (word, before, after) => {
      expect(hasWakeWord(`${before} ${word.toUpperCase()} ${after}`, [word])).toBe(true);
      expect(hasWakeWord(before, [])).toBe(false);
    }),
  );
});

it("takes no time for a long text that nearly matches", () => {
  const words = Array.from({ length: 20 }, (_, index) => `${"a ".repeat(20)}${index}`);
  expect(hasWakeWord("a ".repeat(2_000), words)).toBe(false);
});
