import { expect, it } from "vitest";
import { INTERRUPTED_NOTICE, toNotice, toPlaceSentence } from "../../../src/chat/reply/notice.ts";

const settings = { maxReplyTokens: 512, maxReplyParts: 4, replyTimeoutMs: 90_000 };

it.each(["stop", "unreachable"] as const)(
  "says nothing where there is nothing to say, or nobody to read it: %s",
  (reason) => expect(toNotice(reason, settings)).toBeUndefined(),
);

it.each([
  ["length", "✂ Cut at 512 tokens, the limit for one reply. Say “go on” and I will."],
  ["parts", "✂ Cut at 4 messages, the limit for one reply. Say “go on” and I will."],
  [
    "context",
    "✂ Cut: the model's context is full. Say “go on” and I will, without the oldest messages.",
  ],
  ["repetition", "✂ Stopped: I was repeating myself. Say “go on”, or ask another way."],
  [
    "other-speaker",
    "✂ Stopped where I began to speak for someone else. Say “go on”, or speak for yourself.",
  ],
  ["empty", "The model had nothing to say. Ask again or put it another way."],
  ["timeout", "⚠ Stopped: the model gave no sign of life for 90 seconds. Please try again."],
  ["aborted", "■ Stopped."],
  ["interrupted", INTERRUPTED_NOTICE],
  ["failed", "⚠ Something went wrong while I was writing this. Please try again."],
] as const)("shows why a reply ended, and how it can go on: %s", (reason, notice) => {
  expect(toNotice(reason, settings)).toBe(notice);
});

it("counts one as one", () => {
  const one = { ...settings, maxReplyParts: 1, replyTimeoutMs: 1_000 };
  expect(toNotice("parts", one)).toContain("Cut at 1 message,");
  expect(toNotice("timeout", one)).toContain("for 1 second.");
});

it("tells people where they stand", () => {
  expect([1, 2, 12].map(toPlaceSentence)).toEqual([
    "⏳ You are next in the queue.",
    "⏳ You are number 2 in the queue.",
    "⏳ You are number 12 in the queue.",
  ]);
});
