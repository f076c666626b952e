import { sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { listOf, toCommonTables } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { summaries } from "./memory-schema.ts";

/** Below every position. */
const NOWHERE = sql`-2147483648`;

const HAS_TEXT = sql`(turns.content <> '' or exists (
  select from variants where variants.turn_id = turns.id and is_active and variants.content <> ''))`;

/**
 * Looks into each gap between the widest summaries, and in each for its newest turn alone, so that
 * the cost grows with the gaps rather than with the history.
 */
export async function claimStretch(
  queries: Queries,
  conversationId: RowId,
  most: number,
): Promise<RowId | undefined> {
  const conversation = sql`
    select id, window_start, coalesce(fresh_from, ${NOWHERE}) as fresh_from from conversations
    where id = ${conversationId}`;
  const covered = sql`
    select from_position::bigint, to_position::bigint from summaries
    where conversation_id = ${conversationId} and content <> '' and merged_into is null
    union all select fresh_from::bigint - 1, fresh_from::bigint - 1 from conversation`;
  const gaps = sql`
    select to_position + 1 as start,
      lead(from_position, 1, conversation.window_start::bigint) over (order by from_position) as stop
    from covered, conversation`;
  const newest = sql`
    select greatest(gaps.start, newest.position - ${most}::integer + 1) as start, newest.position as stop
    from gaps cross join lateral (
      select max(turns.position) as position from turns
      where turns.conversation_id = ${conversationId}
        and turns.position >= gaps.start and turns.position < gaps.stop and ${HAS_TEXT}) newest
    where newest.position is not null order by newest.position desc limit 1`;
  const stretch = sql`
    select newest.stop, (select min(turns.position) from turns
      where turns.conversation_id = ${conversationId}
        and turns.position >= newest.start and ${HAS_TEXT}) as start
    from newest`;
  const steps = toCommonTables(queries, [
    ["conversation", conversation],
    ["covered", covered],
    ["gaps", gaps],
    ["newest", newest],
    ["stretch", stretch],
    releaseAll(conversationId),
  ]);
  const claimed = queries.$with("claimed", { id: summaries.id }).as(sql`
    insert into summaries (conversation_id, from_position, to_position, level)
    select conversation.id, stretch.start, stretch.stop, 0 from stretch, conversation returning id`);
  const [row] = await queries
    .with(...steps, claimed)
    .select()
    .from(claimed);
  return row?.id;
}

/** Nothing between the parts may be left out. */
export async function claimMerger(
  queries: Queries,
  conversationId: RowId,
  ids: readonly RowId[],
): Promise<RowId | undefined> {
  const parts = sql`
    select id, from_position, to_position, level from summaries
    where conversation_id = ${conversationId} and id in (${listOf(ids.map((id) => sql`${id}`))})
      and content <> '' and merged_into is null`;
  const range = sql`
    select min(from_position) as start, max(to_position) as stop, max(level) + 1 as level from parts
    having count(*) = ${ids.length}::integer`;
  const steps = toCommonTables(queries, [
    ["parts", parts],
    ["range", range],
    releaseAll(conversationId),
  ]);
  const claimed = queries.$with("claimed", { id: summaries.id }).as(sql`
    insert into summaries (conversation_id, from_position, to_position, level)
    select ${conversationId}::bigint, range.start, range.stop, range.level from range
    where not exists (
      select from turns where turns.conversation_id = ${conversationId}
        and turns.position between range.start and range.stop and ${HAS_TEXT}
        and not exists (
          select from parts where turns.position between parts.from_position and parts.to_position))
    returning id`);
  const [row] = await queries
    .with(...steps, claimed)
    .select()
    .from(claimed);
  return row?.id;
}

/** One is written at a time: others were left behind by a crash. */
function releaseAll(conversationId: RowId) {
  const released = sql`
    delete from summaries where conversation_id = ${conversationId} and content = ''`;
  return ["released", released] as const;
}
