import { promises as files } from "node:fs";
import { join } from "node:path";
import type { PGlite } from "@electric-sql/pglite";
import { drizzle } from "drizzle-orm/pglite";
import { migrate } from "drizzle-orm/pglite/migrator";
import { FamiliarError } from "../chat/errors.ts";
import { MIGRATIONS_FOLDER } from "./database.ts";
import type { Database, Queries } from "./database.ts";
import { lockFolder } from "./folder-lock.ts";
import { codeOf, guard } from "./guard.ts";
import { PreparingPglite } from "./preparing-pglite.ts";
import { CASING } from "./schema.ts";

/**
 * Opens the embedded database in `<dataDir>/database`, making it first if there is none.
 *
 * @throws {FamiliarError} `store-failed` when the folder is in use, not writable or damaged
 */
export async function openPgliteDatabase(dataDir: string, signal: AbortSignal): Promise<Database> {
  const folder = join(dataDir, "database");
  const lock = await lockDataDir(dataDir, signal);
  try {
    const client = await openClient(folder);
    return createDatabase(client, { folder, lock });
  } catch (error) {
    await lock[Symbol.asyncDispose]();
    throw error;
  }
}

async function lockDataDir(dataDir: string, signal: AbortSignal): Promise<AsyncDisposable> {
  try {
    await files.mkdir(dataDir, { recursive: true });
    return await lockFolder(join(dataDir, "database.lock"), signal);
  } catch (error) {
    const code = codeOf(error);
    if (code === undefined) throw error;
    throw new FamiliarError(
      "store-failed",
      `Cannot write to ${dataDir} (${code}): let Familiar write there, or set DATA_DIR to another folder.`,
      { cause: error },
    );
  }
}

/**
 * Making a database takes seconds. The marker tells one that was cut off in the making, and holds
 * nothing yet, from one that was damaged later.
 */
async function openClient(folder: string): Promise<PGlite> {
  const marker = `${folder}.unfinished`;
  const isUnfinished = await exists(marker);
  if (isUnfinished) await files.rm(folder, { recursive: true, force: true });
  const isNew = isUnfinished || !(await exists(folder));
  if (isNew) await files.writeFile(marker, "");
  const client = await createClient(folder, isNew);
  await files.rm(marker, { force: true });
  return client;
}

async function createClient(folder: string, isNew: boolean): Promise<PGlite> {
  let client: PGlite | undefined;
  try {
    // PGlite would start afresh on top of what is left of a database.
    if (!isNew) await requireCluster(folder);
    client = await PreparingPglite.open(folder);
    await migrate(drizzle(client, { casing: CASING }), { migrationsFolder: MIGRATIONS_FOLDER });
    return client;
  } catch (error) {
    await client?.close();
    const code = codeOf(error) ?? (error instanceof Error ? error.name : "no reason given");
    throw new FamiliarError(
      "store-failed",
      `The database in ${folder} cannot be opened (${code}): it is damaged, or of another version. Put a backup in its place, or move it away to start with an empty one.`,
      { cause: error },
    );
  }
}

async function requireCluster(folder: string): Promise<void> {
  const names = await files.readdir(folder);
  if (names.length > 0) await files.access(join(folder, "PG_VERSION"));
}

interface Opened {
  readonly folder: string;
  readonly lock: AsyncDisposable;
}

function createDatabase(client: PGlite, { folder, lock }: Opened): Database {
  const queries: Queries = drizzle(client, { casing: CASING });
  return {
    description: `PGlite in ${folder}`,
    run: (operation, query) => guard(operation, () => query(queries)),
    async [Symbol.asyncDispose]() {
      await client.close();
      await lock[Symbol.asyncDispose]();
    },
  };
}

async function exists(path: string): Promise<boolean> {
  try {
    await files.access(path);
    return true;
  } catch {
    return false;
  }
}
