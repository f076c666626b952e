import { expect, it } from "vitest";
import { FamiliarError } from "../../src/chat/errors.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";

const kinds = [
  ["channel", toChannelId],
  ["guild", toGuildId],
  ["message", toMessageId],
  ["user", toUserId],
] as const;

it.each(kinds)("takes a %s id as it is, past the range of numbers", (_kind, toId) => {
  expect(toId("18446744073709551615")).toBe("18446744073709551615");
});

it.each(kinds)("refuses what is no %s id and says so", (kind, toId) => {
  for (const text of ["", "12 ", "12\n", "-1", "1.5", "1e3", "ada", "٣", "9".repeat(21)]) {
    expect(() => toId(text)).toThrow(FamiliarError);
    expect(() => toId(text)).toThrow(`Not a ${kind} id`);
  }
});
