import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Database } from "../database.ts";
import type { EmbeddingKind } from "./embedding-table.ts";

/** With scans that go on until enough rows pass a filter; `halfvec` came with 0.7. */
const LEAST_VERSION = [0, 8] as const;
/** Of what `halfvec` can have an index over. */
const MAX_DIMENSIONS = 4_000;
/** What a server says of the extension. */
export interface PgvectorState {
  /** Undefined: it is not in this database yet. */
  readonly installed: string | undefined;
  /** What would be installed; undefined: nothing. */
  readonly available: string | undefined;
}

type PgvectorDecision =
  | { readonly kind: "use"; readonly version: string }
  | { readonly kind: "without"; readonly reason: string };

export function decidePgvector(
  { available, installed }: PgvectorState,
  { dimensions }: Pick<EmbeddingKind, "dimensions">,
): PgvectorDecision {
  const version = installed ?? available;
  if (version === undefined) return without("this database does not have pgvector");
  if (!isRecent(version))
    return without(`pgvector ${version} is older than ${LEAST_VERSION.join(".")}`);
  if (dimensions > MAX_DIMENSIONS)
    return without(`pgvector has indexes up to ${MAX_DIMENSIONS} dimensions`);
  return { kind: "use", version };
}

function without(reason: string): PgvectorDecision {
  return { kind: "without", reason };
}

function isRecent(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [leastMajor, leastMinor] = LEAST_VERSION;
  return major > leastMajor || (major === leastMajor && minor >= leastMinor);
}

export async function readPgvectorState(database: Database): Promise<PgvectorState> {
  const [row] = await database.run("look for pgvector", async (queries) => {
    const state = queries.$with("state", {
      installed: sql<string | null>`installed`.as("installed"),
      available: sql<string | null>`available`.as("available"),
    }).as(sql`
      select (select extversion from pg_extension where extname = 'vector') as installed,
        (select default_version from pg_available_extensions where name = 'vector') as available`);
    return await queries.with(state).select().from(state);
  });
  return { installed: row?.installed ?? undefined, available: row?.available ?? undefined };
}

/**
 * Makes the table, and for this model an index in place of those of earlier ones. As everywhere, the
 * embeddings go with the rows of the turns' index.
 *
 * @throws {FamiliarError} `store-failed`, as where the user may not create extensions
 */
export async function preparePgvector(database: Database, kind: EmbeddingKind): Promise<void> {
  for (const statement of toStatements(kind)) {
    await database.run("prepare pgvector", (queries) => queries.execute(statement));
  }
}

/** Nothing in a definition can be a parameter: the key is hexadecimal digits. */
function toStatements({ dimensions, key }: EmbeddingKind): readonly SQL[] {
  const half = `halfvec(${dimensions})`;
  const name = nameSearch({ key });
  return [
    "create extension if not exists vector",
    `create table if not exists turn_halfvecs (
      conversation_id bigint not null, position integer not null, model text not null,
      embedding halfvec not null, primary key (conversation_id, position),
      foreign key (conversation_id, position)
        references recall_turns (conversation_id, position) on delete cascade)`,
    `do $$ declare earlier text; begin
      for earlier in select indexname from pg_indexes
        where schemaname = current_schema() and tablename = 'turn_halfvecs'
          and left(indexname, 8) = 'nearest_' and indexname <> '${name}'
      loop
        execute format('drop index %I', earlier);
        execute format('drop function if exists %I', earlier);
      end loop;
    end $$`,
    `create index if not exists ${name} on turn_halfvecs
      using hnsw ((embedding::${half}) halfvec_ip_ops) where model = '${key}'`,
    `create or replace function ${name} (conversation bigint, until integer, asked text, most integer)
      returns table ("position" integer, similarity double precision)
      language sql stable set hnsw.iterative_scan = relaxed_order set hnsw.ef_search = 200 as $$
      select turn_halfvecs.position, -((embedding::${half}) <#> asked::${half})
      from turn_halfvecs
      where conversation_id = conversation and turn_halfvecs.position < until and model = '${key}'
      order by (embedding::${half}) <#> asked::${half} limit most $$`,
  ].map((text) => sql.raw(text));
}

/** Of the index, and of the function that looks into it. */
export function nameSearch({ key }: Pick<EmbeddingKind, "key">): string {
  return `nearest_${key}`;
}
