import { inspect } from "node:util";
import postgres from "postgres";
import { afterEach, beforeEach, expect, inject, it, onTestFinished } from "vitest";
import { toChannelId } from "../../src/chat/ids.ts";
import { createStore, openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/open-store.ts";
import { openPostgresDatabase } from "../../src/store/postgres-database.ts";
import { createServerDatabase, onServer } from "../support/database.ts";
import type { ServerDatabase } from "../support/database.ts";
import { RecordingLog } from "../support/database-log.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { findFreePort, startServer } from "../support/database-server.ts";
import { startStubServer } from "../support/database-stub.ts";

const place = { kind: "direct", id: toChannelId("1") } as const;

let database: ServerDatabase;
let log: RecordingLog;

beforeEach(async () => {
  database = await createServerDatabase();
  log = new RecordingLog();
});
afterEach(() => database[Symbol.asyncDispose]());

interface Opening {
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

async function open(
  databaseUrl: string,
  { signal = new AbortController().signal, ...options }: Opening = {},
): Promise<Store> {
  return await openStore({ databaseUrl, dataDir: "unused", log, signal, ...options });
}

async function openImpatiently(url: string, deadlineMs: number): Promise<Store> {
  const { signal } = new AbortController();
  const settings = { url, log, signal, waitMs: 5_000, deadlineMs };
  return createStore(await openPostgresDatabase(settings));
}

function changed(url: string, change: (url: URL) => void): string {
  const copy = new URL(url);
  change(copy);
  return copy.href;
}

it("waits for a server that is away at start, says so once, and goes on when it is there", async () => {
  await using proxy = await DatabaseProxy.start(database.url);
  proxy.refuse();
  const opening = open(proxy.url);
  await expect.poll(() => log.lines).toHaveLength(1);
  proxy.forward();
  await using store = await opening;
  const { host } = new URL(proxy.url);
  expect(log.lines).toEqual([`Waiting for the database at ${host}…`]);
  expect(store.description).toMatch(/^PostgreSQL 18\.\d+ at /);
});

it("gives up after the limit, with what to check, and without the password", async () => {
  const port = await findFreePort();
  const opening = open(`postgres://someone:hush@127.0.0.1:${port}/familiar`, { waitMs: 700 });
  const error: unknown = await opening.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "store-unreachable" });
  expect(String(error)).toContain(`The database at 127.0.0.1:${port} cannot be reached`);
  expect(String(error)).toContain("check that it is running");
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("hush");
});

it("stops waiting when it is told to", async () => {
  await using proxy = await DatabaseProxy.start(database.url);
  proxy.silence();
  const controller = new AbortController();
  const opening = open(proxy.url, { signal: controller.signal });
  controller.abort("stop");
  await expect(opening).rejects.toBe("stop");
});

it.each<[string, (url: URL) => void, RegExp]>([
  ["a wrong password", (url) => (url.password = "hush"), /refuses the user or password/],
  ["an unknown user", (url) => (url.username = "nobody"), /refuses the user or password/],
  ["an unknown database", (url) => (url.pathname = "/none"), /has no database named "none"/],
])("refuses %s at once in one sentence", async (_name, change, sentence) => {
  const opening = open(changed(database.url, change));
  const error: unknown = await opening.catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: "store-failed" });
  expect(String(error)).toMatch(sentence);
  expect(String(error)).not.toContain("hush");
  expect(log.lines).toEqual([]);
});

it.each(["nonsense", "mysql://user:hush@host/database", "postgres://user:hu%zzsh@host/database"])(
  "calls %s no address, and does not repeat it",
  async (url) => {
    const error: unknown = await open(url).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "config-invalid" });
    expect(String(error)).toContain("DATABASE_URL is no address of a PostgreSQL database");
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(url);
  },
);

it("refuses a server that is too old", async () => {
  await using server = await startStubServer("13.14 (Debian 13.14-0+deb11u1)");
  const opening = open(server.url);
  await expect(opening).rejects.toMatchObject({ code: "store-failed" });
  await expect(opening).rejects.toThrow("is PostgreSQL 13.14: Familiar needs 14 or newer.");
});

it("says so when its user may not make tables", async () => {
  await onServer(async (admin) => {
    await admin.unsafe("drop role if exists guest");
    await admin.unsafe("create role guest login password 'guest'");
  });
  onTestFinished(() => onServer((admin) => admin.unsafe("drop role guest")));
  const url = changed(database.url, (copy) => {
    copy.username = "guest";
    copy.password = "guest";
  });
  await expect(open(url)).rejects.toThrow('does not let the user "guest" create tables');
});

it("lets several processes start at once on an empty database", async () => {
  const stores = await Promise.all(Array.from({ length: 4 }, () => open(database.url)));
  const opened = await Promise.all(
    stores.map((store) => store.conversations.open({ place, isParticipant: true })),
  );
  expect(new Set(opened.map(({ id }) => id)).size).toBe(1);
  await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()));
});

it("fails what is asked while the server is away, and works again by itself", async () => {
  await using proxy = await DatabaseProxy.start(database.url);
  await using store = await open(proxy.url);
  const ask = () => store.conversations.open({ place, isParticipant: true });
  const before = await ask();
  for (let round = 0; round < 3; round += 1) {
    proxy.refuse();
    const failures = await Promise.allSettled(Array.from({ length: 20 }, ask));
    for (const failure of failures) {
      expect(failure).toMatchObject({ status: "rejected", reason: { code: "store-unreachable" } });
    }
    proxy.forward();
    expect(await Promise.all(Array.from({ length: 20 }, ask))).toContainEqual(before);
  }
});

it("fails what is under way when the connection breaks", async () => {
  await using proxy = await DatabaseProxy.start(database.url);
  await using store = await open(proxy.url);
  await store.ping();
  proxy.silence();
  const asked = store.conversations.open({ place, isParticipant: true });
  proxy.refuse();
  await expect(asked).rejects.toMatchObject({ code: "store-unreachable" });
  proxy.forward();
  expect(await store.ping()).toBeGreaterThan(0);
});

it("waits no longer than its deadline for a server that vanished from the network", async () => {
  await using proxy = await DatabaseProxy.start(database.url);
  await using store = await openImpatiently(proxy.url, 500);
  await store.ping();
  proxy.silence();
  await expect(store.ping()).rejects.toMatchObject({ code: "store-unreachable" });
  proxy.forward();
  expect(await store.ping()).toBeGreaterThan(0);
});

it("does not wait for ever for a row that something else holds", async () => {
  await using store = await openImpatiently(database.url, 500);
  await store.conversations.open({ place, isParticipant: true });
  const other = postgres(database.url, { max: 1, onnotice: () => {} });
  await other.unsafe("begin");
  await other.unsafe("select from conversations for update");
  await expect(store.conversations.reset(place.id)).rejects.toMatchObject({
    code: "store-unreachable",
    message: expect.stringContaining("code=57014") as string,
  });
  await other.end();
  await expect(store.conversations.reset(place.id)).resolves.toBeUndefined();
});

it("survives a restart of the server", async () => {
  const port = await findFreePort();
  const server = await startServer(port);
  const url = changed(inject("databaseServer"), (copy) => (copy.port = String(port)));
  const store = await open(url);
  await store.conversations.open({ place, isParticipant: true });

  await server.stop();
  await expect(store.conversations.find(place.id)).rejects.toMatchObject({
    code: "store-unreachable",
  });
  await server.start();
  expect((await store.conversations.find(place.id))?.place).toEqual(place);
  await store[Symbol.asyncDispose]();
  await server.remove();
});

it("writes no notices of the server anywhere", async () => {
  await using store = await open(database.url);
  await using again = await open(database.url);
  expect([store.description, again.description]).toHaveLength(2);
  expect(log.lines).toEqual([]);
});

it("cannot be asked once it is closed", async () => {
  const store = await open(database.url);
  await store[Symbol.asyncDispose]();
  await expect(store.ping()).rejects.toMatchObject({ code: "store-unreachable" });
});
