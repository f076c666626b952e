import { assert, property, string } from "fast-check";
import { expect, it } from "vitest";
import { toMessageId } from "../../../src/chat/ids.ts";
import { quoteLineOf, toQuoteLine } from "../../../src/chat/prompt/quote.ts";
import { ada } from "../../support/turns.ts";

const quoted = { messageId: toMessageId("5"), author: ada };

it("names who is replied to, and the first words", () => {
  expect(toQuoteLine({ ...quoted, text: "Tea,\n\n  please" })).toBe(
    '[replying to: Ada, "Tea, please"]\n',
  );
  expect(toQuoteLine({ author: undefined, text: 'I said "no"' })).toBe(
    `[replying to: you, "I said 'no'"]\n`,
  );
  expect(toQuoteLine({ ...quoted, text: "" })).toBe("[replying to: Ada]\n");
});

it("keeps a quote short, at whole characters", () => {
  expect(toQuoteLine({ ...quoted, text: "🦊".repeat(500) })).toBe(
    `[replying to: Ada, "${"🦊".repeat(120)}…"]\n`,
  );
});

it("tells someone who calls themselves you from Familiar", () => {
  expect(toQuoteLine({ author: { ...ada, name: "you" }, text: "Hi" })).toBe(
    '[replying to: you (0011), "Hi"]\n',
  );
});

it("is found again before any words, and nowhere else", () => {
  assert(
    property(string({ unit: "grapheme" }), string({ unit: "grapheme" }), (text, words) => {
      const line = toQuoteLine({ ...quoted, text });
      expect(quoteLineOf(line + words)).toBe(line);
      expect(quoteLineOf(`said before\n${line}`)).toBe("");
    }),
  );
});
