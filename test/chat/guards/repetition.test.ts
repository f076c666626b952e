import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RepetitionGuard } from "../../../src/chat/guards/repetition.ts";

/** Where the text is to end, when it grows by so many characters at a time. */
function read(text: string, step = text.length): number | undefined {
  const guard = new RepetitionGuard();
  for (let length = step; length < text.length; length += step) {
    const end = guard.read(text.slice(0, length));
    if (end !== undefined) return end;
  }
  return guard.read(text);
}

function cut(text: string): string {
  return text.slice(0, read(text));
}

const PROSE =
  "The lighthouse stood on the last rock before the open sea, and its keeper counted ships. " +
  "On clear days he saw forty; in fog he only heard their horns, and guessed at their size.\n\n";

const sentence = "I am sorry, I can not do that. ";

describe("a passage that comes again and again", () => {
  it("is left standing once", () => {
    expect(cut(`${PROSE}${sentence.repeat(20)}`)).toBe(`${PROSE}${sentence}`);
  });

  it.each([
    ["a word", "ha ", 100],
    ["one sign", "!", 500],
    ["a line", "- Buy milk and bread\n", 9],
    ["two paragraphs", `${PROSE}${PROSE.toUpperCase()}`, 5],
    ["emoji", "😀", 300],
  ])("is noticed, be it %s", (_, passage, times) => {
    const text = `Well then:\n${passage.repeat(times)}`;
    const kept = cut(text);
    expect(kept.length).toBeLessThan("Well then:\n".length + 3 * passage.length);
    expect(kept).toContain(passage.trim());
    // Half a character would be one of these.
    expect(kept).not.toMatch(/\p{Cs}/u);
  });

  it("is cut at the same place however the stream is cut", () => {
    const text = `${PROSE}${sentence.repeat(20)}`;
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), (step) => {
        expect(read(text, step)).toBe(read(text));
      }),
    );
  });

  it("keeps at least one passage and less than two, whatever it is and stands after", () => {
    const passages = fc.stringMatching(/^[a-z]{3}[a-z ,.\n]{13,200}$/);
    fc.assert(
      fc.property(passages, fc.string({ maxLength: 300 }), (passage, before) => {
        const end = read(before + passage.repeat(12)) ?? Number.POSITIVE_INFINITY;
        expect(end).toBeGreaterThanOrEqual(passage.length);
        expect(end).toBeLessThan(before.length + 2 * passage.length);
      }),
    );
  });
});

describe("what people want to see", () => {
  const numbers = Array.from({ length: 100 }, (_, index) => index + 1);

  it.each([
    ["prose", PROSE],
    ["a refrain", `${"And the wheel goes round and round.\n".repeat(3)}The end.`.padEnd(200, "…")],
    ["a list", numbers.map((number) => `${number}. Item number ${number}\n`).join("")],
    ["a table", `| Name | Age |\n|${"---|".repeat(12)}\n${"|  |  |  |\n".repeat(8)}`.repeat(1)],
    ["rulers", `${"=".repeat(120)}\nTitle\n${"=".repeat(120)}\nText\n${"-".repeat(120)}\n`],
    ["a box", `+${"-".repeat(28)}+\n${`|${" ".repeat(28)}|\n`.repeat(8)}+${"-".repeat(28)}+\n`],
    [
      "indented code",
      `${" ".repeat(100)}if (a) {\n${" ".repeat(100)}  b();\n${" ".repeat(100)}}\n`.repeat(3),
    ],
    ["a progression", numbers.join(", ")],
    ["laughter", `${"ha".repeat(30)}! That was good.`.padEnd(130, ".")],
  ])("is left alone: %s", (_, text) => {
    expect(read(text, 4)).toBeUndefined();
  });

  it("is left alone: anything in which no passage comes four times in a row", () => {
    fc.assert(
      fc.property(fc.array(fc.uuid(), { minLength: 5, maxLength: 40 }), (uuids) => {
        const twice = uuids.flatMap((uuid) => [uuid, uuid, uuid]);
        const text = twice.filter((uuid, index) => uuid !== twice[index - 3]).join("\n");
        expect(read(text, 7)).toBeUndefined();
      }),
    );
  });
});

it("takes a text of any length in its stride", () => {
  const text = Array.from({ length: 20_000 }, (_, index) => `${index * 7_919} `).join("");
  const guard = new RepetitionGuard();
  for (let length = 0; length <= text.length; length += 4) guard.read(text.slice(0, length));
  expect(guard.read(text)).toBeUndefined();
});
