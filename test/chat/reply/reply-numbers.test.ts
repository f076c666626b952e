import { describe, expect, it } from "vitest";
import type { ReplyUsage } from "../../../src/chat/conversation.ts";
import { ReplyNumbers } from "../../../src/chat/reply/reply-numbers.ts";
import type { EndedReply } from "../../../src/chat/reply/reply-numbers.ts";

const now = { running: 2, waiting: 1, parallelReplies: 4 };

function usage(overrides: Partial<ReplyUsage> = {}): ReplyUsage {
  const plain = { promptTokens: 100, reusedTokens: 80, replyTokens: 21 };
  return { ...plain, firstTokenMs: 500, totalMs: 1_500, ...overrides };
}

function reply(overrides: Partial<EndedReply> = {}): EndedReply {
  return { usage: usage(), waitedMs: 0, reason: "stop", ...overrides };
}

function numbersOf(replies: readonly EndedReply[]) {
  const numbers = new ReplyNumbers();
  for (const each of replies) numbers.ended(each);
  return numbers.read(now);
}

it("says what runs now, and that nothing is measured yet", () => {
  expect(numbersOf([])).toEqual({
    ...now,
    tokensPerSecond: undefined,
    firstTokenMs: undefined,
    waitMs: undefined,
    promptTokens: undefined,
    endings: new Map(),
  });
});

it("measures tokens per second after the first token", () => {
  expect(numbersOf([reply()]).tokensPerSecond).toBe(20);
  const slow = reply({ usage: usage({ totalMs: 3_500 }) });
  expect(numbersOf([reply(), slow]).tokensPerSecond).toBe(10);
});

it("knows no speed from replies of one token, of none, and of no model", () => {
  const one = reply({ usage: usage({ replyTokens: 1, totalMs: 500 }) });
  const none = reply({ usage: usage({ replyTokens: 0 }) });
  expect(
    numbersOf([one, none, reply({ usage: undefined, reason: "failed" })]).tokensPerSecond,
  ).toBe(undefined);
});

it("says the median time to the first token, and what 95 of 100 do not exceed", () => {
  const replies = Array.from({ length: 100 }, (_reply, index) =>
    reply({ usage: usage({ firstTokenMs: (index + 1) * 10, totalMs: 9_000 }) }),
  );
  expect(numbersOf(replies.toReversed()).firstTokenMs).toEqual({ median: 500, p95: 950 });
});

it("says the median wait and the longest", () => {
  const replies = [0, 9_000, 200].map((waitedMs) => reply({ waitedMs }));
  expect(numbersOf(replies).waitMs).toEqual({ median: 200, longest: 9_000 });
});

it("says how much of the prompts was reused", () => {
  const cold = reply({ usage: usage({ reusedTokens: 0 }) });
  const { promptTokens } = numbersOf([reply(), cold]);
  expect(promptTokens).toEqual({ reused: 80, evaluated: 120, reusedShare: 0.4 });
});

describe("after more than 100 replies", () => {
  const old = reply({ waitedMs: 60_000, reason: "length" });
  const replies = [old, old, ...Array.from({ length: 100 }, () => reply())];

  it("forgets the times of those before the last 100", () => {
    expect(numbersOf(replies.slice(1, -1)).waitMs?.longest).toBe(60_000);
    expect(numbersOf(replies).waitMs?.longest).toBe(0);
  });

  it("still counts why each of them ended", () => {
    expect(Object.fromEntries(numbersOf(replies).endings)).toEqual({ length: 2, stop: 100 });
  });
});
