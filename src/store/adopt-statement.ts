import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { saidAtOf } from "../chat/ids.ts";
import { quoteLineOf } from "../chat/prompt/quote.ts";
import type { Adopted, AdoptedTurn, AdoptedTurns } from "../chat/adopt/adoption-store.ts";
import { toCommonTables } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { toStorableJson } from "./storable-json.ts";
import { isForgottenReply, isQuoteWithheld, isWithheld } from "./withheld.ts";

/**
 * One statement: each turn goes before the first one whose message is newer, and those before it
 * move down to make room. What is newer stays where it is, so that the prompt's turns keep their
 * positions wherever they can.
 */
export async function adoptTurns(
  queries: Queries,
  conversationId: RowId,
  { below, isInView, turns }: AdoptedTurns,
): Promise<Adopted | undefined> {
  const steps = toCommonTables(queries, [
    ...readPage(conversationId, turns),
    ...findNeighbours(conversationId, below),
    ["placed", toPlaced(conversationId)],
    ...makeRoom(conversationId, isInView),
    ...moveSummaries(conversationId),
    ...insertTurns(),
  ]);
  const outcome = queries.$with("outcome", {
    added: sql<number>`added`.as("added"),
    lowest: sql<number>`lowest`.as("lowest"),
  }).as(sql`
      select (select count(*)::integer from said) as added,
        least(beyond.position, (select min(place - rank)::integer from placed),
          (select min(position - (select count(*)::integer from placed where place > near.position))
            from near)) as lowest
      from conversation, beyond`);
  const [row] = await queries
    .with(...steps, outcome)
    .select()
    .from(outcome);
  return row;
}

function readPage(conversationId: RowId, turns: readonly AdoptedTurn[]): CommonTable[] {
  const conversation = sql`
    select id, guild_id, window_start, next_position, own_from, first_speaker_id from conversations
    where id = ${conversationId}`;
  return [
    ["conversation", conversation],
    ["page", toPage(turns)],
  ];
}

/** The messages that are no turns yet: `place` is the position that each goes before. */
function toPlaced(conversationId: RowId): SQL {
  return sql`
    select page.*, row_number() over (order by page.key desc) as rank,
      least(beyond.position,
        (select min(near.position) from near where near.key > page.key)) as place
    from page, beyond where not ${isKnown(conversationId)}
      and not (page.author_id is null and ${isForgottenReply(sql`page.id`)})
      and not ${isWithheld({
        authorId: sql`page.author_id`,
        guildId: sql`(select guild_id from conversation)`,
        saidAt: sql`page.said_at`,
      })}`;
}

function toPage(turns: readonly AdoptedTurn[]): SQL {
  const isOut = isQuoteWithheld({
    authorId: sql`row.quoted_author_id`,
    guildId: sql`(select guild_id from conversation)`,
    messageId: sql`row.quoted_message_id`,
    saidAt: sql`row.quoted_at`,
  });
  return sql`
    select id, key, author_id, author_name, asked_by, length, said_at,
      case when is_quotable then content else bare end as content,
      case when is_quotable then quoted_author_id end as quoted_author_id,
      case when is_quotable then quoted_message_id end as quoted_message_id
    from jsonb_to_recordset(${toStorableJson(turns.map(toPageRow))})
      as row (id text, key numeric, author_id text, author_name text, asked_by text, content text,
        length integer, said_at timestamptz, bare text, quoted_author_id text,
        quoted_message_id text, quoted_at timestamptz)
    cross join lateral (select bare is null or not ${isOut} as is_quotable) quote`;
}

function toPageRow({ askedBy, messageId, quoted, saidAt, speaker, text }: AdoptedTurn) {
  const row = {
    id: messageId,
    key: messageId,
    author_id: speaker?.id ?? null,
    author_name: speaker?.name ?? null,
    asked_by: askedBy ?? null,
    content: text,
    length: text.length,
    said_at: saidAt.toISOString(),
  };
  if (quoted === undefined) return row;
  return {
    ...row,
    bare: text.slice(quoteLineOf(text).length),
    quoted_author_id: quoted.authorId ?? null,
    quoted_message_id: quoted.messageId,
    quoted_at: saidAtOf(quoted.messageId).toISOString(),
  };
}

/**
 * The turns that the page's messages lie between: `near` within it, `beyond` the one after it. Only
 * those before `below` are looked at: the others are newer than the whole page.
 */
function findNeighbours(conversationId: RowId, below: number | undefined): CommonTable[] {
  const isOlder = below === undefined ? sql`true` : sql`turns.position < ${below}::integer`;
  // A reply stands where its first message is.
  const starts = sql`
    select position, coalesce(turns.message_id::numeric,
        (select min(parts.message_id::numeric) from variants
          join parts on parts.variant_id = variants.id where variants.turn_id = turns.id)) as key
    from turns where conversation_id = ${conversationId} and ${isOlder}`;
  const range = sql`select min(key) as oldest, max(key) as newest from page`;
  const near = sql`select starts.* from starts, range where key between oldest and newest`;
  const tail = sql`
    select coalesce((select max(position) + 1 from turns where conversation_id = ${conversationId}),
      next_position) as position from conversation`;
  const beyond = sql`
    select coalesce((select min(starts.position) from starts, range where key > newest),
      ${below ?? null}::integer, tail.position) as position from tail`;
  return [
    ["starts", starts],
    ["range", range],
    ["near", near],
    ["tail", tail],
    ["beyond", beyond],
  ];
}

/** Whether a message of the page is one of a turn, or shows a part of one. */
function isKnown(conversationId: RowId): SQL {
  return sql`(
    exists (select from turns
      where conversation_id = ${conversationId} and message_id = page.id)
    or exists (select from parts
      join variants on variants.id = parts.variant_id
      join turns on turns.id = variants.turn_id
      where parts.message_id = page.id and turns.conversation_id = ${conversationId}))`;
}

function makeRoom(conversationId: RowId, isInView: boolean): CommonTable[] {
  const moved = sql`
    update turns
    set position = position - (select count(*)::integer from placed where place > turns.position)
    where conversation_id = ${conversationId} and position < (select max(place) from placed)`;
  // The position of the first turn in the prompt, or where one would be.
  const view = sql`
    select coalesce((select min(position) from turns
        where conversation_id = ${conversationId} and position >= window_start),
        (select position from tail)) as start,
      ${isInView}::boolean and not exists (select from turns
        where conversation_id = ${conversationId} and position < window_start) as is_whole
    from conversation`;
  const windowStart = sql`view.start - (select count(*)::integer from placed
    where view.is_whole or place > view.start)`;
  const firstSpeaker = sql`coalesce(first_speaker_id,
    (select author_id from placed where author_id is not null order by key limit 1))`;
  const changed = sql`
    update conversations set window_start = ${windowStart}, first_speaker_id = ${firstSpeaker},
      fresh_from = fresh_from - (select count(*)::integer from placed where place > fresh_from),
      own_from = own_from - (select count(*)::integer from placed where place >= own_from),
      has_several_speakers = has_several_speakers
        or exists (select from placed where author_id <> ${firstSpeaker}),
      last_message_id =
        greatest(last_message_id::numeric, (select max(key) from placed))::text,
      closed_at = null
    from view where id = ${conversationId} and exists (select from placed)`;
  return [
    ["moved", moved],
    ["view", view],
    ["changed", changed],
  ];
}

/** Those that would have something in their midst that they say nothing of are deleted. */
function moveSummaries(conversationId: RowId): CommonTable[] {
  const isSplit = sql`exists (select from placed
    where placed.place > from_position and placed.place <= to_position)`;
  const placesAfter = sql`(select count(*)::integer from placed where place > from_position)`;
  const split = sql`
    delete from summaries where conversation_id = ${conversationId} and ${isSplit}`;
  const shifted = sql`
    update summaries set from_position = from_position - ${placesAfter},
      to_position = to_position - ${placesAfter}
    where conversation_id = ${conversationId} and not ${isSplit}
      and from_position < (select max(place) from placed)`;
  return [
    ["split", split],
    ["shifted", shifted],
  ];
}

/** A message of Familiar's own is a finished reply with one part. */
function insertTurns(): CommonTable[] {
  const said = sql`
    insert into turns (conversation_id, position, role, author_id, author_name, content,
      quoted_author_id, quoted_message_id, message_id, said_at, is_adopted)
    select conversation.id, place - rank,
      case when author_id is null then 'assistant' else 'user' end, author_id, author_name,
      case when author_id is not null then content end, quoted_author_id, quoted_message_id,
      placed.id, said_at, true
    from placed, conversation
    on conflict (conversation_id, message_id) where message_id is not null do nothing
    returning id, role, message_id`;
  const replied = sql`
    insert into variants
      (turn_id, is_active, state, content, finish_reason, asked_by, created_at, ended_at)
    select said.id, true, 'complete', placed.content, 'stop', placed.asked_by, placed.said_at,
      placed.said_at
    from said join placed on placed.id = said.message_id
    where said.role = 'assistant' returning id, turn_id`;
  const shown = sql`
    insert into parts (variant_id, index, message_id, start_offset, end_offset)
    select replied.id, 0, said.message_id, 0, placed.length
    from replied join said on said.id = replied.turn_id
    join placed on placed.id = said.message_id`;
  return [
    ["said", said],
    ["replied", replied],
    ["shown", shown],
  ];
}
