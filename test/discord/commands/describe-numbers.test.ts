import { expect, it } from "vitest";
import type { ReplyNumbersView } from "../../../src/chat/reply/reply-numbers.ts";
import { describeNumbers } from "../../../src/discord/commands/describe-numbers.ts";

const nothing: ReplyNumbersView = {
  running: 0,
  waiting: 0,
  parallelReplies: 4,
  tokensPerSecond: undefined,
  firstTokenMs: undefined,
  waitMs: undefined,
  promptTokens: undefined,
  endings: new Map(),
};

it("says how replies go, in plain words", () => {
  const numbers: ReplyNumbersView = {
    ...nothing,
    running: 2,
    waiting: 1,
    tokensPerSecond: 38.2,
    firstTokenMs: { median: 412, p95: 12_300 },
    waitMs: { median: 3_000, longest: 41_000 },
    promptTokens: { reused: 910, evaluated: 90, reusedShare: 0.91 },
  };
  expect(describeNumbers(numbers, "en")).toEqual([
    "Replies: 2 of 4 at once, 1 waiting (median wait 3.0 s, longest 41 s)",
    "Speed: 38 tokens/s, first token after 0.4 s (median), 12 s at most in 95 of 100",
    "Prompt tokens: 91 % reused (910 reused, 90 evaluated)",
  ]);
});

it("says nothing of what is not measured yet", () => {
  expect(describeNumbers(nothing, "en")).toEqual(["Replies: 0 of 4 at once, 0 waiting"]);
});

it("says nothing of waits where nobody had to wait", () => {
  const numbers = { ...nothing, waitMs: { median: 0, longest: 0.2 } };
  expect(describeNumbers(numbers, "en")).toEqual(["Replies: 0 of 4 at once, 0 waiting"]);
});

it("keeps the fraction of slow speeds and of short times", () => {
  const numbers = { ...nothing, tokensPerSecond: 2.345, firstTokenMs: { median: 9, p95: 1_040 } };
  expect(describeNumbers(numbers, "en")[1]).toBe(
    "Speed: 2.3 tokens/s, first token after 9 ms (median), 1.0 s at most in 95 of 100",
  );
});

it("writes German numbers with a comma", () => {
  const numbers = { ...nothing, tokensPerSecond: 2.345, firstTokenMs: { median: 9, p95: 1_040 } };
  expect(describeNumbers(numbers, "de")).toEqual([
    "Antworten: 0 von 4 zugleich, 0 in der Warteschlange",
    "Tempo: 2,3 Tokens/s, erstes Token nach 9 ms (Median), höchstens 1,0 s in 95 von 100",
  ]);
});
