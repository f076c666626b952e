import { array, assert, boolean, property, record, string } from "fast-check";
import { expect, it } from "vitest";
import { toMessageId } from "../../src/chat/ids.ts";
import type { ReplyPart } from "../../src/chat/conversation.ts";
import { cutParts } from "../../src/store/cut-parts.ts";

function toParts(texts: readonly string[]): ReplyPart[] {
  let end = 0;
  return texts.map((text, index) => {
    const start = end;
    end += text.length;
    return { messageId: toMessageId(String(index + 1)), index, start, end };
  });
}

const pieces = array(record({ text: string({ minLength: 1 }), isGone: boolean() }), {
  minLength: 1,
});

it("leaves exactly the text of the parts that are left, and each part its own", () => {
  assert(
    property(pieces, (given) => {
      const texts = given.map(({ text }) => text);
      const kept = given.filter(({ isGone }) => !isGone).map(({ text }) => text);
      const cut = cutParts(
        texts.join(""),
        toParts(texts),
        ({ index }) => given[index]?.isGone === true,
      );
      expect(cut.text).toBe(kept.join(""));
      expect(cut.parts.map(({ start, end }) => cut.text.slice(start, end))).toEqual(kept);
    }),
  );
});

it("gives the same text whether parts go at once or one by one", () => {
  assert(
    property(pieces, (given) => {
      const texts = given.map(({ text }) => text);
      const gone = given.flatMap(({ isGone }, index) => (isGone ? [index] : []));
      const atOnce = cutParts(texts.join(""), toParts(texts), ({ index }) => gone.includes(index));
      let step = { text: texts.join(""), parts: toParts(texts) as readonly ReplyPart[] };
      for (const index of gone) {
        step = cutParts(step.text, step.parts, (part) => part.index === index);
      }
      expect(step).toEqual(atOnce);
    }),
  );
});

it("keeps text that no part shows yet", () => {
  const [first, second] = toParts(["one", "two"]);
  const parts = [first, second].filter((part) => part !== undefined);
  expect(cutParts("onetwo, unseen", parts, ({ index }) => index === 0).text).toBe("two, unseen");
});

it("cuts no more than once where stretches overlap", () => {
  const parts = [
    { messageId: toMessageId("1"), index: 0, start: 0, end: 4 },
    { messageId: toMessageId("2"), index: 1, start: 2, end: 6 },
    { messageId: toMessageId("3"), index: 2, start: 6, end: 8 },
  ];
  const cut = cutParts("abcdefgh", parts, ({ index }) => index < 2);
  expect(cut).toEqual({ text: "gh", parts: [{ ...parts[2], start: 0, end: 2 }] });
});
