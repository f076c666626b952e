import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MESSAGE_LIMIT,
  ReplySplitter,
  type TextPart,
} from "../../../src/discord/reply/split-reply.ts";

const HALF_CHARACTER = /\p{Surrogate}/u;

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

function split(text: string, limit?: number): readonly TextPart[] {
  return new ReplySplitter(limit).splitWhole(text);
}

function contents(text: string, limit?: number): readonly string[] {
  return split(text, limit).map(({ content }) => content);
}

function words(count: number): string {
  return "word ".repeat(count).trim();
}

/** The fences of a message must come in pairs, as a reader of Markdown pairs them. */
function hasOpenFence(content: string): boolean {
  let open: string | undefined;
  for (const line of content.split("\n")) {
    if (open === undefined) {
      open = /^ {0,3}(`{3,32}(?!`)|~{3,32}(?!~))(?=[^`]*$)/.exec(line)?.[1];
      continue;
    }
    const close = /^ {0,6}(`+|~+)\s*$/.exec(line)?.[1];
    const isClosing = close?.startsWith(open) === true && close.length <= 32;
    if (isClosing) open = undefined;
  }
  return open !== undefined;
}

const markdown = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.lorem({ mode: "sentences", maxCount: 6 }) },
      { weight: 2, arbitrary: fc.constantFrom("\n", "\n\n", "\r\n", " ", "\t") },
      {
        weight: 2,
        arbitrary: fc.constantFrom(
          "\n```ts\nconst answer = 42;\n    indented();\n```\n",
          "\n```\n",
          "\n````md\n```js\nnested\n```\n````\n",
          '\n~~~python title="x"\nprint()\n~~~\n',
          "\n- item\n  ```sh\n  ls\n  ```\n",
          "```inline```",
          "\n1. first line of an item\n",
          "`code with spaces`",
          "[a link](https://example.com/a/b)",
        ),
      },
      { weight: 1, arbitrary: fc.constantFrom("👩‍👩‍👧‍👦", "🇩🇪", "é", "न्दी", "你好。", "😀") },
      { weight: 1, arbitrary: fc.string({ unit: "grapheme", maxLength: 80 }) },
      { weight: 1, arbitrary: fc.nat(300).map((length) => "x".repeat(length)) },
    ),
    { maxLength: 40, size: "max" },
  )
  .map((pieces) => pieces.join(""));

/** Marks in every disorder, from a few of them at a time. */
const marks = fc
  .shuffledSubarray(
    [
      "`",
      "``",
      "```",
      "~",
      "~~~",
      "\n",
      "\r\n",
      " ",
      "    ",
      "- ",
      "1. ",
      "```js\n",
      "\n```\n",
    ].concat(["[a](", "`b` ", ". ", "word ", "a", "é", "😀", "x".repeat(40)]),
    { minLength: 1 },
  )
  .chain((pieces) => fc.array(fc.constantFrom(...pieces), { maxLength: 300, size: "max" }))
  .map((pieces) => pieces.join(""));

const anything = fc.oneof(markdown, marks);

/** Small limits make many cuts; the smallest is far above what a fence costs. */
const limits = fc.constantFrom(150, 233, 500, MESSAGE_LIMIT);

describe("the parts of a whole reply", () => {
  it("put together give the exact text, each within the limit and none blank", () => {
    fc.assert(
      fc.property(anything, limits, (text, limit) => {
        const parts = split(text, limit);
        if (text.trim() === "") return parts.length === 0;
        expect(parts.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
        expect(parts[0]?.start).toBe(0);
        for (const [index, part] of parts.entries()) {
          expect(part.content.length).toBeLessThanOrEqual(limit);
          expect(part.content.trim()).not.toBe("");
          expect(text.slice(part.start, part.end).trim()).not.toBe("");
          expect(part.start).toBe(parts[index - 1]?.end ?? 0);
          expect(part.content).toContain(text.slice(part.start, part.end).trim());
        }
        return true;
      }),
      { numRuns: 400 },
    );
  });

  it("leave no code block open but the one that the text itself leaves open at a place", () => {
    fc.assert(
      fc.property(markdown, limits, (text, limit) => {
        const parts = split(text, limit);
        for (const { content } of parts) expect(hasOpenFence(content)).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it("are cut between graphemes", () => {
    fc.assert(
      fc.property(anything, limits, (text, limit) => {
        const starts = new Set(Array.from(graphemes.segment(text), ({ index }) => index));
        for (const { start } of split(text, limit))
          expect(start === 0 || starts.has(start)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("are the same however the text came", () => {
    fc.assert(
      fc.property(
        anything,
        limits,
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 20 }),
        (text, limit, sizes) => {
          const splitter = new ReplySplitter(limit);
          let length = 0;
          for (let step = 0; length < text.length; step += 1) {
            length += sizes[step % sizes.length] ?? 1;
            splitter.splitDraft(text.slice(0, length));
          }
          expect(splitter.splitWhole(text)).toEqual(split(text, limit));
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("the parts of a draft", () => {
  it("are valid messages at every length, and final before the last", () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(150, 300), (text, limit) => {
        const whole = split(text, limit);
        const splitter = new ReplySplitter(limit);
        const stride = 1 + Math.floor(text.length / 150);
        for (let length = 0; length <= text.length; length += stride) {
          const parts = splitter.splitDraft(text.slice(0, length));
          expect(parts.slice(0, -1)).toEqual(whole.slice(0, Math.max(0, parts.length - 1)));
          const last = parts.at(-1);
          if (last === undefined) continue;
          expect(last.content.length).toBeLessThanOrEqual(limit);
          expect(last.content.trim()).not.toBe("");
          expect(last.content).not.toMatch(HALF_CHARACTER);
        }
      }),
      { numRuns: 150 },
    );
  });

  it("close their code blocks at every length", () => {
    const text =
      "Look:\n\n```ts\nconst a = 1;\n\nconst b = `x`;\n```\n\nand\n~~~\nraw\n~~~\n".repeat(9);
    const splitter = new ReplySplitter(200);
    for (let length = 0; length <= text.length; length += 1) {
      for (const { content } of splitter.splitDraft(text.slice(0, length))) {
        expect(hasOpenFence(content)).toBe(false);
        expect(content).not.toMatch(/(^|\n)`{1,2}$/);
      }
    }
  });

  it.each(["Look:\n\n`", "Look:\n``", "Look:\n```", "Look:\n```typ", "Look:\n```typescript\n\n"])(
    "do not show the beginning of a fence: %j",
    (text) => {
      expect(new ReplySplitter().splitDraft(text)).toMatchObject([{ content: "Look:" }]);
    },
  );

  it("keep to the limit when a character is held back behind what could be a closing fence", () => {
    const text = `${"`".repeat(30)}\n${"x".repeat(87)}\n\`😀`;
    const [draft] = new ReplySplitter(150).splitDraft(text);
    expect(draft?.content.length).toBeLessThanOrEqual(150);
  });

  it("do not show half a closing fence", () => {
    const draft = new ReplySplitter().splitDraft("```\ncode\n``");
    expect(draft).toMatchObject([{ content: "```\ncode\n```" }]);
  });

  it.each(["Hi \ud83d", "Hi 👩‍", "Hi 👩‍👩", "Hi 🇩"])("do not show half a character: %j", (text) => {
    expect(new ReplySplitter().splitDraft(text)).toMatchObject([{ content: "Hi" }]);
  });

  it("are none while nothing can be seen", () => {
    expect(new ReplySplitter().splitDraft(" \n ")).toEqual([]);
    expect(new ReplySplitter().splitDraft("```js\n")).toEqual([]);
  });

  it("are those of the shorter text when its end is taken back", () => {
    fc.assert(
      fc.property(anything, fc.nat(400), (text, taken) => {
        const splitter = new ReplySplitter(150);
        splitter.splitDraft(text);
        const shorter = text.slice(0, Math.max(0, text.length - taken));
        expect(splitter.splitWhole(shorter)).toEqual(split(shorter, 150));
      }),
    );
  });

  it("start again when the text is another one", () => {
    const splitter = new ReplySplitter(150);
    splitter.splitDraft("one ".repeat(200));
    expect(splitter.splitWhole("two ".repeat(100))).toEqual(split("two ".repeat(100), 150));
  });
});

describe("the measure of a text", () => {
  const counts = fc.integer({ min: 1, max: 6 });

  it("is where it ends to fill no more than so many messages, or its length", () => {
    fc.assert(
      fc.property(anything, limits, counts, (text, limit, count) => {
        const end = new ReplySplitter(limit).measure(text, count);
        expect(split(text.slice(0, end), limit).length).toBeLessThanOrEqual(count);
        const parts = split(text, limit);
        expect(end).toBe(parts.length <= count ? text.length : parts[count - 1]?.end);
      }),
      { numRuns: 500 },
    );
  });

  it("is the same however the text came, and changes none of its parts", () => {
    fc.assert(
      fc.property(anything, fc.constantFrom(150, 300), counts, (text, limit, count) => {
        const splitter = new ReplySplitter(limit);
        const stride = 1 + Math.floor(text.length / 60);
        for (let length = 0; length <= text.length; length += stride) {
          const sofar = text.slice(0, length);
          expect(splitter.measure(sofar, count)).toBe(
            new ReplySplitter(limit).measure(sofar, count),
          );
        }
        expect(splitter.splitWhole(text)).toEqual(split(text, limit));
      }),
      { numRuns: 100 },
    );
  });
});

describe("where a reply is cut", () => {
  it("keeps a text of exactly the limit in one message", () => {
    expect(contents("x".repeat(MESSAGE_LIMIT))).toEqual(["x".repeat(MESSAGE_LIMIT)]);
    const code = `\`\`\`\n${"x".repeat(MESSAGE_LIMIT - 8)}\n\`\`\``;
    expect(contents(code)).toEqual([code]);
  });

  it("prefers a paragraph to a line", () => {
    const text = `${words(24)}\n\n${words(3)}\n${words(20)}`;
    expect(contents(text, 150)).toEqual([words(24), `${words(3)}\n${words(20)}`]);
  });

  it("prefers a line to a sentence", () => {
    const text = `${words(20)}\nShort. ${words(20)}`;
    expect(contents(text, 150)).toEqual([words(20), `Short. ${words(20)}`]);
  });

  it("prefers a sentence to a word", () => {
    const text = `${words(20)}. ${words(20)}`;
    expect(contents(text, 150)).toEqual([`${words(20)}.`, words(20)]);
  });

  it("prefers a word to a part of one", () => {
    for (const content of contents(words(400), 150)) expect(content).toMatch(/^(word ?)+$/);
  });

  it("closes a cut code block and opens it again in its language", () => {
    const line = "    call(argument);\n";
    const parts = contents(`\`\`\`ts title="a"\n${line.repeat(12)}\`\`\``, 150);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts.slice(1)) expect(part).toMatch(/^```ts\n {4}call\(argument\);\n/);
    for (const part of parts) expect(part).toMatch(/;\n```$/);
  });

  it("keeps a longer fence's length, so that the shorter ones inside stay text", () => {
    const parts = contents(`\`\`\`\`md\n${"```js\ncode\n```\n".repeat(20)}\`\`\`\``, 150);
    for (const part of parts) expect(part).toMatch(/^````md\n[^]*\n````$/);
  });

  it("makes no message of an empty code block", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 80, max: 150 }),
        fc.integer({ min: 1, max: 150 }),
        (lead, body) => {
          const text = `${"x".repeat(lead)}\n\`\`\`js\n${"y ".repeat(body)}\n\`\`\`\nThe end.`;
          for (const content of contents(text, 150)) expect(content).not.toMatch(/```js\n+```/);
        },
      ),
    );
  });

  it("tears neither inline code nor a link where words are left to cut at", () => {
    const code = `${words(27)} \`a piece of code with spaces\` ${words(20)}`;
    expect(contents(code, 150)[0]).toBe(words(27));
    const link = `${words(27)} [a long link text](https://example.com/page) ${words(20)}`;
    expect(contents(link, 150)[0]).toBe(words(27));
  });

  it("does not tear a list item's first line", () => {
    const text = `${words(10)}\n- ${words(25)}\n- ${words(2)}`;
    expect(contents(text, 150)).toEqual([words(10), `- ${words(25)}\n- ${words(2)}`]);
  });

  it("loses no white space before a text that begins with one long word", () => {
    const text = `${"\r\n".repeat(6)}~~~${"x".repeat(300)}`;
    const parts = split(text, 150);
    expect(parts.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
  });

  it("repeats no long info string", () => {
    const info = "i".repeat(400);
    for (const part of contents(`\`\`\`${info}\n${words(100)}\n\`\`\``, 150).slice(3)) {
      expect(part).toMatch(/^```\nword/);
    }
  });
});

describe("a text that means no good", () => {
  it.each([
    ["10,000 backticks", "`".repeat(10_000)],
    ["one line of 9,000 characters", "x".repeat(9_000)],
    ["one code line of 9,000 characters", `\`\`\`${"x".repeat(9_000)}`],
    ["backticks in code", `\`\`\`\n${"`".repeat(9_000)}\n\`\`\``],
    [
      "runs of every length",
      Array.from({ length: 120 }, (_, length) => "`".repeat(length)).join(" "),
    ],
    ["open brackets", "[".repeat(6_000)],
    ["newlines and a word", `a${"\n".repeat(9_000)}b`],
    ["spaces in code", `\`\`\`py\n${" ".repeat(9_000)}x\n\`\`\``],
    ["families", "👩‍👩‍👧‍👦".repeat(900)],
    ["flags", "🇩🇪🇫🇷".repeat(900)],
    ["Windows lines", "line of text\r\n".repeat(500)],
    ["fences alone", "```\n".repeat(3_000)],
    ["one endless grapheme", `a${"\u0301".repeat(9_000)}`],
    ["half characters", "\ud83d".repeat(4_500)],
  ])("is split all the same: %s", (_name, text) => {
    const parts = split(text);
    expect(parts.map(({ start, end }) => text.slice(start, end)).join("")).toBe(text);
    for (const { content } of parts) {
      expect(content.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
      expect(content).not.toMatch(HALF_CHARACTER);
      expect(content.trim()).not.toBe("");
    }
  });

  it("costs no more per draft and measure when much is written already", () => {
    const paragraph = `${"A sentence with some words. ".repeat(10)}\n\n`;
    const splitter = new ReplySplitter();
    let text = paragraph.repeat(2_000);
    splitter.splitDraft(text);
    const before = performance.now();
    for (let step = 0; step < 200; step += 1) {
      splitter.splitDraft((text += "more "));
      splitter.measure(text, 1_000);
    }
    expect((performance.now() - before) / 200).toBeLessThan(20);
  });
});
