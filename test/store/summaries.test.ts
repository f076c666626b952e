import { describe, expect, it } from "vitest";
import type { Conversation, RowId } from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { Place, Speaker } from "../../src/chat/place.ts";
import type { ReplyEnding } from "../../src/chat/ports.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { provideStore } from "../support/provide-store.ts";

const ann: Speaker = { id: toUserId("300000000000000001"), name: "Ann" };
const guildId = toGuildId("500000000000000000");
const model = "demo";

let lastId = 0;

function newId(): string {
  lastId += 1;
  return String(lastId);
}

function newPlace(): Place {
  return { kind: "channel", id: toChannelId(newId()), guildId };
}

function ending(text: string): ReplyEnding {
  const plain = { thoughts: undefined, usage: undefined, count: undefined } as const;
  return { text, reason: "stop", ...plain };
}

describe.each(DATABASE_KINDS)("summaries on %s", (kind) => {
  let store: Store;

  provideStore(kind, (provided) => {
    ({ store } = provided);
  });

  async function open(): Promise<Conversation> {
    return await store.conversations.open({ place: newPlace(), isParticipant: true });
  }

  async function say({ id }: Conversation, ...texts: readonly string[]) {
    const messageIds = texts.map(() => toMessageId(newId()));
    for (const [index, text] of texts.entries()) {
      const messageId = messageIds[index] ?? toMessageId("1");
      await store.conversations.record(id, { messageId, role: "user", speaker: ann, text });
    }
    return messageIds;
  }

  /** In a message for each of the texts. */
  async function reply({ id }: Conversation, ...texts: readonly string[]) {
    const replyId = await store.replies.begin(id, { model, askedBy: undefined });
    const messageIds = texts.map(() => toMessageId(newId()));
    let start = 0;
    for (const [index, messageId] of messageIds.entries()) {
      const end = start + (texts[index] ?? "").length;
      await store.replies.savePart(replyId, { messageId, index, start, end });
      start = end;
    }
    await store.replies.end(replyId, ending(texts.join("")));
    return { messageIds, replyId };
  }

  /** Six turns, a to f, of which the window has left all but f. */
  async function talk() {
    const conversation = await open();
    const messageIds = await say(conversation, "a", "b", "c", "d", "e", "f");
    await store.conversations.moveWindow(conversation.id, 5);
    return { conversation, id: conversation.id, messageIds, place: conversation.place };
  }

  async function claim(id: RowId, most = 100) {
    const stretch = await store.summaries.claimStretch(id, most);
    return stretch === undefined
      ? undefined
      : { ...stretch, texts: stretch.turns.map(({ text }) => text).join("") };
  }

  /** Summarises the newest turns that no summary covers. */
  async function summarise(id: RowId, most: number): Promise<RowId> {
    const stretch = await claim(id, most);
    if (stretch === undefined) throw new Error("Nothing is left");
    await store.summaries.write(stretch.id, { text: `of ${stretch.texts}`, model });
    return stretch.id;
  }

  async function read(id: RowId, which: "adopted" | "latest" = "latest"): Promise<string[]> {
    return (await store.summaries.read(id, which)).map(({ text }) => text);
  }

  async function merge(id: RowId): Promise<RowId | undefined> {
    const parts = await store.summaries.read(id, "latest");
    const ids = parts.map((part) => part.id);
    const claimed = await store.summaries.claimMerger(id, ids);
    if (claimed === undefined) return undefined;
    const text = parts.map((part) => part.text).join(" and ");
    await store.summaries.write(claimed, { text, model, parts: ids });
    return claimed;
  }

  it("are of what left the window, the newest first, until nothing is left", async () => {
    const { id } = await talk();
    expect(await claim(id, 2)).toMatchObject({ from: 3, texts: "de" });
    await summarise(id, 2);
    await summarise(id, 2);
    await summarise(id, 2);
    expect(await claim(id)).toBeUndefined();
    expect(await read(id)).toEqual(["of a", "of bc", "of de"]);
  });

  it("tell from when to when, and on which level they are", async () => {
    const { id } = await talk();
    await summarise(id, 3);
    await summarise(id, 3);
    await merge(id);
    const [whole] = await store.summaries.read(id, "latest");
    expect(whole).toMatchObject({ from: 0, to: 4, level: 1, text: "of ab and of cde" });
    expect(whole?.since).toBeInstanceOf(Date);
    expect(whole?.since.getTime()).toBeLessThanOrEqual(whole?.until.getTime() ?? 0);
  });

  it("leave to another one what they skip", async () => {
    const { id } = await talk();
    const stretch = await claim(id);
    expect(stretch?.texts).toBe("abcde");
    const written = { text: "of cde", model, skipped: 2 };
    expect(await store.summaries.write(stretch?.id ?? 0, written)).toBe(true);
    expect(await claim(id)).toMatchObject({ from: 0, texts: "ab" });
  });

  it("are not there while they are only claimed, and are claimed anew", async () => {
    const { id } = await talk();
    const first = await claim(id);
    const second = await claim(id);
    expect(second?.texts).toBe(first?.texts);
    expect(await read(id)).toEqual([]);
    expect(await store.summaries.write(first?.id ?? 0, { text: "late", model })).toBe(false);
    await store.summaries.release(second?.id ?? 0);
    expect(await store.summaries.write(second?.id ?? 0, { text: "late", model })).toBe(false);
    expect(await read(id)).toEqual([]);
  });

  it("are in the prompt as they were when they were adopted, until newer ones are", async () => {
    const { id } = await talk();
    await summarise(id, 3);
    expect(await read(id, "adopted")).toEqual([]);
    const newest = await summarise(id, 3);
    await store.summaries.adopt(id, newest);
    const merged = await merge(id);
    expect(await read(id, "adopted")).toEqual(["of ab", "of cde"]);
    await store.summaries.adopt(id, merged ?? 0);
    expect(await read(id, "adopted")).toEqual(["of ab and of cde"]);
  });

  it("give way to those that they were made of when something in them is taken back", async () => {
    const { id, messageIds, place } = await talk();
    await summarise(id, 3);
    await summarise(id, 3);
    const merged = await merge(id);
    await store.summaries.adopt(id, merged ?? 0);
    await store.conversations.forgetMessages(place.id, messageIds.slice(0, 1));
    expect(await read(id, "adopted")).toEqual(["of cde"]);
    expect(await claim(id)).toMatchObject({ texts: "b" });
  });

  const changes: readonly [
    string,
    (talked: Awaited<ReturnType<typeof talk>>) => Promise<unknown>,
  ][] = [
    [
      "an edit",
      ({ messageIds, place }) =>
        store.conversations.edit(place.id, messageIds[1] ?? toMessageId("1"), "B"),
    ],
    [
      "a deleted message",
      ({ messageIds, place }) =>
        store.conversations.forgetMessages(place.id, messageIds.slice(1, 2)),
    ],
    [
      "a turn that is taken back",
      async ({ messageIds, place }) => {
        const turnId = await store.conversations.findTurn(
          place.id,
          messageIds[1] ?? toMessageId("1"),
        );
        await store.conversations.dropTurns([turnId ?? 0]);
      },
    ],
    ["a fresh start", ({ place }) => store.conversations.reset(place.id)],
    ["the end of its place", ({ place }) => store.conversations.forgetPlace(place.id)],
  ];

  it.each(changes)("do not outlive %s, nor do those that are being written", async (_, change) => {
    const talked = await talk();
    await summarise(talked.id, 2);
    const stretch = await claim(talked.id, 2);
    expect(stretch?.texts).toBe("bc");
    await change(talked);
    expect(await store.summaries.write(stretch?.id ?? 0, { text: "old", model })).toBe(false);
    expect(await read(talked.id)).not.toContain("old");
  });

  it("stay where something else changes", async () => {
    const { conversation, id, messageIds, place } = await talk();
    await summarise(id, 2);
    await store.conversations.edit(place.id, messageIds[5] ?? toMessageId("1"), "F");
    await store.conversations.edit(place.id, messageIds[0] ?? toMessageId("1"), "A");
    await store.conversations.saveCounts(new Map([[id, { tokens: 3, basis: "words" }]]));
    await say(conversation, "g");
    await reply(conversation, "h");
    expect(await read(id)).toEqual(["of de"]);
  });

  it("go when a reply in them shows another text, is cut, or is deleted", async () => {
    const conversation = await open();
    const { id, place } = conversation;
    await say(conversation, "a");
    const { messageIds, replyId } = await reply(conversation, "yes", "maybe");
    const last = await store.replies.last(id);
    const by = { model, askedBy: undefined };
    const variant = await store.replies.beginVariant(last?.turnId ?? 0, by);
    await store.replies.end(variant ?? 0, ending("no"));
    await store.conversations.moveWindow(id, 2);
    await summarise(id, 100);
    expect(await read(id)).toEqual(["of ano"]);
    await store.replies.saveDraft(variant ?? 0, "never");
    expect(await read(id)).toEqual(["of ano"]);

    await store.replies.activate(replyId);
    expect(await read(id)).toEqual([]);
    for (const [index, messageId] of messageIds.entries()) {
      const end = index === 0 ? 3 : 8;
      await store.replies.savePart(replyId, { messageId, index, start: index * 3, end });
    }
    await summarise(id, 100);
    expect(await read(id)).toEqual(["of ayesmaybe"]);

    await store.conversations.forgetMessages(place.id, messageIds.slice(1));
    expect(await read(id)).toEqual([]);
    await summarise(id, 100);
    expect(await read(id)).toEqual(["of ayes"]);
    await store.conversations.forgetMessages(place.id, messageIds);
    expect(await read(id)).toEqual([]);
  });

  it("begin after a fresh start, whatever came before", async () => {
    const { conversation, id, place } = await talk();
    await store.conversations.reset(place.id);
    expect(await claim(id)).toBeUndefined();
    expect(await store.summaries.due(1_000)).not.toContain(id);
    await say(conversation, "g", "h");
    await store.conversations.moveWindow(id, 7);
    expect(await claim(id)).toMatchObject({ texts: "g" });
    expect(await store.summaries.due(1_000)).toContain(id);
  });

  it("are due where turns have left a window lately", async () => {
    const { id } = await talk();
    const fresh = await open();
    await say(fresh, "a");
    const due = await store.summaries.due(1_000);
    expect(due).toContain(id);
    expect(due).not.toContain(fresh.id);
    expect(await store.summaries.due(1)).toHaveLength(1);
  });

  it("move with their turns when older ones are adopted, and go when some come between", async () => {
    const conversation = await open();
    const { id } = conversation;
    const at = (moment: number) => ({
      messageId: toMessageId(String(900_000 + moment)),
      speaker: ann,
      text: String(moment),
      saidAt: new Date(moment),
    });
    for (const moment of [20, 40, 60, 80]) {
      const { messageId, text } = at(moment);
      await store.conversations.record(id, { messageId, role: "user", speaker: ann, text });
    }
    await store.conversations.moveWindow(id, 3);
    await summarise(id, 1);
    await summarise(id, 2);
    expect(await read(id)).toEqual(["of 2040", "of 60"]);
    await store.adoptions.adopt(id, { turns: [at(10)], isInView: false });
    expect(await claim(id)).toMatchObject({ texts: "10" });
    const parts = await store.summaries.read(id, "latest");
    expect(parts.map(({ from, to }) => to - from)).toEqual([1, 0]);
    await store.adoptions.adopt(id, { turns: [at(30)], isInView: false });
    expect(await read(id)).toEqual(["of 60"]);
    expect(await claim(id)).toMatchObject({ texts: "10203040" });
    await store.adoptions.adopt(id, { turns: [at(50)], isInView: false });
    expect(await read(id)).toEqual(["of 60"]);
  });

  it("do not become one where something between them is in neither", async () => {
    const { id, messageIds, place } = await talk();
    await summarise(id, 2);
    await summarise(id, 2);
    await summarise(id, 2);
    await store.conversations.edit(place.id, messageIds[2] ?? toMessageId("1"), "C");
    expect(await read(id)).toEqual(["of a", "of de"]);
    expect(await merge(id)).toBeUndefined();
  });

  it("go into a fork as far as its prompt begins with them", async () => {
    const { id, messageIds, place } = await talk();
    await summarise(id, 2);
    await store.summaries.adopt(id, await summarise(id, 2));
    await summarise(id, 2);
    const turnId = await store.conversations.findTurn(place.id, messageIds[5] ?? toMessageId("1"));
    const fork = newPlace();
    await store.conversations.fork({ place: fork, turnId: turnId ?? 0, openedBy: ann.id });
    const forked = await store.conversations.find(fork.id);
    expect(await read(forked?.id ?? 0, "adopted")).toEqual(["of bc", "of de"]);
    expect(await claim(forked?.id ?? 0)).toMatchObject({ texts: "a" });
    await store.conversations.forgetMessages(fork.id, messageIds.slice(3, 4));
    expect(await read(forked?.id ?? 0, "adopted")).toEqual(["of bc"]);
    expect(await read(id)).toEqual(["of a", "of bc", "of de"]);
  });
});
