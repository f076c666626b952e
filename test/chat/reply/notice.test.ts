import { expect, it } from "vitest";
import { toNotice } from "../../../src/chat/reply/notice.ts";

const settings = { maxReplyTokens: 512, maxReplyParts: 4, replyTimeoutMs: 90_000 };

it.each(["stop", "unreachable"] as const)(
  "says nothing where there is nothing to say, or nobody to read it: %s",
  (reason) => expect(toNotice(reason, settings)).toBeUndefined(),
);

it("names the limit that was reached", () => {
  expect(toNotice("length", settings)).toEqual({ kind: "length", maxReplyTokens: 512 });
  expect(toNotice("parts", settings)).toEqual({ kind: "parts", maxReplyParts: 4 });
  expect(toNotice("timeout", settings)).toEqual({ kind: "timeout", seconds: 90 });
});

it.each([
  "aborted",
  "context",
  "empty",
  "failed",
  "interrupted",
  "other-speaker",
  "repetition",
] as const)("says why a reply ended: %s", (reason) => {
  expect(toNotice(reason, settings)).toEqual({ kind: reason });
});
