import { expect, it } from "vitest";
import type { Conversation } from "../../../src/chat/conversation.ts";
import type { SaidMessage } from "../../../src/chat/place.ts";
import { decideReply } from "../../../src/chat/reply/reply-policy.ts";
import { channel, conversationWith, direct, saidMessage, thread } from "../../support/turns.ts";

const own = conversationWith({ isParticipant: true });
const others = conversationWith({ isParticipant: false });

const answered: readonly [string, Partial<SaidMessage>, Conversation | undefined][] = [
  ["a direct message, the first one too", { place: direct }, undefined],
  ["a message in a thread that it takes part in", { place: thread }, own],
  ["a mention in a channel", { place: channel, mentionsFamiliar: true }, undefined],
  ["a reply to it in a channel", { place: channel, repliesToFamiliar: true }, others],
  ["a mention in a thread of others", { place: thread, mentionsFamiliar: true }, undefined],
  ["a reply to it in a thread of others", { place: thread, repliesToFamiliar: true }, others],
];

it.each(answered)("answers %s", (_what, message, conversation) => {
  expect(decideReply(saidMessage(message), conversation)).toEqual({ kind: "answer" });
});

const ignored: readonly [string, string, Partial<SaidMessage>, Conversation | undefined][] = [
  ["a message in a channel", "not-addressed", { place: channel }, undefined],
  ["a message in a channel where it once answered", "not-addressed", { place: channel }, others],
  ["a message in a thread of others", "not-addressed", { place: thread }, undefined],
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
  expect(decideReply(saidMessage(message), conversation)).toEqual({ kind: "ignore", reason });
});
