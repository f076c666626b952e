import { array, assert, constantFrom, nat, property } from "fast-check";
import { expect, it } from "vitest";
import { toExcerpt } from "../../../src/chat/memory/excerpt.ts";

const SENTENCES = [
  "It rained all day.",
  "The password is zorvak.",
  "We had soup!",
  "Then we left.",
];
const TEXT = SENTENCES.join(" ");

it("leaves a text as it is that is short enough", () => {
  expect(toExcerpt(TEXT, { length: TEXT.length, about: "soup" })).toBe(TEXT);
});

it("keeps the sentences that share words with what is asked, and says where some are missing", () => {
  expect(toExcerpt(TEXT, { length: 30, about: "the password" })).toBe(
    "… The password is zorvak. …",
  );
  expect(toExcerpt(TEXT, { length: 45, about: "password? left?" })).toBe(
    "… The password is zorvak. … Then we left.",
  );
});

it("keeps the beginning where nothing is shared", () => {
  expect(toExcerpt(TEXT, { length: 20, about: "whales" })).toBe("It rained all day. …");
});

it("cuts a sentence that is too long by itself, and no character in halves", () => {
  expect(toExcerpt("a password " + "😀".repeat(50), { length: 16, about: "password" })).toBe(
    "a password 😀 …",
  );
});

it("is never longer than it may be, and made of the text alone", () => {
  const word = constantFrom("tea", "rum.", "「本」。", "\n", "Why?", "😀", "x".repeat(30));
  assert(
    property(array(word, { maxLength: 60 }), nat(120), (words, length) => {
      const text = words.join(" ");
      const excerpt = toExcerpt(text, { length, about: "tea rum" });
      expect(excerpt.length).toBeLessThanOrEqual(Math.max(length, 2));
      for (const piece of excerpt.split(/\s|…/u)) expect(text).toContain(piece);
    }),
  );
});
