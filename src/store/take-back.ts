import { sql } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import { toMessageId } from "../chat/ids.ts";
import type { ChannelId, MessageId } from "../chat/ids.ts";
import { listOf } from "./common-table.ts";
import type { Queries } from "./database.ts";
import { conversations, parts } from "./schema.ts";

/** Returns the messages that showed replies among the turns. */
export async function dropTurns(
  queries: Queries,
  turnIds: readonly RowId[],
): Promise<readonly MessageId[]> {
  if (turnIds.length === 0) return [];
  const ids = listOf(turnIds.map((id) => sql`${id}`));
  const shown = queries.$with("shown", { messageId: parts.messageId }).as(sql`
    select parts.message_id from parts join variants on variants.id = parts.variant_id
    where variants.turn_id in (${ids})`);
  const dropped = queries.$with("dropped", {}).as(sql`delete from turns where id in (${ids})`);
  const rows = await queries
    .with(shown, dropped)
    .select({ messageId: shown.messageId })
    .from(shown);
  return rows.map(({ messageId }) => toMessageId(messageId));
}

/** Returns the message that had the controls before. */
export async function moveControls(
  queries: Queries,
  placeId: ChannelId,
  messageId: MessageId | undefined,
): Promise<MessageId | undefined> {
  const former = queries.$with("former", {
    id: conversations.id,
    messageId: sql<string | null>`message_id`.as("message_id"),
  }).as(sql`select id, controls_message_id as message_id from conversations
      where place_id = ${placeId} for update`);
  const moved = queries.$with("moved", {}).as(sql`
    update conversations set controls_message_id = ${messageId ?? null}::text
    from former where conversations.id = former.id`);
  const [row] = await queries
    .with(former, moved)
    .select({ messageId: former.messageId })
    .from(former);
  return row === undefined || row.messageId === null ? undefined : toMessageId(row.messageId);
}
