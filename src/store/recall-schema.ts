import { bigint, integer, pgTable, primaryKey, smallint, text } from "drizzle-orm/pg-core";
import { moment } from "./columns.ts";
import { conversations } from "./schema.ts";

// The index that old turns are found by. Only the functions and triggers of the migration
// "recall_index" write it: whatever changes or deletes a turn changes the index in the same statement.

const conversationId = () =>
  bigint({ mode: "number" })
    .notNull()
    .references(() => conversations.id, { onDelete: "cascade" });

/** How far the index of a conversation goes. Its row is what the writers of the index lock. */
export const recallProgress = pgTable("recall_progress", {
  conversationId: conversationId().primaryKey(),
  /** Turns before this position are in the index; those after it are in view, and still change. */
  indexedUntil: integer().notNull().default(0),
  /** How many stretches of conversation are in the index, of which some may have been forgotten. */
  stretches: integer().notNull().default(0),
  /** The text-search configurations of what was said here. */
  languages: text().array().notNull().default([]),
});

/** What is in the index of each turn: what must go when the turn goes. */
export const recallTurns = pgTable(
  "recall_turns",
  {
    conversationId: conversationId(),
    position: integer().notNull(),
    /** The position of the first turn of its stretch of conversation. */
    stretch: integer().notNull(),
    saidAt: moment().notNull(),
    /** 0: it asks nothing; 1: it does somewhere; 2: it ends with a question. */
    asks: smallint().notNull(),
    /** Stems, each once; `@` and a word of the speaker's name. */
    terms: text().array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.position] })],
);

/** The turns with a term, a few hundred in a row, so that a common term takes few rows. */
export const recallPostings = pgTable(
  "recall_postings",
  {
    conversationId: conversationId(),
    term: text().notNull(),
    /** The row holds turns from this position up to the term's next row. */
    first: integer().notNull(),
    /** Each 64 times a turn's position, and how many positions it is behind its stretch's first. */
    hits: integer().array().notNull(),
  },
  (table) => [primaryKey({ columns: [table.conversationId, table.term, table.first] })],
);
