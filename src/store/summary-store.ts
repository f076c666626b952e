import { and, asc, count, desc, eq, gt, isNull, ne, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import type { ClaimedStretch, SummaryStore, WrittenSummary } from "../chat/memory/summary-store.ts";
import type { Summary } from "../chat/memory/summary.ts";
import { listOf } from "./common-table.ts";
import type { Database, Queries } from "./database.ts";
import { toStorable } from "./rows.ts";
import { conversations, turns, variants } from "./schema.ts";
import { summaries } from "./memory-schema.ts";
import { claimMerger, claimStretch } from "./summary-statements.ts";
import { ACTIVE_VARIANT, TEXT, toTurn } from "./turn-text.ts";

/** Conversations that were silent for longer are left as they are until somebody speaks. */
const ALIVE_FOR = sql`interval '7 days'`;

export function createSummaryStore(database: Database): SummaryStore {
  return {
    read: (conversationId, which) =>
      database.run("read summaries", (queries) => read(queries, conversationId, which)),
    async adopt(conversationId, newest) {
      await database.run("adopt summaries", (queries) => adopt(queries, conversationId, newest));
    },
    due: (limit) => database.run("find what is to be summarised", (queries) => due(queries, limit)),
    claimStretch: (conversationId, most) =>
      database.run("claim a stretch", async (queries) => {
        const id = await claimStretch(queries, conversationId, most);
        return id === undefined ? undefined : await readClaim(queries, id);
      }),
    claimMerger: (conversationId, parts) =>
      database.run("claim summaries", (queries) => claimMerger(queries, conversationId, parts)),
    write: (claim, written) =>
      database.run("write a summary", (queries) => write(queries, claim, written)),
    async release(claim) {
      await database.run("release a claim", (queries) =>
        queries.delete(summaries).where(and(eq(summaries.id, claim), eq(summaries.content, ""))),
      );
    },
  };
}

/** As it is read: of a turn that is just being deleted there is no date. */
type Dateless = Omit<Summary, "since" | "until"> & Record<"since" | "until", Date | null>;

async function read(
  queries: Queries,
  conversationId: RowId,
  which: "adopted" | "latest",
): Promise<readonly Summary[]> {
  const isWidest =
    which === "latest"
      ? isNull(summaries.mergedInto)
      : sql`${summaries.isAdopted} and not exists (select from summaries as wider
          where wider.id = ${summaries.mergedInto} and wider.is_adopted)`;
  const rows = await queries
    .select({
      id: summaries.id,
      from: summaries.fromPosition,
      to: summaries.toPosition,
      level: summaries.level,
      text: summaries.content,
      since: saidAt(sql`summaries.from_position`),
      until: saidAt(sql`summaries.to_position`),
    })
    .from(summaries)
    .where(and(eq(summaries.conversationId, conversationId), ne(summaries.content, ""), isWidest))
    .orderBy(asc(summaries.fromPosition));
  return rows.filter(isDated);
}

function isDated(row: Dateless): row is Summary {
  return row.since !== null && row.until !== null;
}

/** Of the turn there. No join: one that was planned for short histories reads all of a long one. */
function saidAt(position: SQL) {
  return sql<Date | null>`(select turns.said_at from turns
    where turns.conversation_id = summaries.conversation_id and turns.position = ${position})`.mapWith(
    turns.saidAt,
  );
}

/** Waits for nobody: whoever holds a summary here is about to delete it. */
function adopt(queries: Queries, conversationId: RowId, newest: RowId) {
  return queries
    .update(summaries)
    .set({ isAdopted: true })
    .where(
      sql`${summaries.id} in (select id from summaries
        where conversation_id = ${conversationId} and not is_adopted and id <= ${newest}
        for update skip locked)`,
    );
}

async function due(queries: Queries, limit: number): Promise<readonly RowId[]> {
  const haveLeft = sql`exists (select from turns
    where turns.conversation_id = ${conversations.id}
      and turns.position < ${conversations.windowStart}
      and turns.position >= coalesce(${conversations.freshFrom}, turns.position))`;
  const rows = await queries
    .select({ id: conversations.id })
    .from(conversations)
    .where(
      and(
        isNull(conversations.closedAt),
        gt(conversations.lastActiveAt, sql`now() - ${ALIVE_FOR}`),
        haveLeft,
      ),
    )
    .orderBy(desc(conversations.lastActiveAt), desc(conversations.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** Read after it was claimed: what is changed from then on takes the claim with it. */
async function readClaim(queries: Queries, id: RowId): Promise<ClaimedStretch | undefined> {
  await awaitChanges(queries, id);
  const rows = await queries
    .select({ turn: turns, text: TEXT, from: summaries.fromPosition })
    .from(summaries)
    .innerJoin(
      turns,
      and(
        eq(turns.conversationId, summaries.conversationId),
        sql`${turns.position} between ${summaries.fromPosition} and ${summaries.toPosition}`,
      ),
    )
    .leftJoin(variants, ACTIVE_VARIANT)
    .where(and(eq(summaries.id, id), ne(TEXT, "")))
    .orderBy(asc(turns.position));
  const from = rows[0]?.from;
  return from === undefined ? undefined : { id, from, turns: rows.map(toTurn) };
}

/**
 * Who was changing a turn when it was claimed does not know of the claim. A statement of its own: what
 * reads afterwards is to see it.
 */
async function awaitChanges(queries: Queries, id: RowId): Promise<void> {
  const said = queries.$with("said", { id: turns.id }).as(sql`
    select turns.id from turns join summaries on summaries.conversation_id = turns.conversation_id
      and turns.position between summaries.from_position and summaries.to_position
    where summaries.id = ${id} for share of turns`);
  const written = queries.$with("written", { id: variants.id }).as(sql`
    select id from variants where turn_id in (select id from said) and is_active for share`);
  await queries.with(said, written).select({ held: count() }).from(written);
}

/**
 * The parts stay: they are there again when what they went into is deleted. Who holds one of them is
 * about to delete it, so that nobody is waited for.
 */
async function write(
  queries: Queries,
  claim: RowId,
  { model, parts = [], skipped = 0, text }: WrittenSummary,
): Promise<boolean> {
  const ids = [claim, ...parts];
  const held = queries.$with("held", {}).as(sql`
    select id from summaries where id in (${listOf(ids.map((id) => sql`${id}`))})
    for update skip locked`);
  const written = queries.$with("written", { id: summaries.id }).as(sql`
    update summaries set content = ${toStorable(text)}, model = ${model},
      from_position = from_position + ${skipped}::integer, written_at = now()
    where id = ${claim} and content = '' and (select count(*) from held) = ${ids.length}::integer
    returning id`);
  const merged = queries.$with("merged", {}).as(sql`
    update summaries set merged_into = written.id from written
    where summaries.id in (select id from held) and summaries.id <> written.id`);
  const rows = await queries.with(held, written, merged).select().from(written);
  return rows.length > 0;
}
