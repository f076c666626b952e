import { sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import type { WrittenBy } from "../chat/ports.ts";
import type { Queries } from "./database.ts";
import { variants } from "./schema.ts";

/**
 * The messages that showed the former variant show the new one from now on, nothing of it yet. Each
 * step reads from the one before it, so that no two variants of a turn are ever active. Undefined
 * where the turn is gone or its reply still being written.
 */
export async function beginVariant(
  queries: Queries,
  turnId: RowId,
  { askedBy, model }: WrittenBy,
): Promise<RowId | undefined> {
  const retired = queries.$with("retired", {}).as(sql`
    update variants set is_active = false, revision = revision + 1
    where turn_id = ${turnId} and is_active and state <> 'streaming' returning id, turn_id`);
  const begun = queries.$with("begun", { id: variants.id }).as(sql`
    insert into variants (turn_id, is_active, state, content, model, asked_by)
    select turn_id, true, 'streaming', '', ${model ?? null}::text, ${askedBy ?? null}::text
    from retired returning id`);
  const moved = queries.$with("moved", {}).as(sql`
    update parts set variant_id = begun.id, start_offset = 0, end_offset = 0
    from begun, retired where parts.variant_id = retired.id`);
  const uncounted = queries.$with("uncounted", {}).as(sql`
    update turns set token_count = null, token_basis = null
    from retired where turns.id = retired.turn_id`);
  const [row] = await queries
    .with(retired, begun, moved, uncounted)
    .select({ id: begun.id })
    .from(begun);
  return row?.id;
}

/** Nothing changes where it is the active one already, or one of the two is being written. */
export async function activateVariant(queries: Queries, replyId: RowId): Promise<boolean> {
  const chosen = queries.$with("chosen", {}).as(sql`
    select id, turn_id from variants
    where id = ${replyId} and not is_active and state <> 'streaming'`);
  const retired = queries.$with("retired", {}).as(sql`
    update variants set is_active = false, revision = variants.revision + 1 from chosen
    where variants.turn_id = chosen.turn_id and variants.is_active
      and variants.state <> 'streaming'
    returning variants.id, variants.turn_id`);
  const activated = queries.$with("activated", { id: variants.id }).as(sql`
    update variants set is_active = true, revision = variants.revision + 1 from retired
    where variants.id = ${replyId} returning variants.id`);
  const moved = queries.$with("moved", {}).as(sql`
    update parts set variant_id = activated.id, start_offset = 0, end_offset = 0
    from activated, retired where parts.variant_id = retired.id`);
  const uncounted = queries.$with("uncounted", {}).as(sql`
    update turns set token_count = null, token_basis = null
    from retired where turns.id = retired.turn_id`);
  const rows = await queries
    .with(chosen, retired, activated, moved, uncounted)
    .select({ id: activated.id })
    .from(activated);
  return rows.length > 0;
}

/** The revision grows: whoever has read the reply as one that has ended must look again. */
export async function resumeReply(queries: Queries, replyId: RowId): Promise<boolean> {
  const resumed = await queries
    .update(variants)
    .set({
      state: "streaming",
      finishReason: null,
      endedAt: null,
      revision: sql`${variants.revision} + 1`,
    })
    .where(sql`${variants.id} = ${replyId} and is_active and state <> 'streaming'`)
    .returning({ id: variants.id });
  return resumed.length > 0;
}
