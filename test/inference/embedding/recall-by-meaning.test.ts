import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Conversation } from "../../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../../src/chat/ids.ts";
import type { MessageId } from "../../../src/chat/ids.ts";
import { recall } from "../../../src/chat/memory/recall.ts";
import { TurnEmbeddings } from "../../../src/chat/memory/turn-embeddings.ts";
import { ReplyLine } from "../../../src/chat/reply/reply-line.ts";
import { openOwnEmbedder } from "../../../src/inference/embedding/own-embedder.ts";
import type { OwnEmbedder } from "../../../src/inference/embedding/own-embedder.ts";
import { joinEmbeddings } from "../../../src/join-embeddings.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { createTestDatabase } from "../../support/database.ts";
import type { TestDatabase } from "../../support/database.ts";
import { silentLog } from "../../support/database-log.ts";
import { writeEmbeddingModel } from "../../support/embedding-model.ts";
import type { EmbeddingModelFile } from "../../support/embedding-model.ts";
import { HandClock } from "../../support/hand-clock.ts";

const { signal } = new AbortController();
const ann = { id: toUserId("300000000000000001"), name: "Ann" };
const FACT = "Last spring Bob purchased an automobile";
const QUESTION = "Which vehicle is new?";

let lastId = 900_000_000_000_000_000n;

function nextId(): string {
  lastId += 1n;
  return String(lastId);
}

describe("recall with a real embedding model", () => {
  let database: TestDatabase;
  let store: Store;
  let file: EmbeddingModelFile;
  let own: OwnEmbedder;
  let embeddings: TurnEmbeddings;
  const clock = new HandClock();

  beforeAll(async () => {
    database = await createTestDatabase("PGlite");
    store = await database.open();
    file = await writeEmbeddingModel();
    own = await openOwnEmbedder({ modelPath: file.path, gpu: "off", threads: 1, signal });
    const { ports } = await joinEmbeddings(own.embedder, store);
    if (ports === undefined) throw new Error("There is no embedding model");
    const line = new ReplyLine({ places: 1, maxWaiting: 9, maxWaitingPerUser: 9 });
    embeddings = new TurnEmbeddings({ ...ports, clock, line, log: silentLog });
  });

  afterAll(async () => {
    await embeddings.close();
    await own[Symbol.asyncDispose]();
    await file[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });

  /** Until nothing is left to embed. */
  async function embed({ id }: Conversation, turns: number): Promise<void> {
    const { embeddings: stored } = await store.openEmbeddings(own.embedder);
    embeddings.note(id, "changed");
    await clock.passWait();
    await expect
      .poll(async () => (await stored.pending(id, { from: 0, before: turns })).turns.length)
      .toBe(0);
  }

  /** A fact, and other things before and after it. */
  async function talk(turns: number, at: number) {
    const place = {
      kind: "thread",
      id: toChannelId(nextId()),
      guildId: toGuildId("500000000000000000"),
      parentId: toChannelId(nextId()),
    } as const;
    const conversation = await store.conversations.open({ place, isParticipant: true });
    const others = ["dog", "doctor", "sister", "rain", "recipe", "lawn", "banjo"];
    const messages: MessageId[] = [];
    for (let index = 0; index < turns; index += 1) {
      const text = index === at ? FACT : `Number ${index} and the ${others[index % 7] ?? ""}`;
      const messageId = toMessageId(nextId());
      await store.conversations.record(conversation.id, {
        messageId,
        role: "user",
        speaker: ann,
        text,
      });
      messages.push(messageId);
    }
    while (await store.recall.index(conversation.id, turns));
    return { conversation, fact: messages[at] ?? toMessageId(nextId()), turns };
  }

  async function ask({ id }: Conversation, before: number, using?: TurnEmbeddings) {
    const question = { conversationId: id, text: QUESTION, before, limit: 3 };
    return await recall(store.recall, question, using);
  }

  it("finds a turn that shares no word with the question", async () => {
    const { conversation, turns } = await talk(60, 20);
    expect((await ask(conversation, turns)).map(({ text }) => text)).not.toContain(FACT);
    await embed(conversation, turns);
    const [first] = await ask(conversation, turns, embeddings);
    expect(first?.text).toBe(FACT);
    expect(first?.coverage).toBe(0);
    expect(first?.likeness).toBeGreaterThan(0.5);
  });

  it("finds it no more once it was taken back or changed", async () => {
    const { conversation, fact, turns } = await talk(60, 20);
    const { conversation: other, fact: otherFact } = await talk(60, 20);
    await embed(conversation, turns);
    await embed(other, turns);
    await store.conversations.forgetMessages(conversation.place.id, [fact]);
    await store.conversations.edit(other.place.id, otherFact, "Nothing at all");
    for (const each of [conversation, other]) {
      const found = (await ask(each, turns, embeddings)).map(({ position }) => position);
      expect(found).not.toContain(20);
    }
  });

  it("finds by words alone what is not embedded yet", async () => {
    const { conversation, turns } = await talk(30, 5);
    const question = {
      conversationId: conversation.id,
      text: "automobile",
      before: turns,
      limit: 1,
    };
    const [first] = await recall(store.recall, question, embeddings);
    expect(first?.text).toBe(FACT);
    expect(first?.likeness).toBe(0);
  });
});
