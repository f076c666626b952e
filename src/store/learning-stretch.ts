import { and, asc, eq, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { toUserId } from "../chat/ids.ts";
import type { LearnableStretch } from "../chat/learning/learning-store.ts";
import type { Queries } from "./database.ts";
import { placeColumns, toPlace } from "./rows.ts";
import { conversations, turns, variants } from "./schema.ts";
import { ACTIVE_VARIANT, TEXT } from "./turn-text.ts";

interface Wanted {
  readonly conversationId: RowId;
  readonly since: Date;
  readonly most: number;
}

/**
 * What people said who consent, since they do, and from which nothing was learned yet. What was read
 * back or imported was said to others, or long ago.
 */
function unreadSince(since: Date): SQL {
  return sql`turns
    join conversations on conversations.id = turns.conversation_id
    join learning_consents on learning_consents.user_id = turns.author_id
    left join learning_progress on learning_progress.conversation_id = turns.conversation_id
      and learning_progress.user_id = turns.author_id
    where turns.role = 'user' and not turns.is_adopted and turns.content <> ''
      and turns.said_at >= greatest(learning_consents.since, ${since.toISOString()}::timestamptz)
      and turns.position >= coalesce(learning_progress.until, turns.position)
      and turns.position >= coalesce(conversations.fresh_from, turns.position)
      and conversations.closed_at is null
      and not exists (select from opt_outs where opt_outs.user_id = turns.author_id)`;
}

export async function readDue(
  queries: Queries,
  since: Date,
  limit: number,
): Promise<readonly RowId[]> {
  const due = queries.$with("due", { id: sql<RowId>`id`.mapWith(Number).as("id") }).as(sql`
    select conversations.id from ${unreadSince(since)}
      and conversations.last_active_at >= ${since.toISOString()}::timestamptz
    group by conversations.id
    order by max(turns.said_at) desc, conversations.id limit ${limit}`);
  const rows = await queries.with(due).select().from(due);
  return rows.map(({ id }) => id);
}

/** Of whoever has waited the longest. */
export async function nextStretch(
  queries: Queries,
  { conversationId, most, since }: Wanted,
): Promise<LearnableStretch | undefined> {
  const unread = queries.$with("unread", {
    userId: sql<string>`user_id`.as("user_id"),
    first: sql<number>`first`.as("first"),
    until: sql<number>`until`.as("until"),
  }).as(sql`
    select turns.author_id as user_id, max(turns.position) + 1 as until,
      greatest(min(turns.position), max(turns.position) + 1 - ${most}::integer) as first
    from ${unreadSince(since)} and turns.conversation_id = ${conversationId}
    group by turns.author_id order by min(turns.position) limit 1`);
  const isTheirs = sql`(${turns.role} = 'user' and ${turns.authorId} = ${unread.userId}
    or ${turns.role} = 'assistant' and ${variants.askedBy} = ${unread.userId}
      and ${variants.state} <> 'streaming' and not ${turns.answersUnstored})`;
  const rows = await queries
    .with(unread)
    .select({
      userId: unread.userId,
      until: unread.until,
      id: turns.id,
      role: turns.role,
      text: TEXT,
      stamp: sql<string>`md5(${TEXT})`,
      ...placeColumns,
    })
    .from(unread)
    .innerJoin(
      turns,
      sql`${turns.conversationId} = ${conversationId}
        and ${turns.position} >= ${unread.first} and ${turns.position} < ${unread.until}`,
    )
    .innerJoin(conversations, eq(conversations.id, turns.conversationId))
    .leftJoin(variants, ACTIVE_VARIANT)
    .where(and(isTheirs, sql`not ${turns.isAdopted}`, sql`${TEXT} <> ''`))
    .orderBy(asc(turns.position));
  const [first] = rows;
  if (first === undefined) return undefined;
  return {
    conversationId,
    place: toPlace(first),
    person: toUserId(first.userId),
    until: first.until,
    turns: rows.map(({ id, role, stamp, text }) => ({ id, role, stamp, text })),
  };
}
