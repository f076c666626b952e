import { expect, it } from "vitest";
import { toFiledChat, toImportedTurns } from "../../../src/chat/adopt/filed-turns.ts";
import type { FiledMessage } from "../../../src/chat/adopt/history-files.ts";
import type { HistoryEntry } from "../../../src/chat/conversation.ts";
import { ada } from "../../support/turns.ts";

const now = new Date("2026-01-01T00:00:00.000Z");
const sentAt = new Date("2023-07-10T14:32:00.000Z");

function message(overrides: Partial<FiledMessage> = {}): FiledMessage {
  return { name: "Mia", by: "character", texts: ["Hello"], shown: 0, sentAt, ...overrides };
}

it("gives the words of the chat's person to who imports it, under their name there", () => {
  const messages = [message({ by: "user", name: "Anon", texts: ["Hi"] })];
  expect(toImportedTurns({ messages }, { by: ada, now })).toEqual([
    {
      role: "user",
      speaker: { id: ada.id, name: "Anon" },
      character: undefined,
      texts: ["Hi"],
      shown: 0,
      saidAt: sentAt,
    },
  ]);
});

it("names characters only where there are several, and leaves out what is hidden", () => {
  const single = [message(), message({ by: "hidden", name: "Narrator" })];
  expect(toImportedTurns({ messages: single }, { by: ada, now })).toMatchObject([
    { role: "assistant", speaker: undefined, askedBy: ada.id, character: undefined },
  ]);
  const several = [message(), message({ name: "Bob:\nthe\u0007 brave" })];
  const turns = toImportedTurns({ messages: several }, { by: ada, now });
  expect(turns.map(({ character }) => character)).toEqual(["Mia", "Bob the brave"]);
});

it("dates what has no date as what is before it, or after it, or now", () => {
  const later = new Date(sentAt.getTime() + 1_000);
  const dates = (...given: readonly (Date | undefined)[]): Date[] =>
    toImportedTurns(
      { messages: given.map((one) => message({ sentAt: one })) },
      { by: ada, now },
    ).map(({ saidAt }) => saidAt);
  expect(dates(undefined, sentAt, undefined, later)).toEqual([sentAt, sentAt, sentAt, later]);
  expect(dates(undefined)).toEqual([now]);
});

it("makes a chat of a history, with all variants of its replies", () => {
  const own: HistoryEntry = {
    role: "assistant",
    speaker: undefined,
    text: "Two",
    variants: ["One", "Two"].map((text) => ({ text, isShown: text === "Two" })),
    saidAt: sentAt,
    finishReason: "stop",
    isInView: true,
  };
  const { variants: _, ...said } = { ...own, role: "user" as const, speaker: ada, text: "Hi" };
  expect(toFiledChat([said, own, { ...own, character: "Bob" }], "Mia")).toEqual({
    userName: "Ada",
    characterName: "Mia",
    messages: [
      { name: "Ada", by: "user", texts: ["Hi"], shown: 0, sentAt },
      { name: "Mia", by: "character", texts: ["One", "Two"], shown: 1, sentAt },
      { name: "Bob", by: "character", texts: ["One", "Two"], shown: 1, sentAt },
    ],
  });
});
