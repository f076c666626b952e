import { expect, it } from "vitest";
import { alsoReading, withUnstored } from "../../../src/chat/privacy/unstored.ts";
import type { UnstoredTurn } from "../../../src/chat/reply/asking-message.ts";
import { toMessageId } from "../../../src/chat/ids.ts";
import type { PromptSources } from "../../../src/chat/prompt/compose-prompt.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { ada, ben, conversationWith, ownTurnAt, turnAt } from "../../support/turns.ts";

function at(second: number): Date {
  return new Date(Date.UTC(2026, 10, 23, 14, 5, second));
}

function unstored(text: string, second: number): UnstoredTurn {
  return { speaker: ben, text, saidAt: at(second) };
}

function sourcesOf(stored: RecordingConversations, turns: readonly UnstoredTurn[]) {
  return alsoReading({ conversations: stored } as unknown as PromptSources, turns).conversations;
}

it("stands among what was said since the last reply, by its time", async () => {
  const stored = new RecordingConversations([
    turnAt(1, { saidAt: at(1) }),
    ownTurnAt(2, { saidAt: at(9) }),
    turnAt(3, { saidAt: at(4) }),
    turnAt(4, { saidAt: at(6) }),
  ]);
  const sources = sourcesOf(stored, [unstored("A", 5), unstored("B", 7)]);
  const turns = await sources.view(conversationWith());
  expect(turns.map(({ text }) => text)).toEqual(["Turn 1", "Turn 2", "Turn 3", "A", "Turn 4", "B"]);
});

it("has no count stored, and moves no window beyond the reply to it", async () => {
  const stored = new RecordingConversations([turnAt(7)]);
  const sources = sourcesOf(stored, [unstored("A", 59), unstored("B", 59)]);
  const turns = await sources.view(conversationWith());
  expect(turns.map(({ position }) => position)).toEqual([7, 8, 8]);
  const count = { tokens: 1, basis: "words" };
  await sources.saveCounts(new Map(turns.map(({ id }) => [id, count])));
  expect(stored.savedCounts).toEqual([new Map([[1_007, count]])]);
});

it("has two people named who ask together, though one of them is not stored", () => {
  const conversation = conversationWith();
  const [one, other] = [
    { id: toMessageId("1"), author: ada },
    { id: toMessageId("2"), author: ben, unstored: unstored("A", 1) },
  ];
  expect(withUnstored(conversation, [one, other]).hasSeveralSpeakers).toBe(true);
  expect(withUnstored(conversation, [other])).toBe(conversation);
  expect(withUnstored(conversation, [one, { ...one, author: ben }])).toBe(conversation);
});
