import { expect, it } from "vitest";
import type { FinishReason } from "../../../src/chat/conversation.ts";
import { toCharge } from "../../../src/chat/settings/charge.ts";
import { ada, channel, direct, thread } from "../../support/turns.ts";

const usage = {
  promptTokens: 120,
  reusedTokens: 100,
  replyTokens: 30,
  firstTokenMs: 1,
  totalMs: 2,
};
const reply = {
  place: thread,
  askedBy: ada.id,
  written: { reason: "stop", usage },
  textTokens: 31,
} as const;

it("charges what was evaluated anew and what was written", () => {
  expect(toCharge(reply)).toEqual({ guildId: thread.guildId, userId: ada.id, tokens: 50 });
});

it("charges the text of a reply that was cut short", () => {
  const written = { reason: "aborted", usage: undefined } as const;
  expect(toCharge({ ...reply, place: channel, written })?.tokens).toBe(31);
});

it("charges nobody for direct messages, nor where nobody is known to have asked", () => {
  expect(toCharge({ ...reply, place: direct })).toBeUndefined();
  expect(toCharge({ ...reply, askedBy: undefined })).toBeUndefined();
});

const free: readonly FinishReason[] = ["empty", "failed", "interrupted", "timeout", "unreachable"];

it.each(free)("charges nobody for a reply that ended so: %s", (reason) => {
  expect(toCharge({ ...reply, written: { reason, usage } })).toBeUndefined();
});
