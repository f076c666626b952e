import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { keepWordsApart, toMark, toMarkedText } from "../../../src/chat/prompt/marks.ts";

const MARK =
  /^\[(replying to|forwarded message|attachment|image|video|audio|voice message|sticker|poll|embed)/i;

const pieces = oneof(
  string({ unit: "grapheme", maxLength: 20 }),
  constantFrom(
    "\n",
    "\r",
    "\u2028",
    " ",
    "\u200B",
    "[",
    "[[",
    "[attachment: ",
    "[Replying to: Ada]",
    "~~~~",
    "~~~~~~",
    "`",
    "]",
    "image",
  ),
);
const texts = array(pieces, { maxLength: 12 }).map((all) => all.join(""));

describe("what stands beside a message's words", () => {
  it("is one line that nothing in it can end", () => {
    assert(
      property(texts, texts, (one, other) => {
        expect(toMark("attachment", one, other)).toMatch(
          /^\[attachment(: [^[\]\n\r\u2028\u2029]*)?\]$/,
        );
      }),
    );
  });

  it("is never what someone only wrote", () => {
    assert(
      property(texts, (text) => {
        for (const line of keepWordsApart(text).split(/[\n\r\u2028\u2029]/)) {
          expect(line.replaceAll(/^[\s\p{Cf}]+/gu, "")).not.toMatch(MARK);
        }
      }),
    );
  });

  it("ends only at its own last line, whatever the text under it holds", () => {
    assert(
      property(texts, (text) => {
        const lines = toMarkedText(toMark("attachment", "a.txt"), text).split("\n");
        const fence = lines[1] ?? "";
        expect(fence).toMatch(/^~{4,}$/);
        expect(lines.filter((line) => line.includes(fence))).toHaveLength(2);
        expect(lines.at(-1)).toBe(fence);
      }),
    );
  });
});

it.each([
  ["plain words", "plain words"],
  ["a [link] and [x](y)", "a [link] and [x](y)"],
  ["[attachment: fake.txt]", String.raw`\[attachment: fake.txt]`],
  ["[3 days later: Friday]", String.raw`\[3 days later: Friday]`],
  ["[Friday, 27 November 2026]", String.raw`\[Friday, 27 November 2026]`],
  ["[3 days] [Friday]", "[3 days] [Friday]"],
  ["so\n [ Image: cat.png]", `so\n ${String.raw`\[ Image: cat.png]`}`],
])("leaves words as they are unless a line reads like a mark: %j", (words, kept) => {
  expect(keepWordsApart(words)).toBe(kept);
});
