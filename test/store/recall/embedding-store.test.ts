import { sql } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import type { Conversation } from "../../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../../src/chat/ids.ts";
import type { MessageId } from "../../../src/chat/ids.ts";
import type { EmbeddingStore, UnembeddedTurns } from "../../../src/chat/memory/embedding-store.ts";
import type { Place, Speaker } from "../../../src/chat/place.ts";
import type { Database } from "../../../src/store/database.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { DATABASE_KINDS } from "../../support/database.ts";
import { provideStore } from "../../support/provide-store.ts";

const ann: Speaker = { id: toUserId("300000000000000001"), name: "Ann" };
const ben: Speaker = { id: toUserId("300000000000000002"), name: "Ben" };
const DIMENSIONS = 8;
/** Up to here, pgvector compares all turns. */
const END = 20_000;
const ALL = { from: -END, before: undefined };

let lastId = 700_000_000_000_000_000n;

function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

function newThread(): Place & { kind: "thread" } {
  const guildId = toGuildId("500000000000000000");
  return { kind: "thread", id: toChannelId(nextId()), guildId, parentId: toChannelId(nextId()) };
}

/** Of length 1, the nearer to `other` the greater its share is. */
function towards(axis: number, other = 0, share = 0): Float32Array {
  const embedding = new Float32Array(DIMENSIONS);
  embedding[axis] = Math.sqrt(1 - share * share);
  if (share > 0) embedding[other] = share;
  return embedding;
}

describe.each(DATABASE_KINDS)("embeddings on %s", (kind) => {
  let database: Database;
  let store: Store;
  let embeddings: EmbeddingStore;
  let table: "turn_embeddings" | "turn_halfvecs";

  provideStore(kind, async (provided) => {
    ({ database, store } = provided);
    const opened = await store.openEmbeddings({ key: "0a", dimensions: DIMENSIONS });
    ({ embeddings } = opened);
    table = opened.description.includes("by pgvector") ? "turn_halfvecs" : "turn_embeddings";
  });

  async function open(): Promise<Conversation> {
    return await store.conversations.open({ place: newThread(), isParticipant: true });
  }

  async function say({ id }: Conversation, text: string, speaker = ann): Promise<MessageId> {
    const messageId = toMessageId(nextId());
    await store.conversations.record(id, { messageId, role: "user", speaker, text });
    return messageId;
  }

  async function sayAll(conversation: Conversation, ...texts: string[]): Promise<MessageId[]> {
    const messages: MessageId[] = [];
    for (const text of texts) messages.push(await say(conversation, text));
    await indexAll(conversation);
    return messages;
  }

  /** As when everything that was said so far has left the view. */
  async function indexAll({ id }: Conversation): Promise<void> {
    const [last] = await database.run("find the last turn", async (queries) => {
      const found = queries
        .$with("found", { position: sql<number>`position`.as("position") })
        .as(sql`select max(position) as position from turns where conversation_id = ${id}`);
      return await queries.with(found).select().from(found);
    });
    while (await store.recall.index(id, (last?.position ?? -1) + 1));
  }

  async function reply({ id }: Conversation, text: string): Promise<number> {
    const replyId = await store.replies.begin(id, { model: "demo", askedBy: undefined });
    await end(replyId, text);
    return replyId;
  }

  async function end(replyId: number, text: string): Promise<void> {
    const plain = { thoughts: undefined, usage: undefined, count: undefined } as const;
    await store.replies.end(replyId, { text, reason: "stop", ...plain });
  }

  async function textsToEmbed({ id }: Conversation): Promise<string[]> {
    return (await embeddings.pending(id, ALL)).turns.map(({ text }) => text);
  }

  /** Each turn by the axis of its position. */
  async function keep(
    { id }: Conversation,
    { turns }: UnembeddedTurns,
    axisOf = (position: number) => position % DIMENSIONS,
  ): Promise<void> {
    const made = turns.map(({ position, revision }) => ({
      position,
      revision,
      embedding: towards(axisOf(position)),
    }));
    await embeddings.keep(id, made);
  }

  async function embedAll(conversation: Conversation): Promise<void> {
    await indexAll(conversation);
    for (;;) {
      const pending = await embeddings.pending(conversation.id, ALL);
      if (pending.turns.length === 0) return;
      await keep(conversation, pending);
    }
  }

  async function nearest({ id }: Conversation, embedding: Float32Array, before = END) {
    const query = { conversationId: id, embedding, before, limit: 3 };
    return await embeddings.nearest(query);
  }

  async function positionsNear(
    conversation: Conversation,
    axis: number,
    before?: number,
  ): Promise<number[]> {
    const { turns } = await nearest(conversation, towards(axis), before);
    return turns.filter(({ similarity }) => similarity > 0.9).map(({ position }) => position);
  }

  async function rows({ id }: Conversation): Promise<number> {
    const [found] = await database.run("count", async (queries) => {
      const counted = queries.$with("counted", { count: sql<number>`count`.as("count") }).as(sql`
        select count(*)::integer as count from ${sql.identifier(table)}
        where conversation_id = ${id}`);
      return await queries.with(counted).select().from(counted);
    });
    return found?.count ?? 0;
  }

  it("gives turns to embed that left the view, the newest first, until each has one", async () => {
    const conversation = await open();
    expect(await embeddings.pending(conversation.id, ALL)).toEqual({
      turns: [],
      looked: undefined,
    });
    await sayAll(conversation, "One", "", "Three");
    await say(conversation, "Still in view");
    expect(await textsToEmbed(conversation)).toEqual(["Three", "One"]);
    const pending = await embeddings.pending(conversation.id, ALL);
    expect(pending.looked).toEqual({ from: 0, end: 3 });
    await keep(conversation, pending);
    expect(await textsToEmbed(conversation)).toEqual([]);
  });

  it("gives some at a time, and all of them by going on where it stopped", async () => {
    const conversation = await open();
    await sayAll(conversation, ...Array.from({ length: 40 }, (_, index) => `Turn ${index}`));
    const seen: number[] = [];
    let before: number | undefined;
    for (;;) {
      const { looked, turns } = await embeddings.pending(conversation.id, { from: 2, before });
      if (looked === undefined) break;
      expect(turns.length).toBeLessThanOrEqual(16);
      seen.push(...turns.map(({ position }) => position));
      before = looked.from;
    }
    expect(seen).toEqual(Array.from({ length: 38 }, (_, index) => 39 - index));
  });

  it("finds the most similar turns first, with how alike turns are in general", async () => {
    const conversation = await open();
    await sayAll(conversation, "Zero", "One", "Two", "Three");
    await embedAll(conversation);
    const { compared, deviation, mean, turns } = await nearest(conversation, towards(2, 1, 0.6));
    expect(turns.map(({ position, stretch }) => [position, stretch])).toEqual([
      [2, 0],
      [1, 0],
      [expect.any(Number), 0],
    ]);
    expect(turns[0]?.similarity).toBeCloseTo(0.8, 2);
    expect(turns[1]?.similarity).toBeCloseTo(0.6, 2);
    expect(compared).toBe(4);
    expect(mean).toBeCloseTo(0.35, 2);
    expect(deviation).toBeCloseTo(0.357, 2);
  });

  it("never finds what is in view, nor what was said in another place", async () => {
    const [here, there] = [await open(), await open()];
    await sayAll(here, "Zero", "One", "Two");
    await sayAll(there, "Zero", "One", "Two");
    await embedAll(there);
    expect((await nearest(here, towards(1))).turns).toEqual([]);
    await embedAll(here);
    const inView = await nearest(here, towards(2), 2);
    expect(new Set(inView.turns.map(({ position }) => position))).toEqual(new Set([0, 1]));
    expect(inView.compared).toBe(2);
    expect((await nearest(here, towards(2), -END)).compared).toBe(0);
  });

  it("has nothing of an edited turn until its new words are embedded", async () => {
    const conversation = await open();
    const [, message] = await sayAll(conversation, "Zero", "One", "Two");
    if (message === undefined) throw new Error("Nothing was said");
    await embedAll(conversation);
    expect(await positionsNear(conversation, 1)).toEqual([1]);
    await store.conversations.edit(conversation.place.id, message, "Something else");
    expect(await rows(conversation)).toBe(2);
    expect(await positionsNear(conversation, 1)).toEqual([]);
    const pending = await embeddings.pending(conversation.id, ALL);
    expect(pending.turns.map(({ text }) => text)).toEqual(["Something else"]);
    await keep(conversation, pending, () => 5);
    expect(await positionsNear(conversation, 5)).toEqual([1]);
    expect(await positionsNear(conversation, 1)).toEqual([]);
  });

  it("keeps nothing of words that were changed while they were embedded", async () => {
    const conversation = await open();
    const [edited, forgotten] = await sayAll(conversation, "Zero", "One", "Two");
    if (edited === undefined || forgotten === undefined) throw new Error("Nothing was said");
    const pending = await embeddings.pending(conversation.id, ALL);
    await store.conversations.edit(conversation.place.id, edited, "Other words");
    await store.conversations.forgetMessages(conversation.place.id, [forgotten]);
    await keep(conversation, pending);
    expect(await rows(conversation)).toBe(1);
    expect(await positionsNear(conversation, 0)).toEqual([]);
    expect(await textsToEmbed(conversation)).toEqual(["Other words"]);
  });

  it("keeps nothing of turns that change in the same moment", async () => {
    const conversation = await open();
    const messages = await sayAll(
      conversation,
      ...Array.from({ length: 16 }, (_, index) => `Old ${index}`),
    );
    const pending = await embeddings.pending(conversation.id, ALL);
    const { id: placeId } = conversation.place;
    await Promise.all([
      ...messages.slice(0, 8).map((message) => store.conversations.edit(placeId, message, "New")),
      keep(conversation, pending),
      ...messages.slice(8).map((message) => store.conversations.forgetMessages(placeId, [message])),
    ]);
    expect(await rows(conversation)).toBe(0);
  });

  it("has nothing left of turns and places that are forgotten", async () => {
    const conversation = await open();
    const [first] = await sayAll(conversation, "Zero", "One", "Two");
    if (first === undefined) throw new Error("Nothing was said");
    await embedAll(conversation);
    await store.conversations.forgetMessages(conversation.place.id, [first]);
    expect(await rows(conversation)).toBe(2);
    expect((await nearest(conversation, towards(0))).compared).toBe(2);
    await store.conversations.forgetPlace(conversation.place.id);
    expect(await rows(conversation)).toBe(0);
    expect((await nearest(conversation, towards(0))).compared).toBe(0);
  });

  it("has nothing left of the words of a person who is forgotten", async () => {
    const conversation = await open();
    await say(conversation, "Mine", ben);
    await sayAll(conversation, "Another's");
    await embedAll(conversation);
    expect(await rows(conversation)).toBe(2);
    await store.privacy.forgetWords({ userId: ben.id, scope: { kind: "everywhere" } });
    expect(await rows(conversation)).toBe(1);
    expect(await positionsNear(conversation, 0)).toEqual([]);
  });

  it("has nothing of a reply that another variant took the place of", async () => {
    const conversation = await open();
    await say(conversation, "Say something");
    const first = await reply(conversation, "First answer");
    await sayAll(conversation, "Thanks");
    await embedAll(conversation);
    expect(await rows(conversation)).toBe(3);
    const turnId = (await store.replies.last(conversation.id))?.turnId ?? 0;
    const by = { model: "demo", askedBy: undefined };
    const second = (await store.replies.beginVariant(turnId, by)) ?? 0;
    expect(await rows(conversation)).toBe(2);
    await end(second, "Second answer");
    expect(await textsToEmbed(conversation)).toEqual(["Second answer"]);
    await embedAll(conversation);
    await store.replies.activate(first);
    expect(await textsToEmbed(conversation)).toEqual(["First answer"]);
  });

  it("makes them anew where adopted turns move others, and in forks", async () => {
    const conversation = await open();
    const oldest = toMessageId(nextId());
    const [message] = await sayAll(conversation, "Zero", "One");
    if (message === undefined) throw new Error("Nothing was said");
    await embedAll(conversation);
    const saidAt = new Date("2024-01-01T00:00:00Z");
    const turns = [{ messageId: oldest, speaker: ben, text: "Long ago", saidAt }];
    await store.adoptions.adopt(conversation.id, { turns, isInView: false });
    expect(await rows(conversation)).toBe(0);
    await indexAll(conversation);
    expect(await textsToEmbed(conversation)).toEqual(["One", "Zero", "Long ago"]);
    const place = newThread();
    const turnId = await store.conversations.findTurn(conversation.place.id, message);
    await store.conversations.fork({ place, turnId: turnId ?? 0, openedBy: ann.id });
    const fork = (await store.conversations.find(place.id)) ?? conversation;
    await indexAll(fork);
    expect(await textsToEmbed(fork)).toEqual(["Zero", "Long ago"]);
  });

  it("compares nothing with what another model made, and puts its own in its place", async () => {
    const conversation = await open();
    await sayAll(conversation, "Zero", "One");
    await embedAll(conversation);
    const { embeddings: others } = await store.openEmbeddings({ key: "0b", dimensions: 4 });
    const query = { conversationId: conversation.id, before: END, limit: 3 };
    const asked = { ...query, embedding: Float32Array.of(1, 0, 0, 0) };
    expect((await others.nearest(asked)).compared).toBe(0);
    const pending = await others.pending(conversation.id, ALL);
    expect(pending.turns).toHaveLength(2);
    const embedding = Float32Array.of(0, 1, 0, 0);
    await others.keep(
      conversation.id,
      pending.turns.map(({ position, revision }) => ({ position, revision, embedding })),
    );
    expect((await others.nearest(asked)).compared).toBe(2);
    await store.openEmbeddings({ key: "0a", dimensions: DIMENSIONS });
    expect((await nearest(conversation, towards(0))).compared).toBe(0);
    expect(await rows(conversation)).toBe(2);
  });

  it("finds one among 25,000", async () => {
    const conversation = await open();
    const turns = 25_000;
    await database.run("fill", (queries) =>
      queries.execute(sql`
        insert into turns (conversation_id, position, role, author_id, author_name, content)
        select ${conversation.id}, position, 'user', '1', 'Ann', 'Words'
        from generate_series(0, ${turns}::integer - 1) position`),
    );
    await database.run("index", (queries) =>
      queries.execute(sql`
        insert into recall_turns (conversation_id, position, stretch, said_at, asks, terms)
        select conversation_id, position, position - position % 64, now(), 0, '{}'
        from turns where conversation_id = ${conversation.id}`),
    );
    const values =
      table === "turn_halfvecs"
        ? sql`'[0,0,0,1,0,0,0,0]'::halfvec`
        : sql`decode('0402013c0000007f00000000', 'hex')`;
    for (let from = 0; from < turns; from += 2_500) {
      await database.run("embed", (queries) =>
        queries.execute(sql`
          insert into ${sql.identifier(table)} (conversation_id, position, model, embedding)
          select ${conversation.id}, position, '0a', ${values}
          from generate_series(${from}::integer, ${from + 2_499}::integer) position
          where position % 7 <> 0`),
      );
    }
    const { turns: given } = await embeddings.pending(conversation.id, {
      from: 24_990,
      before: 24_991,
    });
    const [turn] = given;
    if (turn === undefined) throw new Error("Nothing is missing");
    await embeddings.keep(conversation.id, [{ ...turn, embedding: towards(6) }]);
    expect(await positionsNear(conversation, 6, turns)).toEqual([24_990]);
    const before = await nearest(conversation, towards(3), turns);
    const common = await nearest(conversation, towards(3), turns);
    // In memory, they are read a few at a time.
    expect(common.compared > before.compared).toBe(table === "turn_embeddings");
    expect(common.turns[0]?.similarity).toBeCloseTo(1, 1);
    expect(common.mean).toBeCloseTo(1, 1);
  });
});
