import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../../src/chat/ids.ts";
import type { MessageId } from "../../../src/chat/ids.ts";
import { recall } from "../../../src/chat/memory/recall.ts";
import type { Place, Speaker } from "../../../src/chat/place.ts";
import type { Database } from "../../../src/store/database.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../../support/database.ts";
import { provideStore } from "../../support/provide-store.ts";

const ann: Speaker = { id: toUserId("300000000000000001"), name: "Ann" };
const ben: Speaker = { id: toUserId("300000000000000002"), name: "Ben" };
const guildId = toGuildId("500000000000000000");
const END = 1_000_000;

let lastId = 100_000_000_000_000_000n;

function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

function newThread(): Place & { kind: "thread" } {
  return {
    kind: "thread",
    id: toChannelId(nextId()),
    guildId,
    parentId: toChannelId(nextId()),
  };
}

describe.each(DATABASE_KINDS)("recall on %s", (kind) => {
  let database: Database;
  let store: Store;

  provideStore(kind, (provided) => {
    ({ database, store } = provided);
  });

  async function open(): Promise<Conversation> {
    return await store.conversations.open({ place: newThread(), isParticipant: true });
  }

  async function say(
    { id }: Conversation,
    text: string,
    speaker: Speaker = ann,
  ): Promise<MessageId> {
    const messageId = toMessageId(nextId());
    await store.conversations.record(id, { messageId, role: "user", speaker, text });
    return messageId;
  }

  async function sayAll(conversation: Conversation, ...texts: string[]): Promise<void> {
    for (const text of texts) await say(conversation, text);
  }

  async function reply({ id }: Conversation, text: string): Promise<number> {
    const by = { model: "demo", askedBy: undefined };
    const replyId = await store.replies.begin(id, by);
    await end(replyId, text);
    return replyId;
  }

  async function end(replyId: number, text: string): Promise<void> {
    const plain = { thoughts: undefined, usage: undefined, count: undefined } as const;
    await store.replies.end(replyId, { text, reason: "stop", ...plain });
  }

  async function adopt(
    { id }: Conversation,
    said: readonly (readonly [MessageId, string])[],
  ): Promise<void> {
    const saidAt = new Date("2024-01-01T00:00:00Z");
    const turns = said.map(([messageId, text]) => ({ messageId, speaker: ben, text, saidAt }));
    await store.adoptions.adopt(id, { turns, isInView: false });
  }

  /** Of turns this long apart in time, none belong to the same stretch. */
  async function spread({ id }: Conversation): Promise<void> {
    await database.run("spread", (queries) =>
      queries.execute(sql`
        update turns set said_at = '2024-05-01'::timestamptz + position * interval '1 day'
        where conversation_id = ${id}`),
    );
  }

  async function ask({ id }: Conversation, text: string, before = END): Promise<string[]> {
    const query = { conversationId: id, text, before, limit: 3 };
    return (await recall(store.recall, query)).map((turn) => turn.text);
  }

  /** Everything that the tables of the index hold of a term, anywhere. */
  async function rowsWith(term: string): Promise<number> {
    const found = await database.run("search", async (queries) => {
      const rows = queries.$with("rows", { count: sql<number>`count`.as("count") }).as(sql`
        select ((select count(*) from recall_postings where term = ${term})
          + (select count(*) from recall_turns where ${term} = any (terms)))::integer as count`);
      return await queries.with(rows).select().from(rows);
    });
    return found[0]?.count ?? 0;
  }

  it("finds a turn by another form of its words, with who said it and when", async () => {
    const conversation = await open();
    await sayAll(conversation, "Good morning", "We went camping in the mountains", "I like tea");
    await say(conversation, "That is fine", ben);
    await spread(conversation);
    const query = { conversationId: conversation.id, text: "Who camps?", before: END, limit: 1 };
    expect(await recall(store.recall, query)).toEqual([
      {
        position: 1,
        role: "user",
        speaker: ann,
        saidAt: new Date("2024-05-02T00:00:00Z"),
        text: "We went camping in the mountains",
        score: expect.any(Number),
        coverage: 1,
        likeness: 0,
      },
    ]);
  });

  it("finds the answer beside the question that has the words", async () => {
    const conversation = await open();
    await sayAll(conversation, "Hello there", "Which vegetable grows behind the shed?");
    await say(conversation, "Leeks, and nothing else, as every single year since I moved in", ben);
    expect((await ask(conversation, "vegetable behind shed")).slice(0, 2)).toContainEqual(
      expect.stringMatching(/^Leeks/),
    );
  });

  it("prefers what the person said who is named", async () => {
    const conversation = await open();
    await say(conversation, "My bicycle is green", ann);
    await say(conversation, "My bicycle is black", ben);
    await spread(conversation);
    expect((await ask(conversation, "What bicycle has Ben?"))[0]).toBe("My bicycle is black");
    expect((await ask(conversation, "What bicycle has Ann?"))[0]).toBe("My bicycle is green");
  });

  it("finds what a person said when nothing but the name is asked", async () => {
    const conversation = await open();
    await say(conversation, "Nice weather", ann);
    await say(conversation, "I collect stamps", ben);
    await spread(conversation);
    expect(await ask(conversation, "Ben?")).toContain("I collect stamps");
  });

  it("prefers what was said on the day that is asked for", async () => {
    const conversation = await open();
    await sayAll(conversation, "The game was lost", "The game was won", "The game was drawn");
    await spread(conversation);
    expect((await ask(conversation, "How was the game on 2 May 2024?"))[0]).toBe(
      "The game was won",
    );
  });

  it("finds Familiar's own turns, as they are shown", async () => {
    const conversation = await open();
    await say(conversation, "Recommend something");
    const first = await reply(conversation, "Read a saga about whales");
    await say(conversation, "Thanks");
    expect(await ask(conversation, "whale")).toContain("Read a saga about whales");
    const turnId = (await store.replies.last(conversation.id))?.turnId ?? 0;
    const second = await store.replies.beginVariant(turnId, { model: "demo", askedBy: undefined });
    await store.replies.saveDraft(second ?? 0, "Read about submarines");
    expect(await ask(conversation, "submarines")).toEqual([]);
    expect(await rowsWith("whale")).toBe(0);
    await end(second ?? 0, "Read about submarines and boats");
    expect(await ask(conversation, "boat")).toContain("Read about submarines and boats");
    await store.replies.activate(first);
    expect(await ask(conversation, "boat")).toEqual([]);
    expect(await ask(conversation, "whale")).toContain("Read a saga about whales");
  });

  it("never finds what was said in another place", async () => {
    const here = await open();
    const there = await open();
    await say(there, "The secret is a pelican");
    await say(here, "Nothing of that kind");
    expect(await ask(there, "pelican")).toEqual(["The secret is a pelican"]);
    expect(await ask(here, "pelican")).toEqual([]);
  });

  it("never finds what is in view, even when it is in the index", async () => {
    const conversation = await open();
    await sayAll(conversation, "A walrus was here", "A walrus was there", "A walrus again");
    expect(await ask(conversation, "walrus", 1)).toEqual(["A walrus was here"]);
    expect(await ask(conversation, "walrus", 3)).toHaveLength(3);
    expect(await ask(conversation, "walrus", 1)).toEqual(["A walrus was here"]);
    expect(await ask(conversation, "walrus", 0)).toEqual([]);
  });

  it("knows where what may be recalled begins, also after a reset", async () => {
    const conversation = await open();
    const { id: placeId } = conversation.place;
    const now = async () => (await store.conversations.find(placeId)) ?? conversation;
    expect(conversation.recallFrom).toBeUndefined();
    const first = await say(conversation, "A lynx slept");
    await sayAll(conversation, "A lynx woke", "A lynx left");
    expect((await now()).recallFrom).toBeUndefined();
    await store.conversations.moveWindow(conversation.id, 2);
    expect((await now()).recallFrom).toBe(0);
    await store.conversations.forgetMessages(placeId, [first]);
    expect((await now()).recallFrom).toBe(1);
    await store.conversations.reset(placeId);
    expect((await now()).recallFrom).toBeUndefined();
    await sayAll(conversation, "A lynx came", "A lynx ate");
    expect((await now()).recallFrom).toBeUndefined();
    await store.conversations.moveWindow(conversation.id, 4);
    const { recallFrom: since } = await now();
    expect(since).toBe(3);
    const query = { conversationId: conversation.id, text: "lynx", before: 4, limit: 9 };
    const found = await recall(store.recall, { ...query, since });
    expect(found.map(({ text }) => text)).toEqual(["A lynx came"]);
    expect(await recall(store.recall, query)).toHaveLength(3);
  });

  it("begins with what was adopted before the window, and moves what was reset away with it", async () => {
    const conversation = await open();
    const { id: placeId } = conversation.place;
    const old = [nextId(), nextId()].map(toMessageId);
    const [oldest = toMessageId("1"), older = toMessageId("1")] = old;
    await say(conversation, "An otter swam");
    await adopt(conversation, [[older, "An otter dived"]]);
    const adopted = await store.conversations.find(placeId);
    expect([adopted?.windowStart, adopted?.recallFrom]).toEqual([0, -1]);
    await store.conversations.reset(placeId);
    await adopt(conversation, [[oldest, "An otter was born"]]);
    expect((await store.conversations.find(placeId))?.recallFrom).toBeUndefined();
    await sayAll(conversation, "An otter grew", "An otter hunts");
    await store.conversations.moveWindow(conversation.id, 2);
    const { recallFrom: since } = (await store.conversations.find(placeId)) ?? conversation;
    const query = { conversationId: conversation.id, text: "otter", before: 2, limit: 9, since };
    const found = await recall(store.recall, query);
    expect(found.map(({ text }) => text)).toEqual(["An otter grew"]);
  });

  it("gives no words of people who opted out, or who had themselves forgotten", async () => {
    const conversation = await open();
    const [cleo, dana] = [toUserId(nextId()), toUserId(nextId())];
    await say(conversation, "A badger of mine", ann);
    await say(conversation, "A badger of Cleo's", { id: cleo, name: "Cleo" });
    await say(conversation, "A badger of Dana's", { id: dana, name: "Dana" });
    expect(await ask(conversation, "badger")).toHaveLength(3);
    await store.privacy.optOut(cleo);
    const until = new Date(Date.now() + 60_000);
    const elsewhere = { kind: "guild", id: toGuildId("400000000000000000") } as const;
    await store.privacy.addForgetting({ userId: dana, scope: elsewhere, until });
    expect(await ask(conversation, "badger")).toHaveLength(2);
    await store.privacy.addForgetting({
      userId: dana,
      scope: { kind: "guild", id: guildId },
      until,
    });
    expect(await ask(conversation, "badger")).toEqual(["A badger of mine"]);
    await store.privacy.optIn(cleo);
  });

  it("says which of several characters said a turn", async () => {
    const conversation = await open();
    const said = { speaker: undefined, character: "Bo", saidAt: new Date(0) };
    const turn = { ...said, role: "assistant", texts: ["I am a gnu"], shown: 0 } as const;
    await store.adoptions.append(conversation.id, [turn]);
    const query = { conversationId: conversation.id, text: "gnu", before: END, limit: 1 };
    expect(await recall(store.recall, query)).toMatchObject([
      { role: "assistant", speaker: undefined, character: "Bo", text: "I am a gnu" },
    ]);
  });

  it("takes in, without a position, what left the window, and knows where that is due", async () => {
    const conversation = await open();
    await sayAll(conversation, "One crane", "Two cranes", "Three cranes");
    const isDue = async () => (await store.recall.due(1_000)).includes(conversation.id);
    expect(await isDue()).toBe(false);
    await store.conversations.moveWindow(conversation.id, 2);
    expect(await isDue()).toBe(true);
    expect(await store.recall.index(conversation.id)).toBe(false);
    expect(await isDue()).toBe(false);
    const question = { conversationId: conversation.id, text: "crane", before: END, limit: 9 };
    const { terms } = await store.recall.match(question);
    expect(terms[0]?.positions).toEqual([0, 1]);
    await store.conversations.reset(conversation.place.id);
    expect(await isDue()).toBe(false);
  });

  it("finds nothing for no words, and for words that nobody said", async () => {
    const conversation = await open();
    await sayAll(conversation, "Some words", "", "…");
    for (const text of ["", "  ", "?!", "the of and", "zyzzyva", "\0", "😀"]) {
      expect(await ask(conversation, text)).toEqual([]);
    }
  });

  it("knows an edited turn by its new words only", async () => {
    const conversation = await open();
    const messageId = await say(conversation, "The password is flamingo");
    await say(conversation, "Noted");
    expect(await ask(conversation, "flamingo")).toHaveLength(2);
    await store.conversations.edit(conversation.place.id, messageId, "The word is ostrich");
    expect(await rowsWith("flamingo")).toBe(0);
    expect(await ask(conversation, "flamingo")).toEqual([]);
    expect((await ask(conversation, "ostrich"))[0]).toBe("The word is ostrich");
  });

  it("has nothing left of turns that are forgotten", async () => {
    const conversation = await open();
    const messageId = await say(conversation, "I live near the aquarium");
    const turn = await say(conversation, "My planetarium ticket expired");
    const replyId = await reply(conversation, "An observatory is nicer");
    const part = { messageId: toMessageId(nextId()), index: 0, start: 0, end: 23 };
    await store.replies.savePart(replyId, part);
    await say(conversation, "Goodbye");
    expect(await ask(conversation, "observatory, planetarium, aquarium")).toHaveLength(3);
    const { id: placeId } = conversation.place;
    await store.conversations.forgetMessages(placeId, [messageId, part.messageId]);
    expect(await rowsWith("aquarium")).toBe(0);
    expect(await rowsWith("observatori")).toBe(0);
    const turnId = await store.conversations.findTurn(placeId, turn);
    await store.conversations.dropTurns([turnId ?? 0]);
    expect(await rowsWith("planetarium")).toBe(0);
    expect(await ask(conversation, "goodbye")).toEqual(["Goodbye"]);
  });

  it("has nothing left of a place that is forgotten", async () => {
    const conversation = await open();
    await say(conversation, "A quokka smiled");
    await ask(conversation, "quokka");
    expect(await rowsWith("quokka")).toBe(2);
    await store.conversations.forgetPlace(conversation.place.id);
    expect(await rowsWith("quokka")).toBe(0);
  });

  it("knows in a fork what the fork begins with, and keeps the two apart", async () => {
    const conversation = await open();
    const messageId = await say(conversation, "The heron flew");
    await ask(conversation, "heron");
    const place = newThread();
    const turnId = await store.conversations.findTurn(conversation.place.id, messageId);
    await store.conversations.fork({ place, turnId: turnId ?? 0, openedBy: ann.id });
    const fork = (await store.conversations.find(place.id)) ?? conversation;
    await say(fork, "The stork followed");
    expect(await ask(fork, "heron")).toContain("The heron flew");
    expect(await ask(conversation, "stork")).toEqual([]);
    await store.conversations.forgetPlace(place.id);
    expect(await ask(conversation, "heron")).toEqual(["The heron flew"]);
  });

  it.each([
    ["昨日、東京で美味しいラーメンを食べました", "東京のラーメン"],
    ["어제 서울에서 친구를 만났어요", "서울"],
    ["Ich habe gestern schöne Häuser in der Stadt gesehen", "Welche Häuser hast du gesehen?"],
    ["Wir waren mit den Kindern in den Bergen wandern", "berg"],
    ["Вчера я купил красные ботинки для сына", "Какие ботинки?"],
    ["Hier, nous avons mangé des crêpes à l'ÉCOLE", "école"],
    ["We met at the Café Zoë", "cafe zoe"],
    ["“Dragonflies”, she said – it’s true", "dragonfly"],
    ["Мы ездили в ПЕТЕРБУРГ на поезде", "петербург"],
  ])("finds %s by %s", async (text, question) => {
    const conversation = await open();
    await sayAll(conversation, "Good morning to you", text, "Nothing of that kind");
    await spread(conversation);
    expect((await ask(conversation, question))[0]).toBe(text);
  });

  it("finds what was adopted before everything in the index, and what moved to make room", async () => {
    const conversation = await open();
    const [oldest, between, older] = [nextId(), nextId(), nextId()].map(toMessageId);
    if (oldest === undefined || between === undefined || older === undefined) throw new Error();
    await sayAll(conversation, "The heron is grey", "The robin is red");
    expect(await ask(conversation, "heron")).toContain("The heron is grey");
    await adopt(conversation, [
      [oldest, "The ibis is white"],
      [older, "The raven is black"],
    ]);
    expect(await ask(conversation, "ibis")).toContain("The ibis is white");
    await adopt(conversation, [[between, "The finch is yellow"]]);
    for (const [word, text] of [
      ["ibis", "The ibis is white"],
      ["finch", "The finch is yellow"],
      ["ravens", "The raven is black"],
      ["heron", "The heron is grey"],
    ] as const) {
      expect((await ask(conversation, word))[0]).toBe(text);
    }
    await store.conversations.forgetMessages(conversation.place.id, [oldest]);
    expect(await rowsWith("ibi")).toBe(0);
  });

  it("takes a history that is older than the index in, some at a time", async () => {
    const conversation = await open();
    const texts = Array.from({ length: 700 }, (_, index) => `Number ${index} is a puffin`);
    await database.run("fill", (queries) =>
      queries.execute(sql`
        insert into turns (conversation_id, position, role, author_id, author_name, content)
        select ${conversation.id}, position - 1, 'user', '1', 'Ann', text
        from unnest(string_to_array(${texts.join("\n")}, e'\n'))
          with ordinality told (text, position)`),
    );
    expect(await ask(conversation, "650")).toEqual([]);
    while (await store.recall.index(conversation.id, 700));
    expect((await ask(conversation, "650"))[0]).toBe("Number 650 is a puffin");
    const question = { conversationId: conversation.id, text: "puffin", before: 700, limit: 1 };
    const { stretches, terms, turns } = await store.recall.match(question);
    expect(terms.map((term) => term.turns)).toEqual([700]);
    expect(new Set(terms[0]?.positions).size).toBe(700);
    expect({ turns, stretches }).toEqual({ turns: 700, stretches: 11 });
    await database.run("forget half", (queries) =>
      queries.execute(sql`delete from turns
        where conversation_id = ${conversation.id} and position % 2 = 0`),
    );
    const { terms: left } = await store.recall.match(question);
    expect(left[0]?.positions.every((position) => position % 2 === 1)).toBe(true);
    expect(left[0]?.turns).toBe(350);
  });

  it("stays true when the same turns are indexed, edited and forgotten at once", async () => {
    const conversation = await open();
    const messages: MessageId[] = [];
    for (let index = 0; index < 20; index += 1) {
      messages.push(await say(conversation, `Toucan ${index}`));
    }
    const { id: placeId } = conversation.place;
    await Promise.all([
      ask(conversation, "toucan"),
      ...messages.map((messageId, index) =>
        index % 2 === 0
          ? store.conversations.edit(placeId, messageId, `Cormorant ${index}`)
          : store.conversations.forgetMessages(placeId, [messageId]),
      ),
      ask(conversation, "toucan"),
    ]);
    expect(await ask(conversation, "toucan")).toEqual([]);
    expect(await rowsWith("toucan")).toBe(0);
    const question = { conversationId: conversation.id, text: "cormorant", before: END, limit: 9 };
    const { terms } = await store.recall.match(question);
    expect(terms[0]?.positions.toSorted((a, b) => a - b)).toEqual(
      messages.flatMap((_, index) => (index % 2 === 0 ? [index] : [])),
    );
  });
});
