import { sql } from "drizzle-orm";
import { bigint, check, index, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { moment, rowId } from "./columns.ts";
import { notes } from "./memory-schema.ts";
import { conversations, turns } from "./schema.ts";

const STATES = ["pending", "kept", "discarded", "expired", "withdrawn"] as const;

/** Who lets Familiar learn from what they say, and since when. */
export const learningConsents = pgTable("learning_consents", {
  userId: text().primaryKey(),
  since: moment().notNull(),
});

/** How far something was learned from what a person said in a conversation. */
export const learningProgress = pgTable(
  "learning_progress",
  {
    conversationId: bigint({ mode: "number" })
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    userId: text()
      .notNull()
      .references(() => learningConsents.userId, { onDelete: "cascade" }),
    /** Turns before this position are done with. */
    until: integer().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.userId] }),
    index().on(table.userId),
  ],
);

/**
 * What the model would remember of a person, who has yet to decide. A trigger withdraws it when a
 * turn that it rests on is changed or deleted, whoever does that: migrations/0012_learning.sql.
 */
export const proposals = pgTable(
  "proposals",
  {
    id: rowId(),
    conversationId: bigint({ mode: "number" })
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    /** Whom it is about. */
    userId: text().notNull(),
    /** Null once it is decided. */
    content: text(),
    /** The note that it would replace, as long as that says the same. */
    replaces: bigint({ mode: "number" }).references(() => notes.id, { onDelete: "set null" }),
    state: text({ enum: STATES }).notNull().default("pending"),
    /** As its message shows it; null while there is none. */
    shown: text({ enum: STATES }),
    messageId: text(),
    proposedAt: moment().notNull(),
  },
  (table) => [
    index().on(table.conversationId),
    index().on(table.userId, table.proposedAt),
    index().on(table.proposedAt),
    index().on(table.messageId),
    index()
      .on(table.replaces)
      .where(sql`${table.replaces} is not null`),
    index("proposals_stale_index")
      .on(table.messageId)
      .where(sql`${table.state} <> ${table.shown}`),
    check(
      "proposals_have_text_while_pending",
      sql`(${table.state} = 'pending') = (${table.content} is not null)`,
    ),
  ],
);

/** What a person said in the stretch that a proposal was learned from. */
export const proposalTurns = pgTable(
  "proposal_turns",
  {
    proposalId: bigint({ mode: "number" })
      .notNull()
      .references(() => proposals.id, { onDelete: "cascade" }),
    turnId: bigint({ mode: "number" })
      .notNull()
      .references(() => turns.id, { onDelete: "cascade" }),
  },
  (table) => [primaryKey({ columns: [table.proposalId, table.turnId] }), index().on(table.turnId)],
);

/** What people did not want remembered, as hashes: it is not proposed again. */
export const discardedFacts = pgTable(
  "discarded_facts",
  {
    userId: text().notNull(),
    digest: text().notNull(),
    /** Where that was; null in direct messages. */
    guildId: text(),
  },
  (table) => [primaryKey({ columns: [table.userId, table.digest] }), index().on(table.guildId)],
);
