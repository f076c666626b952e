import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import type { Database } from "../../src/store/database.ts";
import { openPgliteDatabase } from "../../src/store/pglite-database.ts";
import { openPostgresDatabase } from "../../src/store/postgres-database.ts";
import { findFreePort, startServer } from "../../test/support/database-server.ts";
import { quietLog } from "./quiet-log.ts";

const DEADLINE_MS = 60_000;

/** Empty, and on disk. Whoever uses the database closes it before this is disposed of. */
export interface BenchDatabase extends AsyncDisposable {
  readonly database: Database;
  /** Does what a server does by itself in the minutes after so much was written; else it is measured, too. */
  readonly settle: () => Promise<void>;
}

type OpenBenchDatabase = (signal: AbortSignal) => Promise<BenchDatabase>;

const openPostgres: OpenBenchDatabase = async (signal) => {
  const server = await startServer(await findFreePort());
  try {
    const settings = { url: server.url, log: quietLog, signal };
    const limits = { waitMs: DEADLINE_MS, deadlineMs: DEADLINE_MS };
    const database = await openPostgresDatabase({ ...settings, ...limits });
    const settle = async (): Promise<void> => {
      for (const statement of [sql`vacuum (analyze)`, sql`checkpoint`]) {
        await database.run("settle", (queries) => queries.execute(statement));
      }
    };
    return { database, settle, [Symbol.asyncDispose]: () => server.remove() };
  } catch (error) {
    await server.remove();
    throw error;
  }
};

const openPglite: OpenBenchDatabase = async (signal) => {
  const folder = await mkdtemp(join(tmpdir(), "familiar-bench-database-"));
  return {
    // It never does that.
    settle: async () => {},
    database: await openPgliteDatabase(folder, signal),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
};

/** Both that Familiar works on. */
export const BENCH_DATABASES: readonly (readonly ["pglite" | "postgres", OpenBenchDatabase])[] = [
  ["postgres", openPostgres],
  ["pglite", openPglite],
];
