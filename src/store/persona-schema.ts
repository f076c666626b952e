import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { moment, rowId } from "./columns.ts";

/** Null in `guild_id`: the owner's library. */
export const personas = pgTable(
  "personas",
  {
    id: rowId(),
    guildId: text(),
    /** Of the newest version. */
    name: text().notNull(),
    nameKey: text().notNull(),
    /** The number of the newest version. */
    version: integer().notNull().default(1),
    /** The character card that it came from, the same for all versions. */
    card: jsonb(),
    createdAt: moment().notNull().defaultNow(),
  },
  (table) => [
    uniqueIndex("personas_one_name_index").on(
      sql`coalesce(${table.guildId}, '')`,
      table.nameKey.asc(),
    ),
  ],
);

/** Never changed. */
export const personaVersions = pgTable(
  "persona_versions",
  {
    personaId: bigint({ mode: "number" })
      .notNull()
      .references(() => personas.id, { onDelete: "cascade" }),
    number: integer().notNull(),
    /** Read with care: what could be set once may be out of range by now. */
    content: jsonb().notNull(),
    changedBy: text().notNull(),
    changedByName: text().notNull(),
    changedAt: moment().notNull().defaultNow(),
  },
  (table) => [primaryKey({ columns: [table.personaId, table.number] })],
);

/** Which persona a server, channel or thread uses. A server can have the id of one of its channels. */
export const personaUses = pgTable(
  "persona_uses",
  {
    scope: text({ enum: ["guild", "place"] }).notNull(),
    scopeId: text().notNull(),
    personaId: bigint({ mode: "number" }).references(() => personas.id, { onDelete: "cascade" }),
    /** The name of a built-in one. */
    builtIn: text(),
    /** Null: whatever is the newest. */
    version: integer(),
    /** Nobody chose it: a thread keeps what it began with. */
    isInherited: boolean().notNull().default(false),
    changedAt: moment().notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ columns: [table.scope, table.scopeId] }),
    index().on(table.personaId),
    check(
      "persona_uses_one_persona",
      sql`(${table.personaId} is null) <> (${table.builtIn} is null)`,
    ),
  ],
);
