import { eq, sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { toChannelId } from "../chat/ids.ts";
import type { ChannelId, MessageId } from "../chat/ids.ts";
import type { NewFork } from "../chat/ports.ts";
import { listOf, toCommonTables } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { toPlaceColumns } from "./rows.ts";
import { conversations, turns } from "./schema.ts";

/** No window is longer. */
const MAX_COPIED_TURNS = 2_000;

/** The turn that a message made, or that it shows a part of. */
export async function findTurn(
  queries: Queries,
  placeId: ChannelId,
  messageId: MessageId,
): Promise<RowId | undefined> {
  const isSaid = sql`${turns.messageId} = ${messageId}`;
  const isShown = sql`${turns.id} in (select variants.turn_id from parts
    join variants on variants.id = parts.variant_id where parts.message_id = ${messageId})`;
  const [row] = await queries
    .select({ id: turns.id })
    .from(turns)
    .innerJoin(conversations, eq(conversations.id, turns.conversationId))
    .where(sql`${conversations.placeId} = ${placeId} and (${isSaid} or ${isShown})`);
  return row?.id;
}

/**
 * Copies what people said with their messages, so that what they take back there is taken back here
 * as well; of replies, the variants that are shown.
 */
export async function forkConversation(queries: Queries, fork: NewFork): Promise<boolean> {
  const { openedBy, place, turnId } = fork;
  const { guildId, kind, parentId, placeId } = toPlaceColumns(place);
  const source = sql`
    select conversations.*, said.position as until from conversations
    join turns as said on said.conversation_id = conversations.id where said.id = ${turnId}`;
  const conversation = sql`
    insert into conversations (place_id, kind, guild_id, parent_id, is_participant, opened_by,
      first_speaker_id, has_several_speakers, window_start, fresh_from, next_position, own_from,
      forked_from)
    select ${placeId}::text, ${kind}::text, ${guildId}::text, ${parentId}::text, true,
      ${openedBy}::text, first_speaker_id, has_several_speakers,
      case when window_start <= until then window_start else until - ${MAX_COPIED_TURNS}::integer end,
      case when window_start <= until then fresh_from end, until + 1, until + 1, place_id
    from source on conflict do nothing returning id`;
  const steps = toCommonTables(queries, [
    ["source", source],
    ["conversation", conversation],
    ...COPIED_TURNS,
    ...COPIED_MEMORY,
    ...copySettings(placeId),
  ]);
  const made = queries.$with("made", { id: conversations.id }).as(sql`select id from conversation`);
  const rows = await queries
    .with(...steps, made)
    .select({ id: made.id })
    .from(made);
  return rows.length > 0;
}

const COPIED = sql`
  insert into turns (conversation_id, position, role, author_id, author_name, content,
    quoted_author_id, quoted_message_id, answers_unstored, message_id, token_count, token_basis,
    said_at, is_adopted)
  select conversation.id, position, role, author_id, author_name, content,
    quoted_author_id, quoted_message_id, answers_unstored,
    case when role = 'user' then message_id end, token_count, token_basis, said_at, is_adopted
  from turns, source, conversation
  where turns.conversation_id = source.id and position <= until
    and position > until - ${MAX_COPIED_TURNS}::integer
    and (role = 'user' or exists (select from variants
      where variants.turn_id = turns.id and is_active and state <> 'streaming'))
  returning id, position, role`;

const SHOWN = sql`
  insert into variants (turn_id, is_active, state, content, thoughts, finish_reason, model,
    asked_by, prompt_tokens, reused_tokens, reply_tokens, first_token_ms, total_ms, revision,
    created_at, ended_at)
  select copied.id, true, state, variants.content, thoughts, finish_reason, model, asked_by,
    prompt_tokens, reused_tokens, reply_tokens, first_token_ms, total_ms, 1, variants.created_at, ended_at
  from copied, source, turns, variants
  where copied.role = 'assistant' and turns.conversation_id = source.id
    and turns.position = copied.position and variants.turn_id = turns.id and variants.is_active
  returning id, turn_id`;

/** Whom a reply answers, whichever of its variants was written for them. */
const ASKED = sql`
  insert into joint_askers (variant_id, user_id)
  select shown.id, asking.user_id from shown, copied, source, turns
  cross join lateral (
    select asked_by as user_id from variants
    where variants.turn_id = turns.id and asked_by is not null
    union select user_id from variants join joint_askers on joint_askers.variant_id = variants.id
    where variants.turn_id = turns.id) asking
  where copied.id = shown.turn_id and turns.conversation_id = source.id
    and turns.position = copied.position`;

const COPIED_TURNS = [
  ["copied", COPIED],
  ["shown", SHOWN],
  ["asked", ASKED],
] as const;

/** What the prompt has of them, so that the fork's begins the same. */
const SUMMARISED = sql`
  insert into summaries (conversation_id, from_position, to_position, level, content, model, is_adopted)
  select conversation.id, from_position, to_position, level, content, model, true
  from summaries, source, conversation
  where summaries.conversation_id = source.id and summaries.is_adopted and content <> ''
    and from_position > until - ${MAX_COPIED_TURNS}::integer
    and to_position < window_start and window_start <= until
    and not exists (select from summaries as wider
      where wider.id = summaries.merged_into and wider.is_adopted)`;

/** Something is learned once from what was said, where it was said. */
const LEARNED = sql`
  insert into learning_progress (conversation_id, user_id, until)
  select conversation.id, user_id, until + 1 from conversation, source, learning_consents`;

const COPIED_MEMORY = [
  ["summarised", SUMMARISED],
  ["learned", LEARNED],
] as const;

/** What the place itself set; what it has from its parent channel holds in the fork anyway. */
function copySettings(placeId: string) {
  const prompt = sql`
    insert into system_prompts (place_id, prompt, changed_by, changed_by_name)
    select ${placeId}::text, prompt, changed_by, changed_by_name
    from system_prompts, conversation
    where system_prompts.id = (select max(own.id) from system_prompts as own, source
      where own.place_id = source.place_id and source.kind = 'thread')`;
  const settled = sql`
    insert into settings (scope, scope_id, overrides)
    select 'place', ${placeId}::text, overrides from settings, source, conversation
    where settings.scope = 'place' and settings.scope_id = source.place_id
      and source.kind = 'thread'
    on conflict do nothing`;
  const persona = sql`
    insert into persona_uses (scope, scope_id, persona_id, built_in, version, is_inherited)
    select 'place', ${placeId}::text, persona_id, built_in, version, is_inherited
    from persona_uses, source, conversation
    where scope = 'place' and scope_id = source.place_id and source.kind = 'thread'
    on conflict do nothing`;
  return [
    ["prompt", prompt],
    ["settled", settled],
    ["persona", persona],
  ] as const;
}

/** Forks of forks too. */
export async function readForks(
  queries: Queries,
  placeId: ChannelId,
  quoted: readonly MessageId[],
): Promise<readonly ChannelId[]> {
  const messages = listOf(["0", ...quoted].map((id) => sql`${id}::text`));
  const rows = await queries.select({ placeId: conversations.placeId }).from(conversations)
    .where(sql`${conversations.placeId} in (
      with recursive forks as (
        select place_id from conversations where forked_from = ${placeId}
        union
        select place_id from turns join conversations on conversations.id = conversation_id
        where quoted_message_id in (${messages}) and place_id <> ${placeId}
        union
        select next.place_id from conversations as next
        join forks on next.forked_from = forks.place_id)
      select place_id from forks)`);
  return rows.map((row) => toChannelId(row.placeId));
}
