import postgres from "postgres";
import { expect, it } from "vitest";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import { createTestDatabase } from "../support/database.ts";

it("waits for what is just being deleted, and summarises the rest", async () => {
  await using files = await createTestDatabase("PostgreSQL");
  await using store = await files.open();
  const place = { kind: "channel", id: toChannelId("1"), guildId: toGuildId("2") } as const;
  const { id } = await store.conversations.open({ place, isParticipant: true });
  const speaker = { id: toUserId("3"), name: "Ann" };
  for (const text of ["Kept", "Secret", "In view"]) {
    const messageId = toMessageId(String(100 + text.length));
    await store.conversations.record(id, { messageId, role: "user", speaker, text });
  }
  await store.conversations.moveWindow(id, 2);

  const client = postgres(files.url ?? "", { max: 2, onnotice: () => {} });
  const claim = await client.begin(async (deleting) => {
    await deleting`delete from turns where content = 'Secret'`;
    const claiming = store.summaries.claimStretch(id, 10);
    await expect
      .poll(
        async () => {
          const [row] = await client`
            select count(*)::integer as waiting from pg_stat_activity
            where datname = current_database() and wait_event_type = 'Lock'`;
          return row?.["waiting"];
        },
        { timeout: 10_000 },
      )
      .toBe(1);
    return { claiming };
  });
  expect((await claim.claiming)?.turns.map(({ text }) => text)).toEqual(["Kept"]);
  await client.end();
});
