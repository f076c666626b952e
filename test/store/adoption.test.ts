import { array, assert, asyncProperty, boolean, integer, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";
import type { AdoptedTurn, ImportedTurn } from "../../src/chat/adopt/adoption-store.ts";
import type { Conversation, HistoryEntry } from "../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { Place, Speaker } from "../../src/chat/place.ts";
import type { Store } from "../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../support/database.ts";
import { provideStore } from "../support/provide-store.ts";

const ann: Speaker = { id: toUserId("300000000000000001"), name: "Ann" };
const ben: Speaker = { id: toUserId("300000000000000002"), name: "Ben" };
const guildId = toGuildId("500000000000000000");

let lastPlace = 0;

function newChannel(): Place {
  lastPlace += 1;
  return { kind: "channel", id: toChannelId(String(lastPlace)), guildId };
}

/** Written at a moment; its text is the moment. */
function written(moment: number, overrides: Partial<AdoptedTurn> = {}): AdoptedTurn {
  return {
    messageId: toMessageId(String(moment)),
    speaker: ann,
    text: String(moment),
    saidAt: new Date(moment * 1_000),
    ...overrides,
  };
}

function imported(text: string, overrides: Partial<ImportedTurn> = {}): ImportedTurn {
  return {
    role: "user",
    speaker: ann,
    character: undefined,
    texts: [text],
    shown: 0,
    saidAt: new Date(1_000),
    ...overrides,
  };
}

describe.each(DATABASE_KINDS)("adopting on %s", (kind) => {
  let store: Store;

  provideStore(kind, (provided) => {
    ({ store } = provided);
  });

  async function open(place = newChannel()): Promise<Conversation> {
    return await store.conversations.open({ place, isParticipant: false });
  }

  async function say({ id }: Conversation, ...moments: readonly number[]): Promise<void> {
    for (const moment of moments) {
      const { messageId, text } = written(moment);
      await store.conversations.record(id, { messageId, role: "user", speaker: ann, text });
    }
  }

  async function reply({ id }: Conversation, ...moments: readonly number[]): Promise<string> {
    const by = { model: "demo", askedBy: undefined };
    const replyId = await store.replies.begin(id, by);
    const text = moments.join("");
    let start = 0;
    for (const [index, moment] of moments.entries()) {
      const end = start + String(moment).length;
      const messageId = toMessageId(String(moment));
      await store.replies.savePart(replyId, { messageId, index, start, end });
      start = end;
    }
    const plain = { thoughts: undefined, usage: undefined, count: undefined } as const;
    await store.replies.end(replyId, { text, reason: "stop", ...plain });
    return text;
  }

  async function adopt(
    { id }: Conversation,
    turns: readonly AdoptedTurn[],
    isInView = false,
  ): Promise<number | undefined> {
    return (await store.adoptions.adopt(id, { turns, isInView }))?.added;
  }

  async function read({ place }: Conversation): Promise<HistoryEntry[]> {
    const entries: HistoryEntry[] = [];
    for await (const page of store.conversations.history(place.id)) entries.push(...page);
    return entries;
  }

  async function textsOf(conversation: Conversation): Promise<string[]> {
    return (await read(conversation)).map(({ text }) => text);
  }

  async function viewOf({ place }: Conversation): Promise<string[]> {
    const found = await store.conversations.find(place.id);
    if (found === undefined) return [];
    return (await store.conversations.view(found)).map(({ text }) => text);
  }

  it("puts what is older before everything, and outside of the prompt", async () => {
    const conversation = await open();
    await say(conversation, 500, 501);
    expect(
      await adopt(
        conversation,
        [300, 301].map((one) => written(one)),
      ),
    ).toBe(2);
    expect(
      await adopt(
        conversation,
        [100, 101].map((one) => written(one)),
      ),
    ).toBe(2);
    expect(await textsOf(conversation)).toEqual(["100", "101", "300", "301", "500", "501"]);
    expect(await viewOf(conversation)).toEqual(["500", "501"]);
    await say(conversation, 600);
    expect(await viewOf(conversation)).toEqual(["500", "501", "600"]);
  });

  it("keeps when each was said and by whom", async () => {
    const conversation = await open();
    await adopt(conversation, [written(7, { speaker: ben, text: "Hi \0 there" })]);
    expect(await read(conversation)).toMatchObject([
      { role: "user", speaker: ben, text: "Hi \uFFFD there", saidAt: new Date(7_000) },
    ]);
  });

  it("puts what was left out between the turns that are there", async () => {
    const conversation = await open();
    await say(conversation, 100, 200);
    const replied = await reply(conversation, 300);
    await say(conversation, 400);
    const missing = [50, 150, 160, 250, 350, 450].map((one) => written(one));
    expect(await adopt(conversation, missing)).toBe(6);
    expect(await textsOf(conversation)).toEqual([
      "50",
      "100",
      "150",
      "160",
      "200",
      "250",
      replied,
      "350",
      "400",
      "450",
    ]);
    // What lies before the first turn in the prompt stays outside; all else was said since then.
    expect(await viewOf(conversation)).toEqual((await textsOf(conversation)).slice(1));
  });

  it("knows again what is a turn, whichever of a reply's messages it is", async () => {
    const conversation = await open();
    await say(conversation, 100);
    const replied = await reply(conversation, 200, 210, 220);
    const page = [100, 110, 200, 205, 210, 220].map((one) => written(one));
    expect(await adopt(conversation, page)).toBe(2);
    expect(await adopt(conversation, page)).toBe(0);
    expect(await textsOf(conversation)).toEqual(["100", "110", replied, "205"]);
  });

  it("makes finished replies of Familiar's own messages, which can be taken back", async () => {
    const conversation = await open();
    const own = written(200, { speaker: undefined, text: "It was 🐢 me." });
    await adopt(conversation, [written(100), own], true);
    expect(await read(conversation)).toMatchObject([
      { role: "user", text: "100" },
      { role: "assistant", speaker: undefined, text: "It was 🐢 me.", finishReason: "stop" },
    ]);
    expect((await store.replies.last(conversation.id))?.parts).toEqual([
      { messageId: own.messageId, index: 0, start: 0, end: own.text.length },
    ]);
    expect(await store.replies.unfinished()).toEqual([]);
    const { id } = conversation.place;
    expect(await store.conversations.forgetMessages(id, [own.messageId])).toBe(1);
    expect(await textsOf(conversation)).toEqual(["100"]);
  });

  it("has changed and taken back what was adopted, as all else", async () => {
    const conversation = await open();
    await adopt(
      conversation,
      [100, 200].map((one) => written(one)),
    );
    const { id } = conversation.place;
    const { conversations } = store;
    expect(await conversations.edit(id, written(100).messageId, "Changed")).toBe(true);
    expect(await conversations.forgetMessages(id, [written(200).messageId])).toBe(1);
    expect(await textsOf(conversation)).toEqual(["Changed"]);
  });

  it("has all in view where there was no conversation", async () => {
    const conversation = await open();
    await adopt(
      conversation,
      [300, 310].map((one) => written(one)),
      true,
    );
    await adopt(
      conversation,
      [100, 110].map((one) => written(one)),
      true,
    );
    await adopt(
      conversation,
      [50].map((one) => written(one)),
      false,
    );
    expect(await viewOf(conversation)).toEqual(["100", "110", "300", "310"]);
    await say(conversation, 400);
    expect(await viewOf(conversation)).toEqual(["100", "110", "300", "310", "400"]);
  });

  it("brings nothing back into a prompt that turns have left", async () => {
    const conversation = await open();
    await say(conversation, 100, 200, 300);
    await store.conversations.moveWindow(conversation.id, 2);
    await adopt(
      conversation,
      [50, 150, 250].map((one) => written(one)),
      true,
    );
    expect(await textsOf(conversation)).toEqual(["50", "100", "150", "200", "250", "300"]);
    expect(await viewOf(conversation)).toEqual(["300"]);
  });

  it("leaves the prompt empty after a fresh start", async () => {
    const conversation = await open();
    await say(conversation, 100, 200);
    await store.conversations.reset(conversation.place.id);
    await adopt(
      conversation,
      [50, 150, 250].map((one) => written(one)),
      true,
    );
    expect(await viewOf(conversation)).toEqual([]);
    await say(conversation, 300);
    expect(await viewOf(conversation)).toEqual(["300"]);
  });

  it("notices that several people have spoken", async () => {
    const [one, other] = [await open(), await open()];
    await adopt(one, [written(100), written(200)]);
    await adopt(other, [written(100), written(200, { speaker: ben })]);
    expect((await store.conversations.find(one.place.id))?.hasSeveralSpeakers).toBe(false);
    expect((await store.conversations.find(other.place.id))?.hasSeveralSpeakers).toBe(true);
    await adopt(one, [written(50, { speaker: ben })]);
    expect((await store.conversations.find(one.place.id))?.hasSeveralSpeakers).toBe(true);
  });

  it("has nobody wait for an answer to what was adopted or imported", async () => {
    const conversation = await open();
    await adopt(conversation, [written(100, { saidAt: new Date() })]);
    await store.adoptions.append(conversation.id, [imported("Late", { saidAt: new Date() })]);
    const alive = await store.conversations.alive(1_000);
    expect(alive.find(({ place }) => place.id === conversation.place.id)).toMatchObject({
      isAnswerDue: false,
      lastMessageId: written(100).messageId,
    });
  });

  it("adds nothing to a conversation that is gone", async () => {
    const conversation = await open();
    await store.conversations.forgetPlace(conversation.place.id);
    expect(await adopt(conversation, [written(100)])).toBeUndefined();
    expect(await store.adoptions.append(conversation.id, [imported("Hi")])).toBe(false);
  });

  it("puts an imported chat after all else, with the variants of its replies", async () => {
    const conversation = await open();
    await say(conversation, 100);
    const texts = ["One", "Two", "Three"];
    const several = { role: "assistant", speaker: undefined, texts, shown: 1 } as const;
    const chat = [
      imported("Hello"),
      imported("", { ...several, character: "Mia" }),
      imported("Bye", { saidAt: new Date(9_000) }),
    ];
    expect(await store.adoptions.append(conversation.id, chat)).toBe(true);
    await say(conversation, 200);
    const entries = await read(conversation);
    expect(entries.map(({ text }) => text)).toEqual(["100", "Hello", "Two", "Bye", "200"]);
    expect(entries[2]).toMatchObject({
      role: "assistant",
      speaker: undefined,
      character: "Mia",
      variants: texts.map((text) => ({ text, isShown: text === "Two" })),
    });
    expect(entries[3]).toMatchObject({ speaker: ann, saidAt: new Date(9_000) });
    expect(await viewOf(conversation)).toEqual(entries.map(({ text }) => text));
    const last = await store.replies.last(conversation.id);
    expect(last?.variants.map(({ isActive, text }) => [text, isActive])).toEqual([
      ["One", false],
      ["Two", true],
      ["Three", false],
    ]);
  });

  it("copies what was adopted into a fork, in view", async () => {
    const conversation = await open();
    await say(conversation, 500);
    await adopt(
      conversation,
      [100, 200, 300].map((one) => written(one)),
    );
    const { id } = conversation.place;
    const turnId = (await store.conversations.findTurn(id, written(200).messageId)) ?? 0;
    const place = {
      kind: "thread",
      id: toChannelId(`9${id}`),
      guildId,
      parentId: id,
    } as const;
    expect(await store.conversations.fork({ place, turnId, openedBy: ann.id })).toBe(true);
    expect(await viewOf({ ...conversation, place })).toEqual(["100", "200"]);
  });

  it("has all messages in their order, however they come", { timeout: 60_000 }, async () => {
    const moments = uniqueArray(integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 });
    const heard = array(boolean(), { minLength: 60, maxLength: 60 });
    const plan = asyncProperty(
      moments,
      heard,
      integer({ min: 1, max: 12 }),
      async (all, isHeard, size) => {
        const sorted = all.toSorted((one, other) => one - other);
        const conversation = await open();
        await say(conversation, ...sorted.filter((one) => isHeard[one - 1] === true));
        const wasInView = await viewOf(conversation);
        let below: number | undefined;
        for (let end = sorted.length; end > 0; end -= size) {
          const turns = sorted.slice(Math.max(0, end - size), end).map((one) => written(one));
          const page = { turns, isInView: false, below };
          below = (await store.adoptions.adopt(conversation.id, page))?.lowest;
        }
        expect(await textsOf(conversation)).toEqual(sorted.map(String));
        const first = wasInView[0];
        const since = first === undefined ? [] : sorted.slice(sorted.indexOf(Number(first)));
        expect(await viewOf(conversation)).toEqual(since.map(String));
      },
    );
    await assert(plan, { numRuns: 40 });
  });
});
