import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/postgres-js";
import { migrate } from "drizzle-orm/postgres-js/migrator";
import postgres from "postgres";
import { expect, it } from "vitest";
import { toChannelId } from "../../src/chat/ids.ts";
import { MIGRATIONS_FOLDER } from "../../src/store/database.ts";
import { createFolder, createTestDatabase } from "../support/database.ts";

/** Makes the tables as they were after the first so many migrations. */
async function migrateUpTo(count: number, client: postgres.Sql): Promise<void> {
  const migrationsFolder = await createFolder();
  await cp(MIGRATIONS_FOLDER, migrationsFolder, { recursive: true });
  const path = join(migrationsFolder, "meta", "_journal.json");
  const journal = JSON.parse(await readFile(path, "utf8")) as { entries: unknown[] };
  const entries = journal.entries.slice(0, count);
  await writeFile(path, JSON.stringify({ ...journal, entries }));
  await migrate(drizzle(client), { migrationsFolder });
  await rm(migrationsFolder, { recursive: true });
}

it("brings the first database up to date with all that it holds", async () => {
  await using database = await createTestDatabase("PostgreSQL");
  const client = postgres(database.url ?? "", { max: 1, onnotice: () => {} });
  await migrateUpTo(1, client);
  await client`
    insert into conversations (place_id, kind, is_participant, next_position)
    values ('7', 'direct', true, 1)`;
  await client`insert into turns (conversation_id, position, role) values (1, 0, 'assistant')`;
  await client`
    insert into variants (turn_id, is_active, state, content, finish_reason)
    values (1, true, 'complete', 'Said before', 'length')`;
  await client.end();

  await using store = await database.open();
  const id = toChannelId("7");
  const conversation = await store.conversations.find(id);
  expect(conversation).toMatchObject({ place: { kind: "direct", id } });
  for await (const page of store.conversations.history(id)) {
    expect(page).toMatchObject([{ text: "Said before", finishReason: "length" }]);
  }
});

it("keeps what places set of the sampling before there were other settings", async () => {
  await using database = await createTestDatabase("PostgreSQL");
  const client = postgres(database.url ?? "", { max: 1, onnotice: () => {} });
  await migrateUpTo(5, client);
  const overrides = { temperature: 0.25, stop: ["\n"] };
  await client`
    insert into samplings (place_id, overrides)
    values ('7', ${JSON.stringify(overrides)}::text::jsonb)`;
  await client.end();

  await using store = await database.open();
  const scope = { kind: "place", id: toChannelId("7") } as const;
  expect(await store.settings.read([scope])).toEqual([{ sampling: overrides }]);
});
