import * as fc from "fast-check";
import { expect, it } from "vitest";
import { MESSAGE_LIMIT } from "../../../src/discord/reply/split-reply.ts";
import { foldThoughts } from "../../../src/discord/reply/thoughts-layout.ts";

const HEADING = "💭 Thoughts";
const FOLDED = /^-# 💭 Thoughts\n\|\| ([^]+) \|\|$/;

function insideOf(thoughts: string): string | undefined {
  return FOLDED.exec(foldThoughts(thoughts, HEADING) ?? "")?.[1];
}

const thoughts = fc
  .array(
    fc.oneof(
      fc.constantFrom("|", "||", "`", "```", "```ts\n", "\n", "\\", "👩‍👩‍👧‍👦", "🇩🇪", "\ud83d", "…"),
      fc.lorem({ mode: "sentences", maxCount: 9 }),
    ),
    { maxLength: 80, size: "max" },
  )
  .map((pieces) => pieces.join(""));

it("hides thoughts behind a click, under a heading in small print", () => {
  expect(foldThoughts("\nShe asks for `tea`.\n\nSo tea.\n", HEADING)).toBe(
    "-# 💭 Thoughts\n|| She asks for `tea`.\n\nSo tea. ||",
  );
});

it("makes no message of blank thoughts", () => {
  expect(foldThoughts(" \n ", HEADING)).toBeUndefined();
});

it("leaves out the middle of thoughts that are longer than a message", () => {
  const inside = insideOf(`First. ${"And then. ".repeat(400)}Last.`);
  expect(inside).toMatch(/^First\. And then\. /);
  expect(inside).toMatch(/ And then\. Last\.$/);
  expect(inside?.split("\n…\n")).toHaveLength(2);
});

it("fills one message at most, whatever the thoughts, and lets nothing in them end the spoiler", () => {
  fc.assert(
    fc.property(thoughts, (text) => {
      const folded = foldThoughts(text, HEADING);
      if (text.trim() === "") return;
      expect(folded).toMatch(FOLDED);
      expect(folded?.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
      expect(insideOf(text)).not.toMatch(/\|\||```|\p{Surrogate}/u);
    }),
    { numRuns: 300 },
  );
});

it("shows thoughts that fit in full", () => {
  const plain = "x".repeat(MESSAGE_LIMIT - "-# 💭 Thoughts\n||  ||".length);
  expect(insideOf(plain)).toBe(plain);
});

it("cuts no character in two", () => {
  const inside = insideOf("👩‍👩‍👧‍👦".repeat(300)) ?? "";
  expect(inside.replaceAll("👩‍👩‍👧‍👦", "")).toBe("\n…\n");
});
