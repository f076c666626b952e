import { expect, it } from "vitest";
import { rankBySharedWords } from "../../../src/chat/memory/shared-words.ts";

it("names what shares most first, and rare words count for more", () => {
  const texts = ["The cat sleeps", "The cat eats fish", "The moon", "Nothing"];
  expect(rankBySharedWords("Does the cat like fish?", texts)).toEqual([1, 0, 2]);
  expect(rankBySharedWords("The CAT's moon", texts)).toEqual([2, 1, 0]);
});

it("names the newest of equals first, and nothing that shares no word", () => {
  expect(rankBySharedWords("tea", ["Tea", "of a", "tea!", "coffee"])).toEqual([2, 0]);
  expect(rankBySharedWords("", ["Tea"])).toEqual([]);
  expect(rankBySharedWords("a of", ["a of"])).toEqual([]);
});

it("knows words in scripts without spaces by their pairs", () => {
  expect(rankBySharedWords("猫が好きですか", ["彼女は猫が好き", "今日は雨"])).toEqual([0]);
  expect(rankBySharedWords("Ёлка где?", ["ёлка", "дом"])).toEqual([0]);
});
