import { index, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";

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
