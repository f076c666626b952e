import postgres from "postgres";
import { afterAll, beforeAll, expect, it } from "vitest";
import { toChannelId, toMessageId } from "../../src/chat/ids.ts";
import type { ChannelId } from "../../src/chat/ids.ts";
import type { Store } from "../../src/store/open-store.ts";
import { createTestDatabase } from "../support/database.ts";
import type { TestDatabase } from "../support/database.ts";

// What no port reads back is looked up in the tables themselves.

let database: TestDatabase;
let store: Store;
let tables: postgres.Sql;

beforeAll(async () => {
  database = await createTestDatabase("PostgreSQL");
  store = await database.open();
  tables = postgres(database.url ?? "", { max: 1 });
});

afterAll(async () => {
  await tables.end();
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

const parts = [
  { messageId: toMessageId("11"), index: 0, start: 0, end: 4 },
  { messageId: toMessageId("12"), index: 1, start: 4, end: 8 },
];

const ending = {
  text: "One.Two.",
  thoughts: "First one, then two.\0",
  reason: "stop",
  usage: undefined,
  count: undefined,
} as const;

async function begin(placeId: ChannelId): Promise<number> {
  const place = { kind: "direct", id: placeId } as const;
  const { id } = await store.conversations.open({ place, isParticipant: true });
  const replyId = await store.replies.begin(id, { model: "demo", askedBy: undefined });
  for (const part of parts) await store.replies.savePart(replyId, part);
  return replyId;
}

async function thoughtsOf(replyId: number): Promise<unknown> {
  const [row] = await tables`select thoughts from variants where id = ${replyId}`;
  return row?.["thoughts"];
}

it("keeps what the model thought beside the text of its reply", async () => {
  const replyId = await begin(toChannelId("1"));
  expect(await thoughtsOf(replyId)).toBeNull();
  await store.replies.end(replyId, ending);
  expect(await thoughtsOf(replyId)).toBe("First one, then two.\uFFFD");
});

it("drops the thoughts of a reply when one of its messages is deleted", async () => {
  const placeId = toChannelId("2");
  const replyId = await begin(placeId);
  await store.replies.end(replyId, ending);
  await store.conversations.forgetMessages(placeId, [toMessageId("12")]);
  expect(await thoughtsOf(replyId)).toBeNull();
});

it("keeps no thoughts of a reply that lost a message while it was written", async () => {
  const placeId = toChannelId("3");
  const replyId = await begin(placeId);
  await store.conversations.forgetMessages(placeId, [toMessageId("11")]);
  await store.replies.end(replyId, ending);
  expect(await thoughtsOf(replyId)).toBeNull();
});

it("ignores stored settings that may not be", async () => {
  const scope = { kind: "place", id: toChannelId("4") } as const;
  for (const [stored, overrides] of [
    [{ sampling: { temperature: 99, topK: 3, stop: "x" } }, { sampling: { topK: 3 } }],
    [{ speak: "loudly", answerIn: "thread", access: { deniedUsers: [5] } }, { answerIn: "thread" }],
    [{ wakeWords: ["fam", 7], overheardMessages: 999, quota: {}, speak: null }, {}],
    [["no", "object"], {}],
    ["hot", {}],
  ] as const) {
    await tables`
      insert into settings (scope, scope_id, overrides)
      values ('place', ${scope.id}, ${tables.json(stored)})
      on conflict (scope, scope_id) do update set overrides = excluded.overrides`;
    expect(await store.settings.read([scope])).toEqual([overrides]);
  }
});
