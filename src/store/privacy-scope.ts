import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { RowId } from "../chat/conversation.ts";
import type { PersonIn, PrivacyScope, Step } from "../chat/privacy/privacy-store.ts";
import { toCommonTables } from "./common-table.ts";
import type { CommonTable } from "./common-table.ts";
import type { Queries } from "./database.ts";

/** Rows that one statement changes: others wait no longer than for that. */
export const STEP_ROWS = 500;

/** Of a row that belongs to a server; to direct messages where that is null. */
export function isWithin(scope: PrivacyScope, guildId: SQL): SQL {
  switch (scope.kind) {
    case "everywhere":
      return sql`true`;
    case "direct":
      return sql`${guildId} is null`;
    case "guild":
      return sql`${guildId} = ${scope.id}`;
    default:
      return scope satisfies never;
  }
}

/** The same of a turn, so that the index by its author is of use. */
export function isTurnWithin({ scope }: Pick<PersonIn, "scope">): SQL {
  if (scope.kind === "everywhere") return sql`true`;
  return sql`turns.conversation_id in (
    select id from conversations where ${isWithin(scope, sql`conversations.guild_id`)})`;
}

/** The server of a channel or thread that something is set for; null in direct messages. */
export function guildOfPlace(placeId: SQL): SQL {
  return sql`coalesce(
    (select guild_id from conversations where conversations.place_id = ${placeId}),
    (select guild_id from conversations where conversations.parent_id = ${placeId} limit 1),
    (select guild_id from guild_places where guild_places.place_id = ${placeId}))`;
}

/**
 * Runs changes that each return the conversations of at most `STEP_ROWS` rows; there is more to do
 * while one of them returns as many.
 */
export async function takeStep(queries: Queries, changes: readonly CommonTable[]): Promise<Step> {
  const rows = changes.map(([name]) => sql`select conversation_id from ${sql.identifier(name)}`);
  const most = changes.map(([name]) => sql`(select count(*) from ${sql.identifier(name)})`);
  const outcome = queries.$with("outcome", {
    conversations: sql<readonly RowId[]>`conversations`.as("conversations"),
    isDone: sql<boolean>`is_done`.as("is_done"),
  }).as(sql`
    select coalesce((select jsonb_agg(distinct conversation_id)
        from (${sql.join(rows, sql` union all `)}) as changed), '[]'::jsonb) as conversations,
      greatest(${sql.join(most, sql`, `)}) < ${STEP_ROWS}::integer as is_done`);
  const [row] = await queries
    .with(...toCommonTables(queries, changes), outcome)
    .select()
    .from(outcome);
  return row ?? { conversations: [], isDone: true };
}
