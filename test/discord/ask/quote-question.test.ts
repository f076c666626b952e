import fc from "fast-check";
import { expect, it } from "vitest";
import { quoteQuestion } from "../../../src/discord/ask/quote-question.ts";

it.each([
  ["What is a prime?", "> What is a prime?"],
  ["One\n\n# Two\r\n```js\nx", String.raw`> One \# Two \`\`\`js x`],
  ["# Big", String.raw`> \# Big`],
  ["\u0000", ""],
  ["-# small", String.raw`> \-\# small`],
  ["1. First", String.raw`> 1\. First`],
  ["**a** ||b|| [c](https://d.e)", String.raw`> \*\*a\*\* \|\|b\|\| \[c\]\(https:\/\/d.e\)`],
  ["@everyone discord.gg/abc", String.raw`> \@everyone discord.gg\/abc`],
  ["Who is <@12> in <#3> <a:my_cat:4> <t:5:R>?", "> Who is <@12> in <#3> <a:my_cat:4> <t:5:R>?"],
  [`${"a".repeat(190)} and more of it`, `> ${"a".repeat(190)} and more…`],
  [`${"a".repeat(195)} <@123456789>`, `> ${"a".repeat(195)}…`],
  [`${"a".repeat(199)}👩‍👩‍👧`, `> ${"a".repeat(199)}…`],
])("quotes a question in one line as it reads: %j", (question, quoted) => {
  expect(quoteQuestion(question)).toBe(quoted);
});

it("is one short line, whatever is asked", () => {
  const asked = fc.oneof(fc.string({ unit: "binary", maxLength: 600 }), fc.string());
  fc.assert(
    fc.property(asked, (question) => {
      const quoted = quoteQuestion(question);
      expect(quoted).toMatch(/^(?:> .+)?$/);
      expect(quoted.length).toBeLessThanOrEqual(500);
    }),
  );
});
