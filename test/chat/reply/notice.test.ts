import { expect, it } from "vitest";
import { INTERRUPTED_NOTICE, toNotice } from "../../../src/chat/reply/notice.ts";

it("says nothing under a reply that the model ended", () => {
  expect(toNotice({ text: "Hello", reason: "stop" }, 512)).toBeUndefined();
});

it.each(["", " \n"])("says so when the model wrote no more than %j", (text) => {
  expect(toNotice({ text, reason: "stop" }, 512)).toBe("The model had nothing to say.");
});

it.each([
  ["length", "✂ Cut at 512 tokens, the limit for one reply."],
  ["context", "✂ Cut: the model's context is full."],
  ["aborted", "■ Stopped."],
  ["interrupted", INTERRUPTED_NOTICE],
  ["failed", "⚠ Something went wrong while I was writing this. Please try again."],
] as const)("shows why a reply ended early: %s", (reason, notice) => {
  expect(toNotice({ text: "Hel", reason }, 512)).toBe(notice);
  expect(toNotice({ text: "", reason }, 512)).toBe(notice);
});

it("says nothing where nobody could read it", () => {
  expect(toNotice({ text: "Hel", reason: "unreachable" }, 512)).toBeUndefined();
});
