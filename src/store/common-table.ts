import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { WithSubquery } from "drizzle-orm/subquery";
import type { Queries } from "./database.ts";

/** A named step of a statement, which the steps after it can read. */
export type CommonTable = readonly [name: string, source: SQL];

export function toCommonTables(
  queries: Queries,
  tables: readonly CommonTable[],
): readonly WithSubquery[] {
  return tables.map(([name, source]) => queries.$with(name, {}).as(source));
}

/** Rows for `values` or `in`. */
export function listOf(items: readonly SQL[]): SQL {
  return sql.join([...items], sql`, `);
}
