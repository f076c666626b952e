import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type {
  Conversation,
  HistoryEntry,
  ReplyPart,
  RowId,
  Turn,
} from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { ChannelId, MessageId } from "../../src/chat/ids.ts";
import type { Place, Speaker } from "../../src/chat/place.ts";
import type { NewTurn, ReplyEnding } from "../../src/chat/ports.ts";
import type { Store } from "../../src/store/open-store.ts";
import { createTestDatabase, DATABASE_KINDS } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

const ann: Speaker = { id: toUserId("300000000000000001"), name: "Ann" };
const ben: Speaker = { id: toUserId("300000000000000002"), name: "Ben" };
const guildId = toGuildId("500000000000000000");

const usage = {
  promptTokens: 120,
  reusedTokens: 100,
  replyTokens: 20,
  firstTokenMs: 12.5,
  totalMs: 345.25,
};

let lastId = 100_000_000_000_000_000n;

/** Every test talks in places of its own, with ids that no other has. */
function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

function newMessageId(): MessageId {
  return toMessageId(nextId());
}

function newThread(parentId: ChannelId = toChannelId(nextId())): Place & { kind: "thread" } {
  return { kind: "thread", id: toChannelId(nextId()), guildId, parentId };
}

function newChannel(): Place & { kind: "channel" } {
  return { kind: "channel", id: toChannelId(nextId()), guildId };
}

function said(text: string, overrides: Partial<NewTurn> = {}): NewTurn {
  return { messageId: newMessageId(), role: "user", speaker: ann, text, ...overrides };
}

function ending(text: string, overrides: Partial<ReplyEnding> = {}): ReplyEnding {
  const plain = { thoughts: undefined, usage: undefined, count: undefined } as const;
  return { text, reason: "stop", ...plain, ...overrides };
}

function partOf(index: number, start: number, end: number): ReplyPart {
  return { messageId: newMessageId(), index, start, end };
}

describe.each(DATABASE_KINDS)("a store on %s", (kind) => {
  let database: TestDatabase;
  let store: Store;

  beforeAll(async () => {
    database = await createTestDatabase(kind);
    store = await database.open();
  });

  afterAll(async () => {
    await store[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  async function open(place: Place = newThread()): Promise<Conversation> {
    return await store.conversations.open({ place, isParticipant: true });
  }

  async function record(conversation: Conversation, ...turns: NewTurn[]): Promise<void> {
    for (const turn of turns) await store.conversations.record(conversation.id, turn);
  }

  async function view({ place }: Conversation): Promise<readonly Turn[]> {
    const conversation = await store.conversations.find(place.id);
    return conversation === undefined ? [] : await store.conversations.view(conversation);
  }

  async function textsOf(conversation: Conversation): Promise<string[]> {
    return (await view(conversation)).map(({ text }) => text);
  }

  async function historyOf(placeId: ChannelId): Promise<HistoryEntry[]> {
    const entries: HistoryEntry[] = [];
    for await (const page of store.conversations.history(placeId)) entries.push(...page);
    return entries;
  }

  async function reply(conversation: Conversation, text: string, parts: readonly ReplyPart[] = []) {
    const replyId = await store.replies.begin(conversation.id, {
      model: "demo",
      askedBy: undefined,
    });
    for (const part of parts) await store.replies.savePart(replyId, part);
    await store.replies.end(replyId, ending(text));
    return replyId;
  }

  async function aliveAt({ place }: Conversation) {
    const all = await store.conversations.alive(1_000);
    return all.find((alive) => alive.place.id === place.id);
  }

  async function unfinishedOf(replyId: RowId) {
    const all = await store.replies.unfinished();
    return all.find((unfinished) => unfinished.replyId === replyId);
  }

  it("says what it is, and how fast it answers", async () => {
    expect(store.description).toMatch(
      kind === "PGlite" ? /^PGlite in .*database$/ : /^PostgreSQL 18\.\d+ at 127\.0\.0\.1:\d+$/,
    );
    expect(await store.ping()).toBeGreaterThan(0);
  });

  describe("conversations", () => {
    it("finds none in a place where nobody opened one", async () => {
      expect(await store.conversations.find(toChannelId(nextId()))).toBeUndefined();
    });

    it.each<[string, Place]>([
      ["direct messages", { kind: "direct", id: toChannelId(nextId()) }],
      ["a channel", newChannel()],
      ["a thread", newThread()],
      ["an id of 20 digits", { kind: "direct", id: toChannelId("18446744073709551615") }],
    ])("opens a conversation in %s and finds it again", async (_name, place) => {
      const opened = await store.conversations.open({
        place,
        isParticipant: false,
        openedBy: ann.id,
      });
      expect(opened).toEqual({
        id: expect.any(Number) as number,
        place,
        isParticipant: false,
        openedBy: ann.id,
        hasSeveralSpeakers: false,
        systemPrompt: undefined,
        windowStart: 0,
        recallFrom: undefined,
        nextPosition: 0,
        lastMessageId: undefined,
      });
      expect(await store.conversations.find(place.id)).toEqual(opened);
    });

    it("opens one conversation a place, and only ever raises its participation", async () => {
      const place = newThread();
      const first = await store.conversations.open({ place, isParticipant: false });
      const second = await store.conversations.open({
        place,
        isParticipant: true,
        openedBy: ben.id,
      });
      const third = await store.conversations.open({
        place,
        isParticipant: false,
        openedBy: ann.id,
      });
      expect(second.id).toBe(first.id);
      expect(third).toEqual({ ...first, isParticipant: true, openedBy: ben.id });
    });

    it("opens one conversation when many ask at once", async () => {
      const place = newThread();
      const opened = await Promise.all(
        Array.from({ length: 10 }, () => store.conversations.open({ place, isParticipant: true })),
      );
      expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
    });

    it("keeps what was said in order, with who said it", async () => {
      const conversation = await open();
      await record(conversation, said("Hello"), said("Hi Ann", { speaker: ben }));
      expect(await view(conversation)).toEqual([
        expect.objectContaining({ role: "user", speaker: ann, text: "Hello", count: undefined }),
        expect.objectContaining({ role: "user", speaker: ben, text: "Hi Ann" }),
      ]);
    });

    it("keeps when it was said, which is now where nobody says", async () => {
      const conversation = await open();
      const saidAt = new Date("2026-11-23T14:05:06.789Z");
      const own = { role: "assistant", speaker: undefined, saidAt } as const;
      await record(conversation, said("Hello", { saidAt }), said("Hi", own), said("Now"));
      const [first, second, third] = await view(conversation);
      expect([first?.saidAt, second?.saidAt]).toEqual([saidAt, saidAt]);
      expect(Math.abs((third?.saidAt.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
      const [entry] = await historyOf(conversation.place.id);
      expect(entry?.saidAt).toEqual(saidAt);
    });

    it("keeps places apart", async () => {
      const [one, other] = [await open(), await open()];
      await record(one, said("in one"));
      await record(other, said("in the other"));
      expect(await textsOf(one)).toEqual(["in one"]);
      expect(await textsOf(other)).toEqual(["in the other"]);
    });

    it("records a message once, however often and whenever it comes", async () => {
      const conversation = await open();
      const turn = said("once");
      expect(await store.conversations.record(conversation.id, turn)).toBeDefined();
      expect(await store.conversations.record(conversation.id, turn)).toBeUndefined();
      const twice = said("twice at once");
      const results = await Promise.all(
        Array.from({ length: 5 }, () => store.conversations.record(conversation.id, twice)),
      );
      expect(results.filter((result) => result !== undefined)).toHaveLength(1);
      expect(await textsOf(conversation)).toEqual(["once", "twice at once"]);
    });

    it("gives messages that come at once each a position of its own", async () => {
      const conversation = await open();
      const texts = Array.from({ length: 30 }, (_, index) => `message ${index}`);
      await Promise.all(
        texts.map((text) => store.conversations.record(conversation.id, said(text))),
      );
      const turns = await view(conversation);
      expect(turns.map(({ text }) => text).toSorted()).toEqual(texts.toSorted());
      expect(new Set(turns.map(({ position }) => position)).size).toBe(30);
    });

    it("knows from the second speaker on that there are several", async () => {
      const conversation = await open();
      const isShared = async (turn: NewTurn) =>
        (await store.conversations.record(conversation.id, turn))?.hasSeveralSpeakers;
      expect(await isShared(said("one"))).toBe(false);
      expect(await isShared(said("two", { speaker: { ...ann, name: "Annie" } }))).toBe(false);
      expect(await isShared(said("mine", { role: "assistant", speaker: undefined }))).toBe(false);
      expect(await isShared(said("three", { speaker: ben }))).toBe(true);
      expect(await isShared(said("four"))).toBe(true);
      expect((await store.conversations.find(conversation.place.id))?.hasSeveralSpeakers).toBe(
        true,
      );
    });

    it("records a message of its own as a reply that the message shows", async () => {
      const conversation = await open();
      const own = said("I began this", { role: "assistant", speaker: undefined });
      await record(conversation, own, own);
      expect(await view(conversation)).toEqual([
        expect.objectContaining({ role: "assistant", speaker: undefined, text: "I began this" }),
      ]);
      expect(await store.conversations.forgetMessages(conversation.place.id, [own.messageId])).toBe(
        1,
      );
      expect(await textsOf(conversation)).toEqual([]);
    });

    it("takes no message for its own that shows a part of a reply", async () => {
      const conversation = await open();
      const part = partOf(0, 0, 5);
      await reply(conversation, "Reply", [part]);
      const again = said("Reply", {
        role: "assistant",
        speaker: undefined,
        messageId: part.messageId,
      });
      expect(await store.conversations.record(conversation.id, again)).toBeUndefined();
      expect(await textsOf(conversation)).toEqual(["Reply"]);
    });

    it("records nothing in a conversation that is forgotten", async () => {
      const conversation = await open();
      await store.conversations.forgetPlace(conversation.place.id);
      expect(await store.conversations.record(conversation.id, said("late"))).toBeUndefined();
    });

    it("keeps any text exactly, but for a character that PostgreSQL has not", async () => {
      const conversation = await open();
      const text = "' \" \\ $1 %s 👩‍👩‍👧 \r\n\t ‮ ｆ <|im_start|>";
      await record(conversation, said(text, { speaker: { ...ann, name: text } }), said("a\0b"));
      const [first, second] = await view(conversation);
      expect(first).toMatchObject({ text, speaker: { name: text } });
      expect(second?.text).toBe("a\uFFFDb");
    });
  });

  describe("edits", () => {
    it("replaces what a person said and drops its token count", async () => {
      const conversation = await open();
      const turn = said("befor");
      await record(conversation, turn);
      const [stored] = await view(conversation);
      const counts = new Map([[stored?.id ?? 0, { tokens: 3, basis: "demo" }]]);
      await store.conversations.saveCounts(counts);
      const { place } = conversation;
      expect(await store.conversations.edit(place.id, turn.messageId, "before")).toBe(true);
      expect(await view(conversation)).toMatchObject([{ text: "before", count: undefined }]);
    });

    it("says when there is nothing to change", async () => {
      const conversation = await open();
      const turn = said("same");
      await record(conversation, turn);
      expect(await store.conversations.edit(conversation.place.id, turn.messageId, "same")).toBe(
        false,
      );
      expect(await store.conversations.edit(conversation.place.id, newMessageId(), "new")).toBe(
        false,
      );
      expect(await store.conversations.edit(toChannelId(nextId()), turn.messageId, "new")).toBe(
        false,
      );
      expect(await textsOf(conversation)).toEqual(["same"]);
    });
  });

  describe("forgetting", () => {
    it("deletes the turns of deleted messages, in their place only", async () => {
      const [one, other] = [await open(), await open()];
      const turns = [said("a"), said("b"), said("c")];
      await record(one, ...turns);
      const foreign = said("foreign");
      await record(other, foreign);
      const ids = [turns[0], turns[2], foreign].flatMap((turn) => turn?.messageId ?? []);
      expect(await store.conversations.forgetMessages(one.place.id, ids)).toBe(2);
      expect(await store.conversations.forgetMessages(one.place.id, ids)).toBe(0);
      expect(await store.conversations.forgetMessages(one.place.id, [])).toBe(0);
      expect(await textsOf(one)).toEqual(["b"]);
      expect(await textsOf(other)).toEqual(["foreign"]);
    });

    it("cuts the stretch of a deleted part out of a reply, then the next, then the turn", async () => {
      const conversation = await open();
      const { place } = conversation;
      const parts = [partOf(0, 0, 4), partOf(1, 4, 9), partOf(2, 9, 12)];
      const [first, second, third] = parts.map(({ messageId }) => messageId);
      await reply(conversation, "one two🙂end", parts);
      const turn = (await view(conversation))[0];
      await store.conversations.saveCounts(
        new Map([[turn?.id ?? 0, { tokens: 9, basis: "demo" }]]),
      );

      expect(await store.conversations.forgetMessages(place.id, [second ?? newMessageId()])).toBe(
        1,
      );
      expect(await view(conversation)).toMatchObject([{ text: "one end", count: undefined }]);
      expect(await store.conversations.forgetMessages(place.id, [first ?? newMessageId()])).toBe(1);
      expect(await textsOf(conversation)).toEqual(["end"]);
      expect(await store.conversations.forgetMessages(place.id, [third ?? newMessageId()])).toBe(1);
      expect(await historyOf(place.id)).toEqual([]);
    });

    it("takes people's turns and parts of replies together", async () => {
      const conversation = await open();
      const turn = said("question");
      await record(conversation, turn, said("stays"));
      const [whole, half, kept] = [partOf(0, 0, 5), partOf(0, 0, 2), partOf(1, 2, 5)];
      await reply(conversation, "whole", [whole]);
      await reply(conversation, "ABcde", [half, kept]);
      const ids = [turn, whole, half].map(({ messageId }) => messageId);
      expect(await store.conversations.forgetMessages(conversation.place.id, ids)).toBe(3);
      expect(await textsOf(conversation)).toEqual(["stays", "cde"]);
    });

    it("cuts a reply right when two of its messages are deleted at once", async () => {
      const conversation = await open();
      const parts = [partOf(0, 0, 2), partOf(1, 2, 4), partOf(2, 4, 6)];
      await reply(conversation, "aabbcc", parts);
      const forget = parts
        .slice(0, 2)
        .map(({ messageId }) =>
          store.conversations.forgetMessages(conversation.place.id, [messageId]),
        );
      expect(await Promise.all(forget)).toEqual([1, 1]);
      expect(await textsOf(conversation)).toEqual(["cc"]);
    });

    it("keeps a message that was deleted during a reply out of its final text", async () => {
      const conversation = await open();
      const { place } = conversation;
      const parts = [partOf(0, 0, 3), partOf(1, 3, 6)];
      const replyId = await store.replies.begin(conversation.id, {
        model: "demo",
        askedBy: undefined,
      });
      for (const part of parts) await store.replies.savePart(replyId, part);
      await store.replies.saveDraft(replyId, "onetwo");
      await store.conversations.forgetMessages(place.id, [parts[0]?.messageId ?? newMessageId()]);
      expect((await unfinishedOf(replyId))?.parts).toEqual([parts[1]]);

      const count = { tokens: 5, basis: "demo" };
      await store.replies.end(replyId, ending("onetwo, and more", { count }));
      expect(await view(conversation)).toMatchObject([{ text: "two, and more", count: undefined }]);
      await store.conversations.forgetMessages(place.id, [parts[1]?.messageId ?? newMessageId()]);
      expect(await textsOf(conversation)).toEqual([]);
    });

    it("keeps nothing of a reply whose only message was deleted while it was written", async () => {
      const conversation = await open();
      const part = partOf(0, 0, 3);
      const replyId = await store.replies.begin(conversation.id, {
        model: "demo",
        askedBy: undefined,
      });
      await store.replies.savePart(replyId, part);
      await store.conversations.forgetMessages(conversation.place.id, [part.messageId]);
      await store.replies.saveDraft(replyId, "one");
      await store.replies.savePart(replyId, { ...part, end: 6 });
      await store.replies.end(replyId, ending("onetwo"));
      expect(await historyOf(conversation.place.id)).toEqual([]);
    });

    it("neither loses nor brings back text when a reply ends while a message of it is deleted", async () => {
      const conversation = await open();
      for (let round = 0; round < 10; round += 1) {
        const parts = [partOf(0, 0, 3), partOf(1, 3, 6)];
        const replyId = await store.replies.begin(conversation.id, {
          model: "demo",
          askedBy: undefined,
        });
        for (const part of parts) await store.replies.savePart(replyId, part);
        await Promise.all([
          store.replies.end(replyId, ending("onetwo")),
          store.conversations.forgetMessages(
            conversation.place.id,
            parts.slice(0, 1).map(({ messageId }) => messageId),
          ),
        ]);
      }
      expect(new Set(await textsOf(conversation))).toEqual(new Set(["two"]));
    });

    it("forgets a deleted channel with its threads and their system prompts", async () => {
      const channel = newChannel();
      const thread = newThread(channel.id);
      const stranger = newThread();
      for (const place of [channel, thread, stranger]) {
        await record(await open(place), said(`in ${place.id}`));
        await store.systemPrompts.change(place.id, `prompt of ${place.id}`, ann);
      }
      await reply(await open(thread), "Reply", [partOf(0, 0, 5)]);

      await store.conversations.forgetPlace(channel.id);
      for (const place of [channel, thread]) {
        expect(await store.conversations.find(place.id)).toBeUndefined();
        expect(await historyOf(place.id)).toEqual([]);
        expect((await store.systemPrompts.effective(place)).change).toBeUndefined();
      }
      expect(await historyOf(stranger.id)).toHaveLength(1);
      expect((await store.systemPrompts.effective(stranger)).source).toBe("place");
    });

    it("leaves the channel alone when a thread under it is deleted", async () => {
      const channel = newChannel();
      const thread = newThread(channel.id);
      await record(await open(channel), said("in the channel"));
      await open(thread);
      await store.conversations.forgetPlace(thread.id);
      expect(await historyOf(channel.id)).toHaveLength(1);
    });
  });

  describe("the window", () => {
    it("begins where it was moved to, and never goes back", async () => {
      const conversation = await open();
      await record(conversation, said("a"), said("b"), said("c"));
      const positions = (await view(conversation)).map(({ position }) => position);
      await store.conversations.moveWindow(conversation.id, positions[2] ?? 0);
      await store.conversations.moveWindow(conversation.id, positions[1] ?? 0);
      expect(await textsOf(conversation)).toEqual(["c"]);
    });

    it("holds nothing after a reset, while the history holds everything", async () => {
      const conversation = await open();
      const { place } = conversation;
      await record(conversation, said("before"));
      await store.conversations.reset(place.id);
      expect(await textsOf(conversation)).toEqual([]);
      await record(conversation, said("after"));
      expect(await textsOf(conversation)).toEqual(["after"]);
      expect(await historyOf(place.id)).toMatchObject([
        { text: "before", isInView: false },
        { text: "after", isInView: true },
      ]);
    });

    it("has an edge with the message there and the number of turns before it", async () => {
      const conversation = await open();
      const { place } = conversation;
      const turn = said("first");
      await record(conversation, turn);
      const parts = [partOf(0, 0, 3), partOf(1, 3, 6)];
      await reply(conversation, "onetwo", parts);
      await record(conversation, said("third"));
      const [first, second] = await view(conversation);
      const edge = (position = -1) => store.conversations.edge(conversation.id, position);
      expect(await edge(first?.position)).toEqual({
        earlierTurns: 0,
        message: { id: turn.messageId, place },
      });
      expect(await edge(second?.position)).toEqual({
        earlierTurns: 1,
        message: { id: parts[0]?.messageId, place },
      });
      await store.conversations.reset(place.id);
      const after = (await store.conversations.find(place.id))?.windowStart;
      expect(await edge(after)).toEqual({ earlierTurns: 3, message: undefined });
    });

    it("has an edge without a message for a reply that no message shows", async () => {
      const conversation = await open();
      await reply(conversation, "Hello");
      expect(await store.conversations.edge(conversation.id, 0)).toEqual({
        earlierTurns: 0,
        message: undefined,
      });
    });

    it("has an edge in the place where the message was written, also in a fork of a fork", async () => {
      const source = await open();
      const turn = said("first");
      await record(source, turn);
      let last = source;
      for (const place of [newThread(), newThread()]) {
        const [first] = await view(last);
        const fork = { turnId: first?.id ?? 0, place, openedBy: ann.id };
        expect(await store.conversations.fork(fork)).toBe(true);
        last = await open(place);
      }
      expect((await store.conversations.edge(last.id, 0)).message).toEqual({
        id: turn.messageId,
        place: source.place,
      });
    });

    it("is reset in a place without a conversation by doing nothing", async () => {
      await expect(store.conversations.reset(toChannelId(nextId()))).resolves.toBeUndefined();
    });

    it("keeps the token counts of turns", async () => {
      const conversation = await open();
      await record(conversation, said("a"), said("b"));
      const [a, b] = await view(conversation);
      const count = { tokens: 7, basis: "demo with names" };
      await store.conversations.saveCounts(
        new Map([
          [a?.id ?? 0, count],
          [b?.id ?? 0, { ...count, tokens: 8 }],
        ]),
      );
      await store.conversations.saveCounts(new Map());
      expect(await view(conversation)).toMatchObject([{ count }, { count: { tokens: 8 } }]);
    });

    it("holds the newest of very many turns", async () => {
      const conversation = await open();
      const texts = Array.from({ length: 2_050 }, (_, index) => String(index));
      for (let from = 0; from < texts.length; from += 205) {
        await Promise.all(
          texts
            .slice(from, from + 205)
            .map((text) => store.conversations.record(conversation.id, said(text))),
        );
      }
      expect(await view(conversation)).toHaveLength(2_000);
      const history = await historyOf(conversation.place.id);
      expect(history.map(({ text }) => text).toSorted()).toEqual(texts.toSorted());
      expect((await view(conversation)).map(({ text }) => text)).toEqual(
        history.slice(-2_000).map(({ text }) => text),
      );
    });
  });

  describe("the history", () => {
    it("has who said what, when, and how replies ended", async () => {
      const conversation = await open();
      const before = Date.now();
      await record(conversation, said("question"));
      const replyId = await store.replies.begin(conversation.id, {
        model: "demo",
        askedBy: undefined,
      });
      await store.replies.end(replyId, ending("answer", { reason: "length", usage }));
      const history = await historyOf(conversation.place.id);
      expect(history).toMatchObject([
        { role: "user", speaker: ann, text: "question", finishReason: undefined, isInView: true },
        { role: "assistant", speaker: undefined, text: "answer", finishReason: "length" },
      ]);
      expect(Math.abs((history[0]?.saidAt.getTime() ?? 0) - before)).toBeLessThan(60_000);
    });

    it("comes in pages, oldest first", async () => {
      const conversation = await open();
      await Promise.all(
        Array.from({ length: 450 }, (_, index) =>
          store.conversations.record(conversation.id, said(String(index))),
        ),
      );
      const sizes: number[] = [];
      for await (const page of store.conversations.history(conversation.place.id)) {
        sizes.push(page.length);
      }
      expect(sizes).toEqual([200, 200, 50]);
    });

    it("has no pages where nothing was said", async () => {
      expect(await historyOf(toChannelId(nextId()))).toEqual([]);
    });
  });

  describe("conversations that are alive", () => {
    it("come newest activity first, and no more than asked for", async () => {
      const [older, newer] = [await open(), await open()];
      await record(older, said("x"));
      await record(newer, said("y"));
      await record(older, said("z"));
      const places = (await store.conversations.alive(1_000)).map(({ place }) => place.id);
      expect(places.indexOf(older.place.id)).toBeLessThan(places.indexOf(newer.place.id));
      expect(await store.conversations.alive(1)).toHaveLength(1);
    });

    it("know their newest message by its number, of people and of replies", async () => {
      const conversation = await open();
      expect(await aliveAt(conversation)).toEqual({
        place: conversation.place,
        lastMessageId: undefined,
        isAnswerDue: false,
      });
      await record(
        conversation,
        said("newer", { messageId: toMessageId("1000000000000000000") }),
        said("older", { messageId: toMessageId("999999999999999999") }),
      );
      expect((await aliveAt(conversation))?.lastMessageId).toBe("1000000000000000000");
      const replyId = await store.replies.begin(conversation.id, {
        model: "demo",
        askedBy: undefined,
      });
      const messageId = toMessageId("18446744073709551615");
      await store.replies.savePart(replyId, { messageId, index: 0, start: 0, end: 1 });
      expect((await aliveAt(conversation))?.lastMessageId).toBe(messageId);
      await record(conversation, said("a late one", { messageId: toMessageId("5") }));
      expect((await aliveAt(conversation))?.lastMessageId).toBe(messageId);
    });

    it("owe an answer while the newest turn is a person's and still in view", async () => {
      const conversation = await open();
      await record(conversation, said("question"));
      expect(await aliveAt(conversation)).toMatchObject({
        isAnswerDue: true,
        duePosition: 0,
        dueTo: said("question").speaker?.id,
      });
      await reply(conversation, "answer");
      expect((await aliveAt(conversation))?.isAnswerDue).toBe(false);
      await record(conversation, said("another"));
      await reply(conversation, "");
      expect((await aliveAt(conversation))?.isAnswerDue).toBe(true);
      await store.conversations.reset(conversation.place.id);
      expect((await aliveAt(conversation))?.isAnswerDue).toBe(false);
    });

    it("are none of a guild that is gone, until someone speaks there or opens them", async () => {
      const gone = toGuildId(nextId());
      const place: Place = { kind: "channel", id: toChannelId(nextId()), guildId: gone };
      const conversation = await open(place);
      const elsewhere = await open();
      await store.conversations.closeGuild(gone);
      expect(await aliveAt(conversation)).toBeUndefined();
      expect(await aliveAt(elsewhere)).toBeDefined();
      expect(await store.conversations.find(place.id)).toEqual(conversation);
      await open(place);
      expect(await aliveAt(conversation)).toBeDefined();
      await store.conversations.closeGuild(gone);
      await record(conversation, said("back again"));
      expect(await aliveAt(conversation)).toBeDefined();
    });
  });

  describe("replies", () => {
    it("have their place in the order from their beginning, and no text to see until there is some", async () => {
      const conversation = await open();
      await record(conversation, said("question"));
      const replyId = await store.replies.begin(conversation.id, {
        model: "demo",
        askedBy: undefined,
      });
      await record(conversation, said("meanwhile"));
      expect(await textsOf(conversation)).toEqual(["question", "meanwhile"]);
      expect(await historyOf(conversation.place.id)).toHaveLength(2);
      await store.replies.saveDraft(replyId, "ans");
      expect(await textsOf(conversation)).toEqual(["question", "ans", "meanwhile"]);
      const count = { tokens: 2, basis: "demo" };
      await store.replies.end(replyId, ending("answer", { count, usage }));
      expect(await view(conversation)).toMatchObject([
        { text: "question" },
        { role: "assistant", text: "answer", count },
        { text: "meanwhile" },
      ]);
    });

    it.each([
      "stop",
      "length",
      "context",
      "parts",
      "repetition",
      "other-speaker",
      "timeout",
      "aborted",
      "interrupted",
      "unreachable",
      "failed",
    ] as const)("keep the text that people saw when they end by %s", async (reason) => {
      const conversation = await open();
      const replyId = await store.replies.begin(conversation.id, {
        model: "demo",
        askedBy: undefined,
      });
      await store.replies.end(replyId, ending("seen", { reason }));
      expect(await textsOf(conversation)).toEqual(["seen"]);
      expect(await historyOf(conversation.place.id)).toMatchObject([{ finishReason: reason }]);
      expect(await unfinishedOf(replyId)).toBeUndefined();
    });

    it.each(["aborted", "empty"] as const)(
      "leave the history without text by %s",
      async (reason) => {
        const conversation = await open();
        const replyId = await store.replies.begin(conversation.id, {
          model: "demo",
          askedBy: undefined,
        });
        await store.replies.saveDraft(replyId, "x");
        await store.replies.end(replyId, ending("", { reason, thoughts: "Hm." }));
        expect(await historyOf(conversation.place.id)).toEqual([]);
        expect(await unfinishedOf(replyId)).toBeUndefined();
      },
    );

    it("end once", async () => {
      const conversation = await open();
      const replyId = await reply(conversation, "first");
      await store.replies.end(replyId, ending("second", { reason: "failed" }));
      await store.replies.end(replyId, ending(""));
      await store.replies.saveDraft(replyId, "a late draft");
      expect(await historyOf(conversation.place.id)).toMatchObject([
        { text: "first", finishReason: "stop" },
      ]);
    });

    it("are unfinished until they end, with their text and the newest stretch of each part", async () => {
      const conversation = await open();
      const replyId = await store.replies.begin(conversation.id, {
        model: "demo",
        askedBy: undefined,
      });
      expect(await unfinishedOf(replyId)).toEqual({
        replyId,
        conversationId: conversation.id,
        place: conversation.place,
        text: "",
        parts: [],
        lastMessageId: undefined,
      });
      const [first, second] = [partOf(0, 0, 5), partOf(1, 5, 8)];
      await store.replies.savePart(replyId, second);
      await store.replies.savePart(replyId, { ...first, end: 2 });
      await store.replies.savePart(replyId, first);
      await store.replies.saveDraft(replyId, "half a text");
      expect(await unfinishedOf(replyId)).toMatchObject({
        text: "half a text",
        parts: [first, second],
      });
    });

    it("are not begun in a conversation that is forgotten", async () => {
      const conversation = await open();
      await store.conversations.forgetPlace(conversation.place.id);
      await expect(
        store.replies.begin(conversation.id, { model: "demo", askedBy: undefined }),
      ).rejects.toMatchObject({
        code: "store-failed",
      });
    });
  });

  describe("system prompts", () => {
    it("come from the place, else its parent, else from nowhere", async () => {
      const channel = newChannel();
      const thread = newThread(channel.id);
      await open(thread);
      const { systemPrompts } = store;
      const promptOf = async () => (await store.conversations.find(thread.id))?.systemPrompt;

      expect(await systemPrompts.effective(thread)).toEqual({
        source: "default",
        change: undefined,
      });
      await systemPrompts.change(channel.id, "of the channel", ann);
      expect(await systemPrompts.effective(thread)).toEqual({
        source: "parent",
        change: {
          placeId: channel.id,
          prompt: "of the channel",
          changedBy: ann,
          changedAt: expect.any(Date) as Date,
        },
      });
      expect(await promptOf()).toBe("of the channel");

      await systemPrompts.change(thread.id, "of the thread", ben);
      expect(await systemPrompts.effective(thread)).toMatchObject({
        source: "place",
        change: { placeId: thread.id, prompt: "of the thread", changedBy: ben },
      });
      expect(await promptOf()).toBe("of the thread");

      await systemPrompts.change(thread.id, undefined, ann);
      expect((await systemPrompts.effective(thread)).source).toBe("parent");
      expect(await promptOf()).toBe("of the channel");
    });

    it("say who went back to the default", async () => {
      const channel = newChannel();
      await store.systemPrompts.change(channel.id, "for a while", ann);
      await store.systemPrompts.change(channel.id, undefined, ben);
      expect(await store.systemPrompts.effective(channel)).toMatchObject({
        source: "default",
        change: { prompt: undefined, changedBy: ben },
      });
    });

    it("come with the conversation from every call that returns it", async () => {
      const thread = newThread();
      await store.systemPrompts.change(thread.parentId, "", ann);
      const opened = await open(thread);
      expect(opened.systemPrompt).toBe("");
      await store.systemPrompts.change(thread.id, "own", ann);
      const hello = said("Hello");
      const recorded = await store.conversations.record(opened.id, hello);
      const lastMessageId = hello.messageId;
      const changed = { lastMessageId, nextPosition: 1, systemPrompt: "own" };
      expect(recorded).toEqual({ ...opened, ...changed });
    });
  });

  it("keeps everything over a restart, and changes no table twice", async () => {
    const conversation = await open();
    await record(conversation, said("before the restart"));
    await store[Symbol.asyncDispose]();
    store = await database.open();
    expect(await textsOf(conversation)).toEqual(["before the restart"]);
  });
});
