import { sql } from "drizzle-orm";
import type { Database } from "../../src/store/database.ts";
import { onServer } from "./database.ts";

const TABLES = `select table_name as name from information_schema.tables
  where table_schema = 'public' and table_type = 'BASE TABLE'`;

/** Every row of every table, as one text. */
export async function dumpDatabase(database: Database): Promise<string> {
  return await database.run("dump", async (queries) => {
    const tables = await queries
      .select({ name: sql<string>`name` })
      .from(sql`(${sql.raw(TABLES)}) as tables`);
    const rows: string[] = [];
    for (const { name } of tables) {
      const found = await queries
        .select({ text: sql<string>`row_to_json(one)::text` })
        .from(sql`${sql.identifier(name)} as one`);
      rows.push(...found.map(({ text }) => `${name} ${text}`));
    }
    return rows.join("\n");
  });
}

/** The same of the database with this address. */
export async function dumpServer(url: string): Promise<string> {
  const rows: string[] = [];
  await onServer(async (admin) => {
    for (const { name } of await admin.unsafe(TABLES)) {
      const found = await admin.unsafe(`select row_to_json(one)::text as text from "${name}" one`);
      rows.push(...found.map(({ text }) => `${name} ${text}`));
    }
  }, url);
  return rows.join("\n");
}
