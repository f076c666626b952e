import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { toChannelId } from "../../src/chat/ids.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/open-store.ts";
import { createFolder } from "../support/database.ts";
import { silentLog } from "../support/database-log.ts";

const CHILD = fileURLToPath(new URL("../support/database-child.ts", import.meta.url));

let template: string;
let dataDir: string;

/** Making a database takes long, copying one does not. */
beforeAll(async () => {
  template = await createFolder();
  await (await open(template))[Symbol.asyncDispose]();
  return () => rm(template, { recursive: true });
});

beforeEach(async () => {
  dataDir = await createFolder();
  return () => rm(dataDir, { recursive: true });
});

async function copyDatabase(): Promise<void> {
  await cp(template, dataDir, { recursive: true });
}

async function open(folder = dataDir): Promise<Store> {
  const { signal } = new AbortController();
  return await openStore({ databaseUrl: undefined, dataDir: folder, log: silentLog, signal });
}

/** A process of its own that has opened the database. */
async function startChild(): Promise<ChildProcess> {
  await copyDatabase();
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, dataDir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  await once(child.stdout, "data");
  return child;
}

it("finds the reply that a killed process was writing", async () => {
  const child = await startChild();
  child.kill("SIGKILL");
  await once(child, "exit");

  await using store = await open();
  const place = { kind: "direct", id: toChannelId("1") };
  expect(await store.replies.unfinished()).toMatchObject([{ place, text: "half a text" }]);
});

it("refuses a second process, which leaves the first one alone", async () => {
  const child = await startChild();
  const second = open();
  await expect(second).rejects.toMatchObject({ code: "store-failed" });
  await expect(second).rejects.toThrow(`Process ${child.pid} is using the database already`);
  await expect(open()).rejects.toThrow("is using the database already");
});

it("lets the folder go when it is closed", async () => {
  await copyDatabase();
  const store = await open();
  await expect(open()).rejects.toThrow(`Process ${process.pid} is using the database already`);
  await store[Symbol.asyncDispose]();
  await using again = await open();
  expect(await again.ping()).toBeGreaterThan(0);
  expect(again.description).toBe(`PGlite in ${join(dataDir, "database")}`);
});

it("makes folders that are missing", async () => {
  await using store = await open(join(dataDir, "not", "yet"));
  expect(await store.ping()).toBeGreaterThan(0);
});

it("says so when it cannot write to its folder", async () => {
  const file = join(dataDir, "file");
  await writeFile(file, "");
  for (const folder of [file, join(file, "below")]) {
    const opening = open(folder);
    await expect(opening).rejects.toMatchObject({ code: "store-failed" });
    await expect(opening).rejects.toThrow(/^Cannot write to .*set DATA_DIR to another folder\.$/);
  }
});

it.each<[string, (folder: string) => Promise<void>]>([
  ["has lost its control file", (folder) => truncate(join(folder, "global", "pg_control"), 100)],
  ["has lost its version", (folder) => rm(join(folder, "PG_VERSION"))],
  ["is of an old version", (folder) => writeFile(join(folder, "PG_VERSION"), "12\n")],
])("says so when its database %s, and lets go of the folder", async (_name, damage) => {
  await copyDatabase();
  await damage(join(dataDir, "database"));
  const opening = open();
  await expect(opening).rejects.toMatchObject({ code: "store-failed" });
  await expect(opening).rejects.toThrow(/^The database in .* cannot be opened .* damaged/);
  expect(await readdir(dataDir)).toEqual(["database"]);
});

it("starts over when the first start was cut off in the making", async () => {
  await mkdir(join(dataDir, "database"));
  await writeFile(join(dataDir, "database", "PG_VERSION"), "1");
  await writeFile(join(dataDir, "database.unfinished"), "");
  const store = await open();
  expect(await store.ping()).toBeGreaterThan(0);
  await store[Symbol.asyncDispose]();
  expect(await readdir(dataDir)).toEqual(["database"]);
});

it("makes nothing when it is told to stop before", async () => {
  const signal = AbortSignal.abort("stop");
  const opening = openStore({ databaseUrl: undefined, dataDir, log: silentLog, signal });
  await expect(opening).rejects.toBe("stop");
  expect(await readdir(dataDir)).toEqual([]);
});
