import { expect, it } from "vitest";
import { wasCut } from "../../../src/chat/reply/shown-reply.ts";

it.each([
  "aborted",
  "context",
  "interrupted",
  "length",
  "other-speaker",
  "parts",
  "repetition",
  "timeout",
] as const)("can be gone on with after its end, where it has a text: %s", (reason) => {
  expect(wasCut({ reason, text: "Hello." })).toBe(true);
  expect(wasCut({ reason, text: "\n" })).toBe(false);
});

it.each(["stop", "empty", "failed", "unreachable"] as const)("has no more to say: %s", (reason) => {
  expect(wasCut({ reason, text: "Hello." })).toBe(false);
});
