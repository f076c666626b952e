import type { Conversation, Turn } from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { Place, SaidMessage, Speaker } from "../../src/chat/place.ts";

export const ada: Speaker = { id: toUserId("100000000000000011"), name: "Ada" };
export const ben: Speaker = { id: toUserId("100000000000000012"), name: "Ben" };

const guildId = toGuildId("100000000000000001");
export const direct: Place & { kind: "direct" } = {
  kind: "direct",
  id: toChannelId("100000000000000002"),
};
export const channel: Place & { kind: "channel" } = {
  kind: "channel",
  id: toChannelId("100000000000000003"),
  guildId,
};
export const thread: Place & { kind: "thread" } = {
  kind: "thread",
  id: toChannelId("100000000000000004"),
  guildId,
  parentId: channel.id,
};

/** A Monday, at 14:05 in UTC. */
const SAID_AT = new Date("2026-11-23T14:05:00Z");

/** A conversation with one person in a thread; override what the test is about. */
export function conversationWith(overrides: Partial<Conversation> = {}): Conversation {
  return {
    id: 7,
    place: thread,
    isParticipant: true,
    openedBy: undefined,
    hasSeveralSpeakers: false,
    systemPrompt: undefined,
    persona: undefined,
    windowStart: 0,
    recallFrom: undefined,
    nextPosition: 0,
    lastMessageId: undefined,
    ...overrides,
  };
}

/** What Ada said, not counted yet; the turn's id is its position and 1,000. */
export function turnAt(position: number, overrides: Partial<Turn> = {}): Turn {
  const text = `Turn ${position}`;
  const id = 1_000 + position;
  const said = { id, position, text, saidAt: SAID_AT, count: undefined };
  return { ...said, role: "user", speaker: ada, ...overrides };
}

/** What Familiar said. */
export function ownTurnAt(position: number, overrides: Partial<Turn> = {}): Turn {
  return turnAt(position, { role: "assistant", speaker: undefined, ...overrides });
}

/** Ada in the thread, addressing nobody. */
export function saidMessage(overrides: Partial<SaidMessage> = {}): SaidMessage {
  return {
    id: toMessageId("100000000000000021"),
    place: thread,
    saidAt: SAID_AT,
    author: ada,
    authorRoles: [],
    isFromPerson: true,
    text: "Hello",
    mentionsFamiliar: false,
    repliesToFamiliar: false,
    ...overrides,
  };
}
