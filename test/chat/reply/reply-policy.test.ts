import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../src/chat/conversation.ts";
import type { SaidMessage } from "../../../src/chat/place.ts";
import { decideReply } from "../../../src/chat/reply/reply-policy.ts";
import type { SpeakWhen } from "../../../src/chat/settings/settings.ts";
import { channel, conversationWith, direct, saidMessage, thread } from "../../support/turns.ts";

const own = conversationWith({ isParticipant: true });
const others = conversationWith({ isParticipant: false });

const wakeWords = ["Fam"];

function decide(
  message: Partial<SaidMessage>,
  conversation: Conversation | undefined,
  speak: SpeakWhen = "joined",
) {
  return decideReply(saidMessage(message), conversation, { speak, wakeWords });
}

const answered: readonly [string, Partial<SaidMessage>, Conversation | undefined, boolean][] = [
  ["a direct message, the first one too", { place: direct }, undefined, false],
  ["a message in a thread that it takes part in", { place: thread }, own, false],
  ["a mention in a channel", { place: channel, mentionsFamiliar: true }, undefined, true],
  ["a reply to it in a channel", { place: channel, repliesToFamiliar: true }, others, true],
  ["a mention in a thread of others", { place: thread, mentionsFamiliar: true }, undefined, true],
  ["a reply to it in a thread of others", { place: thread, repliesToFamiliar: true }, others, true],
];

it.each(answered)("answers %s", (_what, message, conversation, isCalled) => {
  expect(decide(message, conversation)).toEqual({ kind: "answer", isCalled });
});

const ignored: readonly [string, string, Partial<SaidMessage>, Conversation | undefined][] = [
  ["a message in a channel", "not-addressed", { place: channel }, undefined],
  ["a message in a channel where it once answered", "not-addressed", { place: channel }, others],
  ["a message in a thread of others", "not-addressed", { place: thread }, undefined],
  ["a wake word where none counts", "not-addressed", { place: channel, text: "Fam?" }, undefined],
  ["a message without text", "no-text", { place: direct, text: "" }, own],
  ["a bot that writes to it", "not-a-person", { place: direct, isFromPerson: false }, own],
  [
    "a webhook that mentions it",
    "not-a-person",
    { isFromPerson: false, mentionsFamiliar: true },
    own,
  ],
];

it.each(ignored)("ignores %s: %s", (_what, reason, message, conversation) => {
  expect(decide(message, conversation)).toEqual({ kind: "ignore", reason });
});

const said = {
  nothing: { text: "Hello" },
  mention: { text: "Hello", mentionsFamiliar: true },
  reply: { text: "Hello", repliesToFamiliar: true },
  wakeWord: { text: "Hello, fam!" },
} as const;

const modes: readonly [SpeakWhen, Readonly<Record<keyof typeof said, boolean>>][] = [
  ["always", { nothing: true, mention: true, reply: true, wakeWord: true }],
  ["mention", { nothing: false, mention: true, reply: true, wakeWord: false }],
  ["wake-words", { nothing: false, mention: true, reply: true, wakeWord: true }],
  ["never", { nothing: false, mention: false, reply: false, wakeWord: false }],
];

describe.each(modes)("where it is set to speak: %s", (speak, expected) => {
  it.each(Object.entries(expected))("%s is answered: %s", (what, isAnswered) => {
    const message = said[what as keyof typeof said];
    for (const [place, conversation] of [
      [channel, undefined],
      [channel, others],
      [thread, undefined],
      [thread, own],
    ] as const) {
      const { kind } = decide({ ...message, place }, conversation, speak);
      expect(kind).toBe(isAnswered ? "answer" : "ignore");
    }
  });

  it("answers direct messages all the same", () => {
    expect(decide({ place: direct }, undefined, speak)).toEqual({
      kind: "answer",
      isCalled: false,
    });
  });
});
