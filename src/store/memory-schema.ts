import { sql } from "drizzle-orm";
import { bigint, boolean, check, index, integer, pgTable, text } from "drizzle-orm/pg-core";
import type { AnyPgColumn } from "drizzle-orm/pg-core";
import { moment, rowId } from "./columns.ts";
import { personas } from "./persona-schema.ts";
import { conversations } from "./schema.ts";

/**
 * What people want remembered. `guild_id` is null in direct messages, `place_id` where all places of
 * the server read it.
 */
export const notes = pgTable(
  "notes",
  {
    id: rowId(),
    kind: text({ enum: ["place", "persona", "person"] }).notNull(),
    guildId: text(),
    placeId: text(),
    /** Of a thread: a channel's threads go with it, also those without a conversation. */
    parentId: text(),
    personaId: bigint({ mode: "number" }).references(() => personas.id, { onDelete: "cascade" }),
    /** The name of a built-in one. */
    builtIn: text(),
    /** Whom it is about, or whose words it keeps. */
    subjectId: text(),
    content: text().notNull(),
    authorId: text().notNull(),
    authorName: text().notNull(),
    writtenAt: moment().notNull().defaultNow(),
  },
  (table) => [
    index().on(table.placeId),
    index().on(table.parentId),
    index().on(table.guildId, table.subjectId),
    index().on(table.personaId),
    index().on(table.authorId),
    index().on(table.subjectId),
    check("notes_are_somewhere", sql`${table.guildId} is not null or ${table.placeId} is not null`),
    check(
      "notes_are_about_something",
      sql`case ${table.kind}
        when 'place' then ${table.placeId} is not null
        when 'persona' then (${table.personaId} is null) <> (${table.builtIn} is null)
        else ${table.subjectId} is not null end`,
    ),
  ],
);

/**
 * What the model wrote about stretches of a history that left the window. Triggers on turns and
 * variants delete a row when anything that it covers is changed or deleted, whoever does that:
 * migrations/0009_summaries.sql.
 */
export const summaries = pgTable(
  "summaries",
  {
    id: rowId(),
    conversationId: bigint({ mode: "number" })
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    fromPosition: integer().notNull(),
    toPosition: integer().notNull(),
    /** 0: of turns. Else of summaries, the highest of which is one level lower. */
    level: integer().notNull(),
    /** The one that it went into; it stays for when that one is deleted. */
    mergedInto: bigint({ mode: "number" }).references((): AnyPgColumn => summaries.id, {
      onDelete: "set null",
    }),
    /** Empty while it is only claimed. */
    content: text().notNull().default(""),
    model: text(),
    /** The prompt has had it since the window moved last. */
    isAdopted: boolean().notNull().default(false),
    writtenAt: moment().notNull().defaultNow(),
  },
  (table) => [
    index().on(table.conversationId, table.toPosition),
    index().on(table.mergedInto),
    check("summaries_cover_something", sql`${table.fromPosition} <= ${table.toPosition}`),
  ],
);
