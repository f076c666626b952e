import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../../chat/conversation.ts";
import type { Glance, RecallableTurn, RecallStore } from "../../chat/memory/recall-store.ts";
import type { Database, Queries } from "../database.ts";
import { toSpeaker, toStorable } from "../rows.ts";
import { recallTurns } from "../recall-schema.ts";
import { turns } from "../schema.ts";
import { matchQuestion } from "./match-query.ts";

/** Positions that one call takes into the index: some milliseconds of work. */
const BATCH = 200;

/** Its statements are prepared: on a long history, planning them took longer than running them. */
export function createRecallStore(database: Database): RecallStore {
  return {
    index: (conversationId, before) =>
      database.run("index turns", (queries) => indexTurns(queries, conversationId, before)),
    match: (question) =>
      database.run("look for turns", (queries) => matchQuestion(queries, question)),
    glance: (conversationId, positions, names) =>
      database.run("look at turns", (queries) =>
        glance(queries, { conversationId, positions, names }),
      ),
    read: (conversationId, positions) =>
      database.run("read turns", (queries) => readTurns(queries, conversationId, positions)),
  };
}

async function indexTurns(
  queries: Queries,
  conversationId: RowId,
  before: number,
): Promise<boolean> {
  const indexed = queries.$with("indexed", { hasMore: sql<boolean>`has_more`.as("has_more") })
    .as(sql`select recall_index(${conversationId}::bigint, ${before}::integer,
      ${BATCH}::integer) as has_more`);
  const [row] = await queries
    .with(indexed)
    .select()
    .from(indexed)
    .prepare("recall_index")
    .execute();
  return row?.hasMore ?? false;
}

interface GlanceQuery {
  readonly conversationId: RowId;
  readonly positions: readonly number[];
  readonly names: readonly string[];
}

async function glance(
  queries: Queries,
  { conversationId, names, positions }: GlanceQuery,
): Promise<readonly Glance[]> {
  if (positions.length === 0) return [];
  const seen = queries.$with("seen", {
    position: recallTurns.position,
    stretch: recallTurns.stretch,
    saidAt: recallTurns.saidAt,
    words: sql<number>`words`.as("words"),
    isNamed: sql<boolean>`is_named`.as("is_named"),
    hasQuestion: sql<boolean>`has_question`.as("has_question"),
    endsWithQuestion: sql<boolean>`ends_with_question`.as("ends_with_question"),
  }).as(sql`
    select indexed.*, cardinality(terms) as words,
      terms && string_to_array(${toStorable(names.join("\n"))}, e'\n') as is_named,
      asks > 0 as has_question, asks = 2 as ends_with_question
    from ${unnest(positions)} cross join lateral (
      select * from recall_turns
      where conversation_id = ${conversationId} and position = wanted.position offset 0) indexed`);
  return await queries.with(seen).select().from(seen).prepare("recall_glance").execute();
}

async function readTurns(
  queries: Queries,
  conversationId: RowId,
  positions: readonly number[],
): Promise<readonly RecallableTurn[]> {
  if (positions.length === 0) return [];
  const read = queries.$with("read", {
    position: sql<number>`position`.as("position"),
    role: sql<"assistant" | "user">`role`.as("role"),
    authorId: sql<string | null>`author_id`.as("author_id"),
    authorName: sql<string | null>`author_name`.as("author_name"),
    saidAt: sql`said_at`.mapWith(turns.saidAt).as("said_at"),
    text: sql<string>`content`.as("content"),
  }).as(sql`
    select said.* from ${eachTurn(conversationId, positions)} where said.content <> ''`);
  const rows = await queries.with(read).select().from(read).prepare("recall_read").execute();
  return rows.map((row) => ({
    position: row.position,
    role: row.role,
    speaker: toSpeaker(row),
    saidAt: row.saidAt,
    text: row.text,
  }));
}

/** One look-up along an index for each position: as `in`, it may be a reading of all turns. */
function eachTurn(conversationId: RowId, positions: readonly number[]): SQL {
  return sql`${unnest(positions)}
    cross join lateral (
      select turns.position, turns.role, turns.author_id, turns.author_name, turns.said_at,
        coalesce(turns.content, (
          select variants.content from variants
          where variants.turn_id = turns.id and variants.is_active
            and variants.state <> 'streaming'), '') as content
      from turns
      where turns.conversation_id = ${conversationId} and turns.position = wanted.position
      offset 0) said`;
}

function unnest(positions: readonly number[]): SQL {
  return sql`unnest(string_to_array(${positions.join(",")}, ',')::integer[]) wanted (position)`;
}
