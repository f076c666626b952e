import { eq, sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { toMessageId } from "../chat/ids.ts";
import type { WindowEdge } from "../chat/ports.ts";
import type { Database, Queries } from "./database.ts";
import { placeColumns, toPlace } from "./rows.ts";
import { conversations } from "./schema.ts";

/** Counts along an index: the cost grows with the turns before the position, not with their texts. */
export async function readEdge(
  database: Database,
  conversationId: RowId,
  position: number,
): Promise<WindowEdge> {
  const earlierTurns = sql<number>`(
    select count(*)::integer from turns
    where turns.conversation_id = conversations.id and turns.position < ${position}::integer)`;
  const firstPart = sql`(
    select parts.message_id from parts
    join variants on variants.id = parts.variant_id
    where variants.turn_id = turns.id and variants.is_active and not parts.is_forgotten
    order by parts.index limit 1)`;
  const messageId = sql<string | null>`(
    select coalesce(turns.message_id, ${firstPart}) from turns
    where turns.conversation_id = conversations.id and turns.position = ${position}::integer)`;
  return await database.run("read the window's edge", async (queries) => {
    const [row] = await queries
      .select({ earlierTurns, messageId })
      .from(conversations)
      .where(eq(conversations.id, conversationId));
    const message = await readMessage(queries, conversationId, row?.messageId ?? undefined);
    return { earlierTurns: row?.earlierTurns ?? 0, message };
  });
}

/** Looks for it along the forks: the oldest conversation that has it is where it was written. */
async function readMessage(
  queries: Queries,
  conversationId: RowId,
  messageId: string | undefined,
): Promise<WindowEdge["message"]> {
  if (messageId === undefined) return undefined;
  const source = sql`(
    with recursive sources as (
      select id, forked_from from conversations where id = ${conversationId}
      union
      select earlier.id, earlier.forked_from from conversations as earlier
      join sources on earlier.place_id = sources.forked_from)
    select min(sources.id) from sources
    join turns on turns.conversation_id = sources.id and turns.message_id = ${messageId})`;
  const [row] = await queries
    .select(placeColumns)
    .from(conversations)
    .where(eq(conversations.id, sql`coalesce(${source}, ${conversationId})`));
  return row === undefined ? undefined : { id: toMessageId(messageId), place: toPlace(row) };
}
