import { sql } from "drizzle-orm";
import type { RowId } from "../../chat/conversation.ts";
import type { PositionRange, UnembeddedTurns } from "../../chat/memory/embedding-store.ts";
import type { Queries } from "../database.ts";
import type { EmbeddingTable } from "./embedding-table.ts";

/** Turns that one call looks at, and gives to embed. */
const LOOKED_TURNS = 2_000;
const GIVEN_TURNS = 16;
const MAX_POSITION = 2 ** 31 - 1;

interface PendingQuery extends PositionRange {
  readonly conversationId: RowId;
  readonly table: EmbeddingTable;
}

export async function findPending(queries: Queries, query: PendingQuery): Promise<UnembeddedTurns> {
  const [top, ...more] = await readPending(queries, query);
  if (top === undefined) return { turns: [], looked: undefined };
  const missing = [top, ...more].flatMap(({ position, revision, text }) =>
    position === null || revision === null || text === null ? [] : [{ position, revision, text }],
  );
  const oldest = missing.at(-1);
  const isFull = oldest !== undefined && missing.length === GIVEN_TURNS;
  return {
    turns: missing.filter(({ text }) => text !== ""),
    looked: { from: isFull ? oldest.position : top.first, end: top.last + 1 },
  };
}

/** At least one row, where there are turns in the range. */
async function readPending(
  queries: Queries,
  { before = MAX_POSITION, conversationId, from, table }: PendingQuery,
) {
  const pending = queries.$with("pending", {
    position: sql<number | null>`position`.as("position"),
    text: sql<string | null>`said`.as("said"),
    revision: sql<string | null>`revision`.as("revision"),
    first: sql<number>`first`.as("first"),
    last: sql<number>`last`.as("last"),
  }).as(sql`
    with looked as materialized (
      select position from recall_turns
      where conversation_id = ${conversationId} and position >= ${from}::integer
        and position < ${before}::integer
      order by position desc limit ${LOOKED_TURNS}::integer),
    missing as materialized (
      select position from looked
      where not exists (select from ${sql.identifier(table.name)} as held
        where held.conversation_id = ${conversationId} and held.position = looked.position
          and held.model = ${table.key})
      order by position desc limit ${GIVEN_TURNS}::integer)
    select missing.position, told.said, turn_revision(told.said) as revision, bounds.first, bounds.last
    from (select min(position) as first, max(position) as last from looked) bounds
    left join missing on true
    left join lateral (
      select recall_text(turns) as said from turns
      where turns.conversation_id = ${conversationId} and turns.position = missing.position
      offset 0) told on true
    where bounds.first is not null
    order by missing.position desc`);
  return await queries.with(pending).select().from(pending);
}
