import { array, assert, constantFrom, date, option, property, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import type { HistoryEntry } from "../../src/chat/conversation.ts";
import { formatHistory } from "../../src/chat/history-export.ts";
import { ada } from "../support/turns.ts";

const header = { title: "Names", systemPrompt: "Be kind." };
const saidAt = new Date("2025-03-01T12:00:00.000Z");

function entry(overrides: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    role: "user",
    speaker: ada,
    text: "My name is Ada.",
    saidAt,
    finishReason: undefined,
    isInView: true,
    ...overrides,
  };
}

function ownEntry(overrides: Partial<HistoryEntry> = {}): HistoryEntry {
  const text = "Hello Ada.\n\n```ts\n1 + 1;\n```";
  return entry({ role: "assistant", speaker: undefined, text, finishReason: "stop", ...overrides });
}

describe("as Markdown", () => {
  it("reads as a page with a heading for each turn", () => {
    expect(formatHistory([entry(), ownEntry()], "markdown", header)).toBe(`# Names

## System prompt

Be kind.

## Ada · 2025-03-01T12:00:00.000Z

My name is Ada.

## Familiar · 2025-03-01T12:00:00.000Z

Hello Ada.

\`\`\`ts
1 + 1;
\`\`\`
`);
  });

  it("says which turns ended early and which the prompt no longer has", () => {
    const entries = [
      entry({ isInView: false }),
      ownEntry({ finishReason: "length", isInView: false }),
      ownEntry({ finishReason: "interrupted" }),
    ];
    const headings = formatHistory(entries, "markdown", header)
      .split("\n")
      .filter((line) => /^## .*·/.test(line))
      .map((line) => line.split(" · ").slice(2));
    expect(headings).toEqual([
      ["no longer in the prompt"],
      ["length, no longer in the prompt"],
      ["interrupted"],
    ]);
  });

  it("leaves the system prompt out where there is none", () => {
    const text = formatHistory([], "markdown", { ...header, systemPrompt: "" });
    expect(text).toBe("# Names\n");
  });

  it("keeps a name with line ends in one heading", () => {
    const speaker = { ...ada, name: "Ada\n## Familiar" };
    const text = formatHistory([entry({ speaker })], "markdown", header);
    expect(text).toContain("\n## Ada ## Familiar · 2025");
  });
});

describe("as ChatML JSON", () => {
  it("is a list of messages with what is known of each", () => {
    const text = formatHistory([entry(), ownEntry({ isInView: false })], "chatml-json", header);
    expect(JSON.parse(text)).toEqual({
      title: "Names",
      messages: [
        { role: "system", content: "Be kind." },
        {
          role: "user",
          content: "My name is Ada.",
          name: "Ada",
          saidAt: saidAt.toISOString(),
          isInView: true,
        },
        {
          role: "assistant",
          content: "Hello Ada.\n\n```ts\n1 + 1;\n```",
          saidAt: saidAt.toISOString(),
          finishReason: "stop",
          isInView: false,
        },
      ],
    });
  });

  it("leaves the system message out where there is no system prompt", () => {
    const text = formatHistory([], "chatml-json", { ...header, systemPrompt: "" });
    expect(JSON.parse(text)).toEqual({ title: "Names", messages: [] });
  });

  it("gives every text back exactly", () => {
    const entries = array(
      record({
        role: constantFrom("user", "assistant"),
        speaker: option(record({ id: constantFrom(ada.id), name: string({ unit: "binary" }) }), {
          nil: undefined,
        }),
        text: string({ unit: "binary" }),
        saidAt: date({ noInvalidDate: true }),
        finishReason: constantFrom(undefined, "stop", "failed"),
        isInView: constantFrom(true, false),
      }),
    );
    assert(
      property(entries, (given) => {
        const text = formatHistory(given, "chatml-json", { ...header, systemPrompt: "" });
        const { messages } = JSON.parse(text) as { messages: { content: string }[] };
        expect(messages.map(({ content }) => content)).toEqual(given.map((said) => said.text));
      }),
    );
  });
});
