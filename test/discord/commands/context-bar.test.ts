import { array, assert, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { describeContextBar, toCells } from "../../../src/discord/commands/context-bar.ts";

const amounts = array(integer({ min: 0, max: 200_000 }), { minLength: 1, maxLength: 8 }).filter(
  (all) => all.some((amount) => amount > 0),
);
const widths = integer({ min: 8, max: 60 });

it("always fills the bar, and shows whatever is there", () => {
  assert(
    property(amounts, widths, (all, width) => {
      const cells = toCells(all, width);
      expect(cells.reduce((sum, count) => sum + count, 0)).toBe(width);
      expect(cells.map((count) => count > 0)).toEqual(all.map((amount) => amount > 0));
    }),
  );
});

it("gives no part fewer cells than a smaller one", () => {
  assert(
    property(amounts, widths, (all, width) => {
      const cells = toCells(all, width);
      const bySize = all.map((amount, index) => ({ amount, count: cells[index] ?? 0 }));
      const ordered = bySize.toSorted((one, other) => one.amount - other.amount);
      const pairs = ordered.slice(1).map((larger, index) => ({ larger, smaller: ordered[index] }));
      for (const { larger, smaller } of pairs) {
        if (larger.amount === smaller?.amount) continue;
        expect(larger.count).toBeGreaterThanOrEqual(smaller?.count ?? 0);
      }
    }),
  );
});

it("has a line for each part that is there, with its tokens", () => {
  const parts = [
    { name: "frame", tokens: 3 },
    { name: "system", tokens: 253 },
    { name: "history", tokens: 512 },
    { name: "reserve", tokens: 256 },
    { name: "free", tokens: 0 },
  ] as const;
  expect(describeContextBar({ contextTokens: 1_024, parts }, "en").split("\n")).toEqual([
    "▌█████▓▓▓▓▓▓▓▓▓▓▓▓▒▒▒▒▒▒",
    "▌ Prompt's frame       3",
    "█ System prompt      253",
    "▓ History            512",
    "▒ Kept for the reply 256",
    "  Window            1024",
  ]);
});

it("has the same lines in German, as wide as the English ones", () => {
  const parts = [
    { name: "frame", tokens: 3 },
    { name: "instructions", tokens: 253 },
    { name: "reserve", tokens: 256 },
  ] as const;
  expect(describeContextBar({ contextTokens: 512, parts }, "de").split("\n").slice(1)).toEqual([
    "▌ Rahmen des Prompts   3",
    "▐ Letzte Anweisungen 253",
    "▒ Für die Antwort    256",
    "  Fenster            512",
  ]);
});
