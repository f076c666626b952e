import { bigint, index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment, rowId } from "./columns.ts";

/** People who want nothing stored of what they say. */
export const optOuts = pgTable("opt_outs", {
  userId: text().primaryKey(),
  since: moment().notNull().defaultNow(),
});

/** What someone said before they were forgotten is not read back in, wherever it still stands. */
export const forgettings = pgTable(
  "forgettings",
  {
    userId: text().notNull(),
    /** A server's id, `direct` or `everywhere`. */
    scope: text().notNull(),
    /** By Discord's clock, as the times of messages are. */
    until: moment().notNull(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.scope] })],
);

/** Servers that Familiar is no longer in. */
export const leftGuilds = pgTable("left_guilds", {
  guildId: text().primaryKey(),
  leftAt: moment().notNull(),
});

/** Whose the channels are that something is set for: they may have no conversation. */
export const guildPlaces = pgTable(
  "guild_places",
  { placeId: text().primaryKey(), guildId: text().notNull() },
  (table) => [index().on(table.guildId)],
);

/** Messages that showed replies which were forgotten with whom they answered: not read back in either. */
export const forgottenReplies = pgTable(
  "forgotten_replies",
  {
    messageId: text().primaryKey(),
    /** Null in direct messages. */
    guildId: text(),
  },
  (table) => [index().on(table.guildId)],
);

/**
 * Conversations of which something was deleted that the engine may have evaluated: it has yet to be
 * told. They may be gone themselves.
 */
export const staleEvaluations = pgTable(
  "stale_evaluations",
  { id: rowId(), conversationId: bigint({ mode: "number" }).notNull() },
  (table) => [index().on(table.conversationId)],
);
