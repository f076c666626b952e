import { eq, sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import type { NewGreeting } from "../chat/ports.ts";
import { listOf } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { toStorable } from "./rows.ts";
import { variants } from "./schema.ts";

/** Complete from the start: nothing of it is still to be written. */
export async function greet(
  queries: Queries,
  conversationId: RowId,
  { alternates, count, text }: NewGreeting,
): Promise<RowId | undefined> {
  const rows = [text, ...alternates].map(
    (words, index) => sql`(${index}::integer, ${toStorable(words)}::text)`,
  );
  const conversation = queries.$with("conversation", {}).as(sql`
    update conversations set next_position = next_position + 1, last_active_at = now()
    where id = ${conversationId} and not exists (
      select from turns where conversation_id = ${conversationId} and role = 'assistant')
    returning id, next_position`);
  const turn = queries.$with("turn", {}).as(sql`
    insert into turns (conversation_id, position, role, token_count, token_basis)
    select id, next_position - 1, 'assistant',
      ${count?.tokens ?? null}::integer, ${count?.basis ?? null}::text
    from conversation returning id`);
  const greeting = queries.$with("greeting", { id: variants.id, isActive: variants.isActive })
    .as(sql`
    insert into variants (turn_id, is_active, state, content, finish_reason, ended_at)
    select turn.id, greetings.index = 0, 'complete', greetings.content, 'stop', now()
    from turn cross join (values ${listOf(rows)}) as greetings (index, content)
    order by greetings.index returning id, is_active`);
  const [row] = await queries
    .with(conversation, turn, greeting)
    .select({ id: greeting.id })
    .from(greeting)
    .where(eq(greeting.isActive, true));
  return row?.id;
}
