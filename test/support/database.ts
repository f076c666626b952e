import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import postgres from "postgres";
import { inject } from "vitest";
import type { Database } from "../../src/store/database.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/open-store.ts";
import { openPgliteDatabase } from "../../src/store/pglite-database.ts";
import { openPostgresDatabase } from "../../src/store/postgres-database.ts";
import { silentLog } from "./database-log.ts";

const DEADLINE_MS = 12_000;

export const DATABASE_KINDS = ["PGlite", "PostgreSQL"] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

export interface TestDatabase extends AsyncDisposable {
  readonly url: string | undefined;
  readonly dataDir: string;
  /** The caller closes each store that it opens, before the database. */
  open(): Promise<Store>;
  /** For a store to be made of, and to look into; closed as a store is. */
  openDatabase(): Promise<Database>;
}

/** An empty database that nothing else uses. */
export async function createTestDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  const dataDir = await createFolder();
  const server = kind === "PostgreSQL" ? await createServerDatabase() : undefined;
  const url = server?.url;
  const { signal } = new AbortController();
  const settings = { log: silentLog, signal };
  const limits = { waitMs: DEADLINE_MS, deadlineMs: DEADLINE_MS };
  return {
    url,
    dataDir,
    open: () => openStore({ databaseUrl: url, dataDir, ...settings }),
    openDatabase: () =>
      url === undefined
        ? openPgliteDatabase(dataDir, signal)
        : openPostgresDatabase({ url, ...settings, ...limits }),
    async [Symbol.asyncDispose]() {
      await server?.[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true });
    },
  };
}

export async function createFolder(): Promise<string> {
  return await mkdtemp(join(tmpdir(), "familiar-"));
}

export interface ServerDatabase extends AsyncDisposable {
  readonly url: string;
}

/** An empty database on the run's server. */
export async function createServerDatabase(): Promise<ServerDatabase> {
  const name = `test_${randomBytes(8).toString("hex")}`;
  await onServer((admin) => admin.unsafe(`create database ${name}`));
  const url = new URL(inject("databaseServer"));
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      await onServer((admin) => admin.unsafe(`drop database ${name} with (force)`));
    },
  };
}

/** Runs something as the server's owner, on the database of the address or its own one. */
export async function onServer(
  run: (admin: postgres.Sql) => PromiseLike<unknown>,
  url: string = inject("databaseServer"),
): Promise<void> {
  const admin = postgres(url, { max: 1, onnotice: () => {} });
  await run(admin);
  await admin.end();
}
