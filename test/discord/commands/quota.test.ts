import { expect, it } from "vitest";
import { toUsage } from "../../../src/chat/settings/quota.ts";
import type { Quota } from "../../../src/chat/settings/settings.ts";
import { describeUsage } from "../../../src/discord/commands/quota.ts";

const MINUTE_MS = 60_000;
const NO_LIMITS: Quota = {
  repliesPerHour: undefined,
  repliesPerDay: undefined,
  tokensPerHour: undefined,
  tokensPerDay: undefined,
};
const COUNTED = [
  { ageMs: 120 * MINUTE_MS, tokens: 1_000 },
  { ageMs: 50 * MINUTE_MS, tokens: 300 },
  { ageMs: 10 * MINUTE_MS, tokens: 34 },
];

function describe(limits: Partial<Quota>, language: "en" | "de" = "en"): string[] {
  const quota = { ...NO_LIMITS, ...limits };
  return describeUsage(toUsage(COUNTED, quota), { quota, language, now: 1_000_000_000_500 }).split(
    "\n",
  );
}

it("says what was used where there is no quota", () => {
  expect(describe({})).toEqual([
    "**In the last hour**: 2 replies, 334 tokens",
    "**In the last 24 hours**: 3 replies, 1,334 tokens",
    "This server sets no quota: you may use me as much as you like.",
  ]);
});

it("says of how much, and that there is room", () => {
  expect(describe({ repliesPerHour: 10, tokensPerDay: 20_000 })).toEqual([
    "**In the last hour**: 2 of 10 replies, 334 tokens",
    "**In the last 24 hours**: 3 replies, 1,334 of 20,000 tokens",
    "There is room for your next reply now.",
  ]);
});

it("says when there is room again, never too early", () => {
  expect(describe({ repliesPerHour: 2 }).at(-1)).toBe(
    "There is room for your next reply <t:1000000601:R>.",
  );
});

it("says so in German", () => {
  expect(describe({ repliesPerHour: 2, repliesPerDay: 1 }, "de").slice(0, 2)).toEqual([
    "**In der letzten Stunde**: 2 von 2 Antworten, 334 Tokens",
    "**In den letzten 24 Stunden**: 3 von 1 Antwort, 1.334 Tokens",
  ]);
});
