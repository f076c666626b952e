import { expect, it } from "vitest";
import { openStore } from "../../src/store/open-store.ts";
import { startOn, waitForReply } from "../support/bot.ts";
import { createTestDatabase } from "../support/database.ts";
import { silentLog } from "../support/database-log.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

it("says in the channel that its database is away, and recovers by itself", async () => {
  await using playground = await startTestPlayground();
  await using database = await createTestDatabase("PostgreSQL");
  await using proxy = await DatabaseProxy.start(database.url ?? "");
  const { signal } = new AbortController();
  await using store = await openStore({
    databaseUrl: proxy.url,
    dataDir: database.dataDir,
    log: silentLog,
    signal,
  });
  const engine = new ScriptedEngine([say("Before."), say("After.")]);
  const { stop } = await startOn({ engine, playground, store });
  await using ada = await connectPerson(playground, "Ada");
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "One");
  await waitForReply(ada, dm.id, "Before.");
  proxy.refuse();
  await ada.post(dm.id, "Two");
  await waitForReply(ada, dm.id, /^⚠ My database is away/);
  proxy.forward();
  await ada.post(dm.id, "Three");
  await waitForReply(ada, dm.id, "After.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "One",
    "Before.",
    "Three",
  ]);
  await stop();
});
