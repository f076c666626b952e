import { and, asc, eq, sql } from "drizzle-orm";
import type { ReplyPart, RowId, UnfinishedReply } from "../chat/conversation.ts";
import { FamiliarError } from "../chat/errors.ts";
import { toMessageId } from "../chat/ids.ts";
import type { ReplyStore, WrittenBy } from "../chat/ports.ts";
import { toCommonTables } from "./common-table.ts";
import { greatestMessageId } from "./conversation-queries.ts";
import type { Database, Queries } from "./database.ts";
import { endReply } from "./end-reply.ts";
import { greet } from "./greet.ts";
import { writeAskers } from "./joint-askers.ts";
import { readLastReply } from "./last-reply.ts";
import { placeColumns, toPart, toPlace, toStorable } from "./rows.ts";
import { conversations, parts, turns, variants } from "./schema.ts";
import { activateVariant, beginVariant, resumeReply } from "./variants.ts";

/** A reply is a variant of an assistant turn; its id is the variant's. */
export function createReplyStore(database: Database): ReplyStore {
  return {
    greet: (conversationId, greeting) =>
      database.run("store a greeting", (queries) => greet(queries, conversationId, greeting)),
    begin: (conversationId, by) =>
      database.run("begin a reply", (queries) => begin(queries, conversationId, by)),
    beginVariant: (turnId, by) =>
      database.run("begin a variant", (queries) => beginVariant(queries, turnId, by)),
    resume: (replyId) => database.run("resume a reply", (queries) => resumeReply(queries, replyId)),
    activate: (replyId) =>
      database.run("show a variant", (queries) => activateVariant(queries, replyId)),
    last: (conversationId) =>
      database.run("read the last reply", (queries) => readLastReply(queries, conversationId)),
    async saveDraft(replyId, text) {
      await database.run("save a draft", (queries) =>
        queries
          .update(variants)
          .set({ content: toStorable(text) })
          .where(and(eq(variants.id, replyId), eq(variants.state, "streaming"))),
      );
    },
    savePart: (replyId, part) =>
      database.run("save a part", (queries) => savePart(queries, replyId, part)),
    async dropPart(replyId, messageId) {
      await database.run("drop a part", (queries) =>
        queries
          .delete(parts)
          .where(and(eq(parts.variantId, replyId), eq(parts.messageId, messageId))),
      );
    },
    end: (replyId, ending) => endReply(database, replyId, ending),
    unfinished: () => database.run("find unfinished replies", readUnfinished),
  };
}

async function begin(
  queries: Queries,
  conversationId: RowId,
  { alsoAskedBy, answersUnstored = false, askedBy, model }: WrittenBy,
): Promise<RowId> {
  const conversation = queries.$with("conversation", {}).as(sql`
    update conversations set next_position = next_position + 1, last_active_at = now()
    where id = ${conversationId} returning id, next_position`);
  const turn = queries.$with("turn", {}).as(sql`
    insert into turns (conversation_id, position, role, answers_unstored)
    select id, next_position - 1, 'assistant', ${answersUnstored}::boolean
    from conversation returning id`);
  const variant = queries.$with("variant", { id: variants.id }).as(sql`
    insert into variants (turn_id, is_active, state, content, model, asked_by)
    select id, true, 'streaming', '', ${model ?? null}::text, ${askedBy ?? null}::text
    from turn returning id`);
  const asked = toCommonTables(queries, writeAskers(sql`select id from variant`, alsoAskedBy));
  const [row] = await queries
    .with(conversation, turn, variant, ...asked)
    .select({ id: variant.id })
    .from(variant);
  if (row !== undefined) return row.id;
  throw new FamiliarError("store-failed", "A reply was begun in a conversation that is forgotten");
}

/** Of a reply that was forgotten meanwhile, nothing is kept. */
async function savePart(queries: Queries, replyId: RowId, part: ReplyPart): Promise<void> {
  const { end, index, messageId, start } = part;
  const saved = queries.$with("saved", {}).as(sql`
    insert into parts (variant_id, index, message_id, start_offset, end_offset)
    select id, ${index}::integer, ${messageId}::text, ${start}::integer, ${end}::integer
    from variants where id = ${replyId} for key share
    on conflict (variant_id, index) do update set message_id = excluded.message_id,
      start_offset = excluded.start_offset, end_offset = excluded.end_offset`);
  await queries
    .with(saved)
    .update(conversations)
    .set({ lastMessageId: greatestMessageId(messageId) })
    .from(turns)
    .innerJoin(variants, eq(variants.turnId, turns.id))
    .where(
      and(
        eq(variants.id, replyId),
        eq(conversations.id, turns.conversationId),
        sql`coalesce(${conversations.lastMessageId}::numeric < ${messageId}::numeric, true)`,
      ),
    );
}

async function readUnfinished(queries: Queries): Promise<UnfinishedReply[]> {
  const rows = await queries
    .select({
      ...placeColumns,
      replyId: variants.id,
      conversationId: conversations.id,
      text: variants.content,
      part: parts,
      lastMessageId: conversations.lastMessageId,
    })
    .from(variants)
    .innerJoin(turns, eq(turns.id, variants.turnId))
    .innerJoin(conversations, eq(conversations.id, turns.conversationId))
    .leftJoin(parts, and(eq(parts.variantId, variants.id), eq(parts.isForgotten, false)))
    .where(eq(variants.state, "streaming"))
    .orderBy(asc(variants.id), asc(parts.index));
  const replies = new Map<RowId, UnfinishedReply & { readonly parts: ReplyPart[] }>();
  for (const { conversationId, part, replyId, text, ...row } of rows) {
    const lastMessageId = row.lastMessageId === null ? undefined : toMessageId(row.lastMessageId);
    const place = toPlace(row);
    const fresh = { replyId, conversationId, place, text, parts: [], lastMessageId };
    const reply = replies.get(replyId) ?? fresh;
    if (part !== null) reply.parts.push(toPart(part));
    replies.set(replyId, reply);
  }
  return Array.from(replies.values());
}
