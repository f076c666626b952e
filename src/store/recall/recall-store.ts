import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../../chat/conversation.ts";
import type { Glance, RecallableTurn, RecallStore } from "../../chat/memory/recall-store.ts";
import type { Database, Queries } from "../database.ts";
import { toCharacter, toSpeaker, toStorable } from "../rows.ts";
import { recallProgress } from "../recall-schema.ts";
import { conversations, turns } from "../schema.ts";
import { isWithheld } from "../withheld.ts";
import { matchQuestion } from "./match-query.ts";
import { toRuns } from "./position-runs.ts";

/** Positions that one call takes into the index: some milliseconds of work. */
const BATCH = 200;

/** The index of conversations that were silent for longer waits until somebody speaks. */
const ALIVE_FOR = sql`interval '7 days'`;

/** Its statements are prepared: on a long history, planning them took longer than running them. */
export function createRecallStore(database: Database): RecallStore {
  return {
    index: (conversationId, before) =>
      database.run("index turns", (queries) => indexTurns(queries, conversationId, before)),
    due: (limit) => database.run("find turns to index", (queries) => due(queries, limit)),
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
  before: number | undefined,
): Promise<boolean> {
  const end = sql`coalesce(${before ?? null}::integer,
    (select window_start from conversations where id = ${conversationId}))`;
  const indexed = queries
    .$with("indexed", { hasMore: sql<boolean>`has_more`.as("has_more") })
    .as(sql`select recall_index(${conversationId}::bigint, ${end}, ${BATCH}::integer) as has_more`);
  const [row] = await queries
    .with(indexed)
    .select()
    .from(indexed)
    .prepare("recall_index")
    .execute();
  return row?.hasMore ?? false;
}

async function due(queries: Queries, limit: number): Promise<readonly RowId[]> {
  const haveLeft = sql`exists (select from turns
    where turns.conversation_id = ${conversations.id}
      and turns.position < ${conversations.windowStart}
      and turns.position >= coalesce(${conversations.freshFrom}, turns.position))`;
  const isBehind = sql`coalesce(${recallProgress.indexedUntil} < ${conversations.windowStart}, true)`;
  const rows = await queries
    .select({ id: conversations.id })
    .from(conversations)
    .leftJoin(recallProgress, eq(recallProgress.conversationId, conversations.id))
    .where(
      and(
        isNull(conversations.closedAt),
        gt(conversations.lastActiveAt, sql`now() - ${ALIVE_FOR}`),
        isBehind,
        haveLeft,
      ),
    )
    .orderBy(desc(conversations.lastActiveAt), desc(conversations.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

interface GlanceQuery {
  readonly conversationId: RowId;
  readonly positions: readonly number[];
  readonly names: readonly string[];
}

/**
 * Turns that matter are often neighbours. All in one text: a row for each of hundreds takes the
 * embedded database longer than to find them.
 */
async function glance(
  queries: Queries,
  { conversationId, names, positions }: GlanceQuery,
): Promise<readonly Glance[]> {
  if (positions.length === 0) return [];
  const runs = toRuns(positions);
  const seen = queries.$with("seen", { glances: sql<string | null>`glances`.as("glances") }).as(sql`
    select string_agg(concat_ws(' ', indexed.position, stretch, ${MILLISECONDS}, cardinality(terms),
      terms && string_to_array(${toStorable(names.join("\n"))}, e'\n'), asks), ',') as glances
    from unnest(${toArray(runs.map(({ first }) => first))}, ${toArray(runs.map(({ last }) => last))})
      wanted (first, last)
    cross join lateral (
      select * from recall_turns
      where conversation_id = ${conversationId} and position between wanted.first and wanted.last
      offset 0) indexed`);
  const [row] = await queries.with(seen).select().from(seen).prepare("recall_glance").execute();
  const wanted = new Set(positions);
  const glances = row?.glances?.split(",").map(toGlance) ?? [];
  return glances.filter(({ position }) => wanted.has(position));
}

const MILLISECONDS = sql`(extract(epoch from said_at) * 1000)::bigint`;

function toGlance(text: string): Glance {
  const [position, stretch, saidAt, words, isNamed, asks] = text.split(" ");
  return {
    position: Number(position),
    stretch: Number(stretch),
    saidAt: new Date(Number(saidAt)),
    words: Number(words),
    isNamed: isNamed === "t",
    hasQuestion: Number(asks) > 0,
    endsWithQuestion: asks === "2",
  };
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
    select said.* from ${eachTurn(conversationId, positions)}
    where said.content <> '' and not ${isWithheld({
      authorId: sql`said.author_id`,
      guildId: sql`(select guild_id from conversations where id = ${conversationId})`,
      // What came from a file was never on Discord: nobody had it forgotten but here.
      saidAt: sql`case when said.message_id is null then 'infinity' else said.said_at end`,
    })}`);
  const rows = await queries.with(read).select().from(read).prepare("recall_read").execute();
  return rows.map(({ authorId, authorName, ...turn }) => {
    const { role } = turn;
    const speaker = toSpeaker({ authorId, authorName });
    return Object.assign(turn, { speaker }, toCharacter({ authorName, role }));
  });
}

/** One look-up along an index for each position: as `in`, it may be a reading of all turns. */
function eachTurn(conversationId: RowId, positions: readonly number[]): SQL {
  return sql`${unnest(positions)}
    cross join lateral (
      select turns.position, turns.role, turns.author_id, turns.author_name, turns.said_at,
        turns.message_id,
        coalesce(turns.content, (
          select variants.content from variants
          where variants.turn_id = turns.id and variants.is_active
            and variants.state <> 'streaming'), '') as content
      from turns
      where turns.conversation_id = ${conversationId} and turns.position = wanted.position
      offset 0) said`;
}

function unnest(positions: readonly number[]): SQL {
  return sql`unnest(${toArray(positions)}) wanted (position)`;
}

function toArray(numbers: readonly number[]): SQL {
  return sql`string_to_array(${numbers.join(",")}, ',')::integer[]`;
}
