import { sql } from "drizzle-orm";
import type { SQL } from "drizzle-orm";
import type { UserId } from "../chat/ids.ts";
import type { PersonIn, PrivacyScope } from "../chat/privacy/privacy-store.ts";

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

/** The variants that answer someone, alone or with others. */
export function repliesTo(userId: UserId): SQL {
  return sql`select id from variants where asked_by = ${userId}
    union all select variant_id from joint_askers where user_id = ${userId}`;
}
