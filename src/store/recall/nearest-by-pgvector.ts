import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { NearestQuery, NearestTurns } from "../../chat/memory/embedding-store.ts";
import type { Queries } from "../database.ts";
import type { EmbeddingKind } from "./embedding-table.ts";
import { nameSearch } from "./pgvector.ts";

/** Up to this position all turns are compared; beyond it the index is asked, and may miss some. */
const EXACT_BEFORE = 20_000;
/** The newest turns, from which it is known there how alike turns are in general. */
const SAMPLE_TURNS = 1_000;

export async function findNearestByPgvector(
  queries: Queries,
  kind: EmbeddingKind,
  query: NearestQuery,
): Promise<NearestTurns> {
  const asked = sql`${`[${query.embedding.join(",")}]`}::text`;
  const isExact = query.before <= EXACT_BEFORE;
  const found = queries.$with("found", {
    position: sql<number | null>`position`.as("position"),
    stretch: sql<number | null>`stretch`.as("stretch"),
    similarity: sql<number>`similarity`.as("similarity"),
    compared: sql<number>`compared`.as("compared"),
    mean: sql<number>`mean`.as("mean"),
    deviation: sql<number>`deviation`.as("deviation"),
  }).as(sql`
    with sample as materialized (
      select position, -(embedding <#> ${asked}::halfvec) as similarity from turn_halfvecs
      where conversation_id = ${query.conversationId} and model = ${kind.key}
        and position < ${query.before}::integer
      order by position desc ${isExact ? sql`` : sql`limit ${SAMPLE_TURNS}::integer`}),
    nearest as materialized (${isExact ? bestOf(query) : search(kind, query, asked)})
    select nearest.position, recall_turns.stretch, nearest.similarity, compared, mean, deviation
    from (select count(*)::integer as compared, coalesce(avg(similarity), 0) as mean,
      coalesce(stddev_pop(similarity), 0) as deviation from sample) background
    left join nearest on true
    left join recall_turns on recall_turns.conversation_id = ${query.conversationId}
      and recall_turns.position = nearest.position
    order by nearest.similarity desc`);
  const rows = await queries.with(found).select().from(found);
  const { compared = 0, deviation = 0, mean = 0 } = rows[0] ?? {};
  const turns = rows.flatMap(({ position, similarity, stretch }) =>
    position === null || stretch === null ? [] : [{ position, stretch, similarity }],
  );
  return { turns, compared, mean, deviation };
}

function bestOf({ limit }: NearestQuery): SQL {
  return sql`select position, similarity from sample order by similarity desc limit ${limit}::integer`;
}

function search(
  kind: EmbeddingKind,
  { before, conversationId, limit }: NearestQuery,
  asked: SQL,
): SQL {
  return sql`
    select position, similarity from ${sql.identifier(nameSearch(kind))}(
      ${conversationId}::bigint, ${before}::integer, ${asked}, ${limit}::integer)`;
}
