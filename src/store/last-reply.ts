import { and, asc, eq, sql } from "drizzle-orm";
import type { LastReply, ReplyVariant, RowId } from "../chat/conversation.ts";
import { toMessageId, toUserId } from "../chat/ids.ts";
import type { MessageId } from "../chat/ids.ts";
import type { Queries } from "./database.ts";
import { toPart } from "./rows.ts";
import { conversations, parts, turns, variants } from "./schema.ts";

/** As far back as a window reaches; a bound on what is read. */
const MAX_TURNS_BACK = 2_000;

export async function readLastReply(
  queries: Queries,
  conversationId: RowId,
): Promise<LastReply | undefined> {
  const lastPosition = sql`(select max(position) from turns
    where conversation_id = ${conversationId} and role = 'assistant'
      and position >= (select greatest(window_start, next_position - ${MAX_TURNS_BACK}::integer)
        from conversations where id = ${conversationId}))`;
  const rows = await queries
    .select({
      variant: variants,
      position: turns.position,
      answersUnstored: turns.answersUnstored,
      controlsMessageId: conversations.controlsMessageId,
    })
    .from(turns)
    .innerJoin(conversations, eq(conversations.id, turns.conversationId))
    .innerJoin(variants, eq(variants.turnId, turns.id))
    .where(and(eq(turns.conversationId, conversationId), eq(turns.position, lastPosition)))
    .orderBy(asc(variants.id));
  const active = rows.find(({ variant }) => variant.isActive);
  if (active === undefined) return undefined;
  const { answersUnstored, controlsMessageId, position } = active;
  const { askedBy, id, turnId } = active.variant;
  return {
    conversationId,
    turnId,
    position,
    variants: rows.map(({ variant }) => toVariant(variant)),
    askedBy: askedBy === null ? undefined : toUserId(askedBy),
    parts: (await readParts(queries, id)).map(toPart),
    answered: await readAnswered(queries, conversationId, position),
    answersUnstored,
    controlsMessageId: controlsMessageId === null ? undefined : toMessageId(controlsMessageId),
  };
}

function toVariant(row: typeof variants.$inferSelect): ReplyVariant {
  const { content, finishReason, id, isActive, thoughts } = row;
  return {
    id,
    text: content,
    thoughts: thoughts ?? undefined,
    reason: finishReason ?? "interrupted",
    isActive,
  };
}

async function readParts(queries: Queries, replyId: RowId) {
  return await queries
    .select()
    .from(parts)
    .where(and(eq(parts.variantId, replyId), eq(parts.isForgotten, false)))
    .orderBy(asc(parts.index));
}

/** What people said between the reply before and this one. */
async function readAnswered(
  queries: Queries,
  conversationId: RowId,
  position: number,
): Promise<readonly MessageId[]> {
  const before = sql`coalesce((select max(position) from turns
    where conversation_id = ${conversationId} and role = 'assistant'
      and position < ${position}::integer
      and position >= ${position}::integer - ${MAX_TURNS_BACK}::integer),
    ${position}::integer - ${MAX_TURNS_BACK}::integer)`;
  const rows = await queries
    .select({ messageId: turns.messageId })
    .from(turns)
    .where(
      and(
        eq(turns.conversationId, conversationId),
        sql`${turns.position} > ${before} and ${turns.position} < ${position}::integer`,
      ),
    )
    .orderBy(asc(turns.position));
  return rows.flatMap(({ messageId }) => (messageId === null ? [] : [toMessageId(messageId)]));
}
