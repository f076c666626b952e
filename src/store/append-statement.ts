import { sql } from "drizzle-orm";
import type { ImportedTurn } from "../chat/adopt/adoption-store.ts";
import type { RowId } from "../chat/conversation.ts";
import { toCommonTables } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { conversations } from "./schema.ts";
import { toStorableJson } from "./storable-json.ts";

/** One statement: a file is in the history as a whole, or not at all. */
export async function appendTurns(
  queries: Queries,
  conversationId: RowId,
  turns: readonly ImportedTurn[],
): Promise<boolean> {
  const page = sql`
    select * from jsonb_to_recordset(${toStorableJson(turns.map(toTurnRow))})
      as row (number integer, role text, author_id text, author_name text, content text,
        asked_by text, said_at timestamptz)`;
  const texts = sql`
    select * from jsonb_to_recordset(${toStorableJson(turns.flatMap(toTextRows))})
      as row (number integer, index integer, is_shown boolean, content text)`;
  const firstSpeaker = sql`coalesce(first_speaker_id,
    (select author_id from page where author_id is not null order by number limit 1))`;
  const conversation = sql`
    update conversations set next_position = next_position + ${turns.length}::integer,
      first_speaker_id = ${firstSpeaker}, last_active_at = now(), closed_at = null,
      has_several_speakers = has_several_speakers
        or exists (select from page where author_id <> ${firstSpeaker})
    where id = ${conversationId}
      and not exists (select from page join opt_outs on opt_outs.user_id = page.author_id)
    returning id, next_position - ${turns.length}::integer as start`;
  const said = sql`
    insert into turns (conversation_id, position, role, author_id, author_name, content, said_at,
      is_adopted)
    select id, start + number, role, author_id, author_name, content, said_at, true
    from page, conversation returning id, position, role, said_at`;
  const replied = sql`
    insert into variants
      (turn_id, is_active, state, content, finish_reason, asked_by, created_at, ended_at)
    select said.id, texts.is_shown, 'complete', texts.content, 'stop', page.asked_by, said.said_at,
      said.said_at
    from said, conversation, texts, page
    where texts.number = said.position - conversation.start and said.role = 'assistant'
      and page.number = texts.number
    order by texts.number, texts.index`;
  const steps = toCommonTables(queries, [
    ["page", page],
    ["texts", texts],
    ["conversation", conversation],
    ["said", said],
    ["replied", replied],
  ]);
  const kept = queries.$with("kept", { id: conversations.id }).as(sql`select id from conversation`);
  const rows = await queries
    .with(...steps, kept)
    .select()
    .from(kept);
  return rows.length > 0;
}

function toTurnRow(
  { askedBy, character, role, saidAt, shown, speaker, texts }: ImportedTurn,
  number: number,
) {
  return {
    number,
    role,
    author_id: speaker?.id ?? null,
    asked_by: askedBy ?? null,
    author_name: speaker?.name ?? character ?? null,
    content: role === "user" ? (texts[shown] ?? "") : null,
    said_at: saidAt.toISOString(),
  };
}

function toTextRows({ role, shown, texts }: ImportedTurn, number: number) {
  if (role === "user") return [];
  return texts.map((content, index) => ({ number, index, content, is_shown: index === shown }));
}
