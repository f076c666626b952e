import { describe, expect, it } from "vitest";
import type { Conversation, ReplyPart, RowId } from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { MessageId } from "../../src/chat/ids.ts";
import type { Place, Speaker } from "../../src/chat/place.ts";
import type { ReplyEnding } from "../../src/chat/ports.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { provideStore } from "../support/provide-store.ts";

const ann: Speaker = { id: toUserId("300000000000000001"), name: "Ann" };
const guildId = toGuildId("500000000000000000");
const by = { model: "demo", askedBy: ann.id };

let lastId = 200_000_000_000_000_000n;

function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

function newThread(): Place & { kind: "thread" } {
  return { kind: "thread", id: toChannelId(nextId()), guildId, parentId: toChannelId(nextId()) };
}

function ending(text: string, overrides: Partial<ReplyEnding> = {}): ReplyEnding {
  const plain = { thoughts: undefined, usage: undefined, count: undefined } as const;
  return { text, reason: "stop", ...plain, ...overrides };
}

function partOf(index: number, start: number, end: number): ReplyPart {
  return { messageId: toMessageId(nextId()), index, start, end };
}

describe.each(DATABASE_KINDS)("controlled replies on %s", (kind) => {
  let store: Store;

  provideStore(kind, (provided) => {
    ({ store } = provided);
  });

  async function open(place: Place = newThread()): Promise<Conversation> {
    return await store.conversations.open({ place, isParticipant: true });
  }

  async function say(conversation: Conversation, text: string): Promise<MessageId> {
    const messageId = toMessageId(nextId());
    const turn = { messageId, role: "user", speaker: ann, text } as const;
    await store.conversations.record(conversation.id, turn);
    return messageId;
  }

  async function reply(conversation: Conversation, text: string, ...parts: ReplyPart[]) {
    const replyId = await store.replies.begin(conversation.id, by);
    for (const part of parts) await store.replies.savePart(replyId, part);
    await store.replies.end(replyId, ending(text));
    return replyId;
  }

  async function last({ id }: Conversation) {
    const found = await store.replies.last(id);
    if (found === undefined) throw new Error("There is no reply");
    return found;
  }

  async function again(conversation: Conversation, text: string): Promise<RowId> {
    const { turnId } = await last(conversation);
    const replyId = (await store.replies.beginVariant(turnId, by)) ?? 0;
    await store.replies.end(replyId, ending(text));
    return replyId;
  }

  async function textsOf({ place }: Conversation): Promise<string[]> {
    const conversation = await store.conversations.find(place.id);
    if (conversation === undefined) return [];
    return (await store.conversations.view(conversation)).map(({ text }) => text);
  }

  it("have the newest reply with its variants, messages, and what it answers", async () => {
    const conversation = await open();
    await say(conversation, "Before");
    await reply(conversation, "Long ago");
    const answered = [await say(conversation, "One"), await say(conversation, "Two")];
    const part = partOf(0, 0, 5);
    const first = await reply(conversation, "Three", part);
    const second = await again(conversation, "Four");
    expect(await last(conversation)).toMatchObject({
      conversationId: conversation.id,
      variants: [
        { id: first, text: "Three", reason: "stop", isActive: false },
        { id: second, text: "Four", reason: "stop", isActive: true },
      ],
      askedBy: ann.id,
      parts: [{ messageId: part.messageId, index: 0, start: 0, end: 0 }],
      answered,
      controlsMessageId: undefined,
    });
  });

  it("have none in a conversation without, or before a fresh start", async () => {
    const conversation = await open();
    expect(await store.replies.last(conversation.id)).toBeUndefined();
    await reply(conversation, "Gone by");
    await store.conversations.reset(conversation.place.id);
    expect(await store.replies.last(conversation.id)).toBeUndefined();
  });

  it("belong to the history with the variant that is shown, and no other", async () => {
    const conversation = await open();
    await say(conversation, "Hi");
    const first = await reply(conversation, "One", partOf(0, 0, 3));
    const second = await again(conversation, "Two");
    expect(await textsOf(conversation)).toEqual(["Hi", "Two"]);
    expect(await store.replies.activate(first)).toBe(true);
    expect(await textsOf(conversation)).toEqual(["Hi", "One"]);
    expect(await store.replies.activate(first)).toBe(false);
    expect((await last(conversation)).parts).toHaveLength(1);
    await store.replies.activate(second);
    expect((await last(conversation)).variants.map(({ isActive }) => isActive)).toEqual([
      false,
      true,
    ]);
  });

  it("are counted anew when another variant is shown", async () => {
    const conversation = await open();
    const first = await reply(conversation, "One");
    const [turn] = await store.conversations.view(conversation);
    await store.conversations.saveCounts(new Map([[turn?.id ?? 0, { tokens: 5, basis: "words" }]]));
    await again(conversation, "Two");
    await store.replies.activate(first);
    expect((await store.conversations.view(conversation))[0]?.count).toBeUndefined();
  });

  it("begin no variant while one is being written, nor of a turn that is gone", async () => {
    const conversation = await open();
    await reply(conversation, "One");
    const { turnId } = await last(conversation);
    const running = await store.replies.beginVariant(turnId, by);
    expect(await store.replies.beginVariant(turnId, by)).toBeUndefined();
    await store.replies.end(running ?? 0, ending("Two"));
    await store.conversations.dropTurns([turnId]);
    expect(await store.replies.beginVariant(turnId, by)).toBeUndefined();
  });

  it("show what they did before when a new variant brings no text", async () => {
    const conversation = await open();
    const part = partOf(0, 0, 3);
    const first = await reply(conversation, "One", part);
    await again(conversation, "");
    expect(await last(conversation)).toMatchObject({
      variants: [{ id: first, text: "One", isActive: true }],
      parts: [{ messageId: part.messageId }],
    });
    expect(await textsOf(conversation)).toEqual(["One"]);
  });

  it("grow when they are gone on with, as one reply", async () => {
    const conversation = await open();
    const replyId = await reply(conversation, "Once upon", partOf(0, 0, 9));
    expect(await store.replies.resume(replyId)).toBe(true);
    expect(await store.replies.resume(replyId)).toBe(false);
    await store.replies.saveDraft(replyId, "Once upon a");
    expect((await store.replies.unfinished()).at(-1)).toMatchObject({
      replyId,
      conversationId: conversation.id,
      text: "Once upon a",
    });
    await store.replies.end(replyId, ending("Once upon a time"));
    expect(await textsOf(conversation)).toEqual(["Once upon a time"]);
  });

  it("keep new stretches, thoughts and count when they have grown", async () => {
    const conversation = await open();
    const part = partOf(0, 0, 4);
    const replyId = await reply(conversation, "Once", part);
    await store.replies.resume(replyId);
    await store.replies.savePart(replyId, { ...part, end: 9 });
    const count = { tokens: 3, basis: "words" };
    await store.replies.end(replyId, ending("Once more", { thoughts: "Hm.", count }));
    expect(await last(conversation)).toMatchObject({
      variants: [{ thoughts: "Hm." }],
      parts: [{ start: 0, end: 9 }],
    });
    expect((await store.conversations.view(conversation))[0]?.count).toEqual(count);
  });

  it("grow also where none of their messages is known", async () => {
    const conversation = await open();
    const replyId = await reply(conversation, "Once");
    await store.replies.resume(replyId);
    await store.replies.end(replyId, ending("Once more"));
    expect(await textsOf(conversation)).toEqual(["Once more"]);
  });

  it("lose a stretch with its message while another variant is written", async () => {
    const conversation = await open();
    const parts = [partOf(0, 0, 4), partOf(1, 4, 8)];
    await reply(conversation, "One Two ", ...parts);
    const { turnId } = await last(conversation);
    const replyId = (await store.replies.beginVariant(turnId, by)) ?? 0;
    for (const part of parts) await store.replies.savePart(replyId, part);
    await store.conversations.forgetMessages(conversation.place.id, [
      parts[0]?.messageId ?? toMessageId("1"),
    ]);
    await store.replies.end(replyId, ending("six ten "));
    expect(await textsOf(conversation)).toEqual(["ten "]);
  });

  it("keep their text when a message that they need no more is deleted", async () => {
    const conversation = await open();
    const parts = [partOf(0, 0, 4), partOf(1, 4, 8)];
    const replyId = await reply(conversation, "One Two ", ...parts);
    const messageId = parts[1]?.messageId ?? toMessageId("1");
    await store.replies.dropPart(replyId, messageId);
    expect(await store.conversations.forgetMessages(conversation.place.id, [messageId])).toBe(0);
    expect(await textsOf(conversation)).toEqual(["One Two "]);
  });

  it("are taken back with their turns, and name their messages", async () => {
    const conversation = await open();
    await say(conversation, "Stays");
    const part = partOf(0, 0, 4);
    await reply(conversation, "Goes", part);
    const { turnId } = await last(conversation);
    expect(await store.conversations.dropTurns([turnId])).toEqual([part.messageId]);
    expect(await textsOf(conversation)).toEqual(["Stays"]);
    expect(await store.conversations.dropTurns([])).toEqual([]);
  });

  it("remember which message has the controls", async () => {
    const { place } = await open();
    const [one, two] = [toMessageId(nextId()), toMessageId(nextId())];
    const move = (id: MessageId | undefined) => store.conversations.moveControls(place.id, id);
    expect(await move(one)).toBeUndefined();
    expect(await move(two)).toBe(one);
    expect(await move(undefined)).toBe(two);
    expect(await store.conversations.moveControls(newThread().id, one)).toBeUndefined();
  });

  describe("a fork", () => {
    it("begins with the history up to a turn, as it is shown, and changes alone", async () => {
      const source = await open();
      const question = await say(source, "Who are you?");
      await reply(source, "A cat", partOf(0, 0, 5));
      await again(source, "A dog");
      const { turnId } = await last(source);
      await say(source, "Too late");
      const place = newThread();
      const fork = { place, turnId, openedBy: ann.id };
      expect(await store.conversations.fork(fork)).toBe(true);
      const copy = await store.conversations.find(place.id);
      expect(copy).toMatchObject({ isParticipant: true, openedBy: ann.id });
      expect(await textsOf({ ...source, place })).toEqual(["Who are you?", "A dog"]);
      await store.conversations.edit(place.id, question, "Who?");
      expect(await textsOf(source)).toEqual(["Who are you?", "A dog", "Too late"]);
      expect(await store.conversations.fork(fork)).toBe(false);
    });

    it("keeps when its turns were said", async () => {
      const source = await open();
      const saidAt = new Date("2020-02-29T12:00:00Z");
      const old = {
        messageId: toMessageId(nextId()),
        role: "user",
        speaker: ann,
        text: "Old",
        saidAt,
      } as const;
      await store.conversations.record(source.id, old);
      await reply(source, "Long ago");
      const { turnId } = await last(source);
      const place = newThread();
      await store.conversations.fork({ place, turnId, openedBy: ann.id });
      const copy = await store.conversations.find(place.id);
      const timesOf = async (conversation: Conversation | undefined) =>
        conversation === undefined
          ? []
          : (await store.conversations.view(conversation)).map((turn) => turn.saidAt);
      const times = await timesOf(await store.conversations.find(source.place.id));
      expect(times[0]).toEqual(saidAt);
      expect(await timesOf(copy)).toEqual(times);
    });

    it("has the system prompt and the settings of its origin", async () => {
      const source = await open();
      await store.systemPrompts.change(source.place.id, "Meow.", ann);
      const scope = { kind: "place", id: source.place.id } as const;
      await store.settings.change(scope, { speak: "mention", sampling: { topK: 3 } });
      await reply(source, "Purr");
      const place = newThread();
      const { turnId } = await last(source);
      await store.conversations.fork({ place, turnId, openedBy: ann.id });
      expect(await store.conversations.find(place.id)).toMatchObject({ systemPrompt: "Meow." });
      expect(await store.settings.read([{ kind: "place", id: place.id }])).toEqual([
        { speak: "mention", sampling: { topK: 3 } },
      ]);
    });

    it("is found by its origin, as are forks of it", async () => {
      const source = await open();
      const messageId = await say(source, "Hello");
      const places = [newThread(), newThread()];
      let from: Place = source.place;
      for (const place of places) {
        const turnId = await store.conversations.findTurn(from.id, messageId);
        await store.conversations.fork({ place, turnId: turnId ?? 0, openedBy: ann.id });
        from = place;
      }
      const forks = await store.conversations.forks(source.place.id);
      expect(forks.toSorted()).toEqual(places.map(({ id }) => id).toSorted());
      expect(await store.conversations.forks(from.id)).toEqual([]);
      expect(await store.conversations.forgetMessages(from.id, [messageId])).toBe(1);
    });

    it("goes no further back than to a fresh start, but where it begins before one", async () => {
      const source = await open();
      const early = await say(source, "Early");
      await store.conversations.reset(source.place.id);
      const late = await say(source, "Late");
      for (const [messageId, texts] of [
        [early, ["Early"]],
        [late, ["Late"]],
      ] as const) {
        const place = newThread();
        const turnId = (await store.conversations.findTurn(source.place.id, messageId)) ?? 0;
        await store.conversations.fork({ place, turnId, openedBy: ann.id });
        expect(await textsOf({ ...source, place })).toEqual(texts);
      }
    });

    it("needs a turn that is there", async () => {
      const fork = { place: newThread(), turnId: 999_999_999, openedBy: ann.id };
      expect(await store.conversations.fork(fork)).toBe(false);
    });
  });

  it("find the turn of a person's message and of one that shows a reply", async () => {
    const conversation = await open();
    const { id } = conversation.place;
    const said = await say(conversation, "Hi");
    const part = partOf(0, 0, 2);
    await reply(conversation, "Ho", part);
    const { turnId } = await last(conversation);
    expect(await store.conversations.findTurn(id, part.messageId)).toBe(turnId);
    expect(await store.conversations.findTurn(id, said)).not.toBe(turnId);
    expect(await store.conversations.findTurn(id, toMessageId("1"))).toBeUndefined();
    expect(await store.conversations.findTurn(newThread().id, said)).toBeUndefined();
  });
});
