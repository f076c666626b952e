import { and, eq, getTableColumns, sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { Conversation, RowId } from "../chat/conversation.ts";
import { saidAtOf } from "../chat/ids.ts";
import type { ChannelId, MessageId, UserId } from "../chat/ids.ts";
import type { NewConversation, NewTurn } from "../chat/ports.ts";
import { quoteLineOf } from "../chat/prompt/quote.ts";
import { toCommonTables } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { selectEffectivePersona } from "./effective-persona.ts";
import { toConversation, toPlaceColumns, toStorable } from "./rows.ts";
import { conversations } from "./schema.ts";
import { isForgottenReply, isQuoteWithheld, isWithheld } from "./withheld.ts";

export async function findConversation(
  queries: Queries,
  placeId: ChannelId,
): Promise<Conversation | undefined> {
  const source = queries.select().from(conversations).where(eq(conversations.placeId, placeId));
  return await readConversation(queries, { conversation: source.getSQL() });
}

export async function openConversation(
  queries: Queries,
  { isParticipant, openedBy, place }: NewConversation,
): Promise<Conversation> {
  const source = queries
    .insert(conversations)
    .values({ ...toPlaceColumns(place), isParticipant, openedBy: openedBy ?? null })
    .onConflictDoUpdate({
      target: conversations.placeId,
      set: {
        isParticipant: sql`${conversations.isParticipant} or excluded.is_participant`,
        openedBy: sql`coalesce(${conversations.openedBy}, excluded.opened_by)`,
        closedAt: null,
      },
    })
    .returning();
  const conversation = await readConversation(queries, {
    conversation: source.getSQL(),
    beside: [["inherited", INHERIT_PERSONA]],
  });
  if (conversation === undefined) throw new Error("An upsert returned no row");
  return conversation;
}

/**
 * One statement, so that positions and speakers stay right when turns come at once: the update
 * holds the conversation's row until the turn is in.
 */
export async function recordTurn(
  queries: Queries,
  conversationId: RowId,
  turn: NewTurn,
): Promise<Conversation | undefined> {
  const isKnown =
    turn.role === "user"
      ? sql`exists (select from turns
          where conversation_id = ${conversationId} and message_id = ${turn.messageId})`
      : sql`(${isPartKnown(conversationId, turn.messageId)} or ${isForgottenReply(turn.messageId)})`;
  const source = queries
    .update(conversations)
    .set({
      nextPosition: sql`${conversations.nextPosition} + 1`,
      lastActiveAt: sql`now()`,
      lastMessageId: greatestMessageId(turn.messageId),
      closedAt: null,
      ...(turn.role === "user" && turn.speaker !== undefined ? heard(turn.speaker.id) : {}),
    })
    .where(and(eq(conversations.id, conversationId), sql`not ${isKnown}`, mayBeStored(turn)))
    .returning();
  return await readConversation(queries, {
    conversation: source.getSQL(),
    said: turn.role === "user" ? insertUserTurn(turn) : insertAssistantTurn(turn),
  });
}

function mayBeStored({ saidAt, speaker }: NewTurn): SQL | undefined {
  if (speaker === undefined) return undefined;
  const said = { authorId: sql`${speaker.id}::text`, saidAt: toMoment(saidAt) };
  return sql`not ${isWithheld({ ...said, guildId: sql`${conversations.guildId}` })}`;
}

/** The same of a turn that is not stored, and that nobody is named by. */
export async function touchConversation(
  queries: Queries,
  conversationId: RowId,
  speakerId: UserId,
): Promise<Conversation | undefined> {
  const { hasSeveralSpeakers } = heard(speakerId);
  const source = queries
    .update(conversations)
    .set({ lastActiveAt: sql`now()`, closedAt: null, hasSeveralSpeakers })
    .where(eq(conversations.id, conversationId))
    .returning();
  return await readConversation(queries, { conversation: source.getSQL() });
}

/** The newest message that was seen in a conversation, whichever of two that come at once is last. */
export function greatestMessageId(messageId: MessageId): SQL {
  return sql`greatest(${conversations.lastMessageId}::numeric, ${messageId}::numeric)::text`;
}

function heard(speakerId: string) {
  const { firstSpeakerId, hasSeveralSpeakers } = conversations;
  return {
    firstSpeakerId: sql`coalesce(${firstSpeakerId}, ${speakerId})`,
    hasSeveralSpeakers: sql`${hasSeveralSpeakers} or coalesce(${firstSpeakerId} <> ${speakerId}, false)`,
  };
}

function isPartKnown(conversationId: RowId, messageId: MessageId): SQL {
  return sql`exists (select from parts
    join variants on variants.id = parts.variant_id
    join turns on turns.id = variants.turn_id
    where parts.message_id = ${messageId} and turns.conversation_id = ${conversationId})`;
}

/** Does nothing where the message has a turn already; the position it would have had stays free. */
function insertUserTurn(turn: NewTurn): CommonTable[] {
  const { messageId, saidAt, speaker } = turn;
  const said = sql`
    insert into turns
      (conversation_id, position, role, author_id, author_name, message_id, said_at,
       content, quoted_author_id, quoted_message_id, token_count, token_basis)
    select id, next_position - 1, 'user', ${speaker?.id ?? null}::text,
      ${speaker === undefined ? null : toStorable(speaker.name)}::text, ${messageId}::text,
      ${toMoment(saidAt)}, words.*
    from conversation cross join lateral (${toWords(turn)}) words
    on conflict (conversation_id, message_id) where message_id is not null do nothing
    returning id`;
  return [["said", said]];
}

/** Without the quote where it has come to be withheld since the message was read. */
function toWords({ count, quoted, text }: NewTurn): SQL {
  const counted = sql`${count?.tokens ?? null}::integer, ${count?.basis ?? null}::text`;
  const whole = sql`select ${toStorable(text)}::text`;
  if (quoted === undefined) return sql`${whole}, null::text, null::text, ${counted}`;
  const { authorId, messageId } = quoted;
  const isOut = isQuoteWithheld({
    authorId: sql`${authorId ?? null}::text`,
    messageId: sql`${messageId}::text`,
    guildId: sql`conversation.guild_id`,
    saidAt: toMoment(saidAtOf(messageId)),
  });
  const bare = toStorable(text.slice(quoteLineOf(text).length));
  return sql`
    ${whole}, ${authorId ?? null}::text, ${messageId}::text, ${counted} where not ${isOut}
    union all select ${bare}::text, null, null, null, null where ${isOut}`;
}

/** A message of Familiar's own is a finished reply with one part. */
function insertAssistantTurn({ messageId, saidAt, text }: NewTurn): CommonTable[] {
  const content = toStorable(text);
  const said = sql`
    insert into turns (conversation_id, position, role, message_id, said_at)
    select id, next_position - 1, 'assistant', ${messageId}::text, ${toMoment(saidAt)}
    from conversation
    on conflict (conversation_id, message_id) where message_id is not null do nothing
    returning id`;
  const variant = sql`
    insert into variants (turn_id, is_active, state, content, finish_reason, ended_at)
    select id, true, 'complete', ${content}::text, 'stop', now()
    from said returning id`;
  const part = sql`
    insert into parts (variant_id, index, message_id, start_offset, end_offset)
    select id, 0, ${messageId}::text, 0, ${content.length}::integer from variant`;
  return [
    ["said", said],
    ["variant", variant],
    ["part", part],
  ];
}

function toMoment(date: Date | undefined): SQL {
  return sql`coalesce(${date?.toISOString() ?? null}::timestamptz, now())`;
}

/** A thread that begins stays with the persona and the version that hold there now. */
const INHERIT_PERSONA = sql`
  insert into persona_uses (scope, scope_id, persona_id, built_in, version, is_inherited)
  select 'place', conversation.place_id, used.persona_id, used.built_in,
    coalesce(used.version, personas.version), true
  from conversation
  cross join lateral (
    select * from persona_uses
    where scope = 'place' and scope_id = conversation.parent_id
      or scope = 'guild' and scope_id = conversation.guild_id
    order by scope = 'guild' limit 1) used
  left join personas on personas.id = used.persona_id
  where conversation.kind = 'thread' and conversation.next_position = 0
    and not exists (select from turns where conversation_id = conversation.id)
  on conflict do nothing`;

// Each is the last entry of an index.
const OWN_PROMPT = sql<string | null>`(
  select prompt from system_prompts
    where place_id = conversation.place_id order by id desc limit 1)`;
const PARENT_PROMPT = sql<string | null>`(
  select prompt from system_prompts
    where place_id = conversation.parent_id order by id desc limit 1)`;

/** One look-up along an index. */
const RECALL_FROM = sql<number | null>`(
  select min(position) from turns
    where turns.conversation_id = conversation.id and position < conversation.window_start
      and position >= coalesce(conversation.fresh_from, -2147483648))`;

const PERSONA = selectEffectivePersona({
  placeId: sql`conversation.place_id`,
  parentId: sql`conversation.parent_id`,
  guildId: sql`conversation.guild_id`,
});

interface ConversationSource {
  /** Yields the whole row of at most one conversation. */
  readonly conversation: SQL;
  /** What else the statement does; nothing is returned unless `said` has a row. */
  readonly said?: readonly CommonTable[];
  /** The same, but nothing depends on its rows. */
  readonly beside?: readonly CommonTable[];
}

async function readConversation(
  queries: Queries,
  { beside = [], conversation: source, said = [] }: ConversationSource,
): Promise<Conversation | undefined> {
  const conversation = queries.$with("conversation", getTableColumns(conversations)).as(source);
  const rest = toCommonTables(queries, [...said, ...beside]);
  const [row] = await queries
    .with(conversation, ...rest)
    .select({
      id: conversation.id,
      kind: conversation.kind,
      placeId: conversation.placeId,
      guildId: conversation.guildId,
      parentId: conversation.parentId,
      isParticipant: conversation.isParticipant,
      openedBy: conversation.openedBy,
      hasSeveralSpeakers: conversation.hasSeveralSpeakers,
      windowStart: conversation.windowStart,
      nextPosition: conversation.nextPosition,
      ownFrom: conversation.ownFrom,
      recallFrom: RECALL_FROM,
      ownPrompt: OWN_PROMPT,
      parentPrompt: PARENT_PROMPT,
      persona: PERSONA,
      lastMessageId: conversation.lastMessageId,
    })
    .from(conversation)
    .where(said.length === 0 ? undefined : sql`exists (select from said)`);
  return row === undefined ? undefined : toConversation(row);
}
