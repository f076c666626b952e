import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { moment, rowId } from "./columns.ts";

// Discord's ids are text here: they are unsigned 64-bit integers, too wide for bigint and for a JS
// number. Where their order matters, SQL compares them as numeric.

/** How a property's name becomes its column's, here, in queries and in drizzle.config.ts. */
export const CASING = "snake_case";

export const conversations = pgTable(
  "conversations",
  {
    id: rowId(),
    placeId: text().notNull().unique("conversations_place_id_unique"),
    kind: text({ enum: ["direct", "channel", "thread"] }).notNull(),
    guildId: text(),
    parentId: text(),
    isParticipant: boolean().notNull(),
    openedBy: text(),
    /** Who spoke first; a turn of anyone else raises `hasSeveralSpeakers`. */
    firstSpeakerId: text(),
    hasSeveralSpeakers: boolean().notNull().default(false),
    windowStart: integer().notNull().default(0),
    nextPosition: integer().notNull().default(0),
    /** Where the last reset left the history: no summary is about what stands before. */
    freshFrom: integer(),
    /** The greatest id seen here, of messages since deleted too: catching up goes on from it. */
    lastMessageId: text(),
    createdAt: moment().notNull().defaultNow(),
    lastActiveAt: moment().notNull().defaultNow(),
    /** The message whose buttons control the last reply. */
    controlsMessageId: text(),
    /** The place whose history this one begins with. */
    forkedFrom: text(),
    /** Of a fork: what stands before this position was said elsewhere. */
    ownFrom: integer(),
    /** When the guild was left; a new message or opening clears it. */
    closedAt: moment(),
  },
  (table) => [
    index().on(table.parentId),
    index().on(table.guildId),
    index().on(table.forkedFrom),
    check(
      "conversations_place_is_whole",
      sql`(${table.kind} = 'direct') = (${table.guildId} is null)
        and (${table.kind} = 'thread') = (${table.parentId} is not null)`,
    ),
  ],
);

export const turns = pgTable(
  "turns",
  {
    id: rowId(),
    conversationId: bigint({ mode: "number" })
      .notNull()
      .references(() => conversations.id, { onDelete: "cascade" }),
    position: integer().notNull(),
    role: text({ enum: ["user", "assistant"] }).notNull(),
    authorId: text(),
    authorName: text(),
    /** What a person said; null for an assistant turn, whose text is its active variant's. */
    content: text(),
    messageId: text(),
    /** Whose words the quote at the beginning of the content is; null for Familiar's own. */
    quotedAuthorId: text(),
    /** The message that it quotes. */
    quotedMessageId: text(),
    /** Of a reply: what it answers, or some of that, was not to be stored. */
    answersUnstored: boolean().notNull().default(false),
    tokenCount: integer(),
    tokenBasis: text(),
    saidAt: moment().notNull().defaultNow(),
    /** Read from the place or from a file, when it was long said: nobody waits for an answer. */
    isAdopted: boolean().notNull().default(false),
  },
  (table) => [
    // Deferrable, so that turns can move up to make room in one statement. An `on conflict` on this
    // table must therefore name the index that it means.
    unique("turns_position_unique").on(table.conversationId, table.position),
    uniqueIndex()
      .on(table.conversationId, table.messageId)
      .where(sql`${table.messageId} is not null`),
    index().on(table.authorId, table.conversationId),
    index().on(table.conversationId, table.saidAt),
    index()
      .on(table.quotedAuthorId)
      .where(sql`${table.quotedAuthorId} is not null`),
    index()
      .on(table.quotedMessageId)
      .where(sql`${table.quotedMessageId} is not null`),
    check(
      "turns_text_is_in_one_place",
      sql`(${table.role} = 'user') = (${table.content} is not null)`,
    ),
  ],
);

export const variants = pgTable(
  "variants",
  {
    id: rowId(),
    turnId: bigint({ mode: "number" })
      .notNull()
      .references(() => turns.id, { onDelete: "cascade" }),
    isActive: boolean().notNull(),
    state: text({ enum: ["streaming", "complete", "interrupted", "failed"] }).notNull(),
    content: text().notNull(),
    /** Reasoning, kept apart from the content. Null where there was none, or some was forgotten. */
    thoughts: text(),
    finishReason: text({
      enum: [
        "stop",
        "length",
        "context",
        "parts",
        "repetition",
        "other-speaker",
        "empty",
        "timeout",
        "aborted",
        "interrupted",
        "unreachable",
        "failed",
      ],
    }),
    /** Null where no model wrote it. */
    model: text(),
    /** Who had it written. */
    askedBy: text(),
    promptTokens: integer(),
    reusedTokens: integer(),
    replyTokens: integer(),
    firstTokenMs: doublePrecision(),
    totalMs: doublePrecision(),
    /** Grows when the reply ends or some of it is forgotten, so that neither overwrites the other. */
    revision: integer().notNull().default(0),
    createdAt: moment().notNull().defaultNow(),
    endedAt: moment(),
  },
  (table) => [
    index().on(table.turnId),
    index()
      .on(table.askedBy, table.id)
      .where(sql`${table.askedBy} is not null`),
    uniqueIndex("variants_one_active_index")
      .on(table.turnId)
      .where(sql`${table.isActive}`),
    index("variants_streaming_index")
      .on(table.id)
      .where(sql`${table.state} = 'streaming'`),
  ],
);

/** Whom a reply answers beside the one who had it written. */
export const jointAskers = pgTable(
  "joint_askers",
  {
    variantId: bigint({ mode: "number" })
      .notNull()
      .references(() => variants.id, { onDelete: "cascade" }),
    userId: text().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.variantId, table.userId] }),
    index().on(table.userId, table.variantId),
  ],
);

export const parts = pgTable(
  "parts",
  {
    variantId: bigint({ mode: "number" })
      .notNull()
      .references(() => variants.id, { onDelete: "cascade" }),
    index: integer().notNull(),
    messageId: text().notNull(),
    startOffset: integer().notNull(),
    endOffset: integer().notNull(),
    /** Deleted while the reply was still being written; its stretch is cut out at the end. */
    isForgotten: boolean().notNull().default(false),
  },
  (table) => [primaryKey({ columns: [table.variantId, table.index] }), index().on(table.messageId)],
);

/** A log: the newest row of a place holds. */
export const systemPrompts = pgTable(
  "system_prompts",
  {
    id: rowId(),
    placeId: text().notNull(),
    /** Null: the place went back to the default. */
    prompt: text(),
    changedBy: text().notNull(),
    changedByName: text().notNull(),
    changedAt: moment().notNull().defaultNow(),
  },
  (table) => [index().on(table.placeId, table.id)],
);

/** What a server, channel or thread sets; of a place without a conversation too. */
export const settings = pgTable(
  "settings",
  {
    scope: text({ enum: ["guild", "place"] }).notNull(),
    scopeId: text().notNull(),
    /** Read with care: what could be set once may be out of range by now. */
    overrides: jsonb().notNull(),
  },
  (table) => [primaryKey({ columns: [table.scope, table.scopeId] })],
);

/**
 * The replies of the last day, for quotas: they count when they are forgotten, too. Says nothing of
 * what they were about.
 */
export const usages = pgTable(
  "usages",
  {
    id: rowId(),
    guildId: text().notNull(),
    userId: text().notNull(),
    /** Of the prompt, as far as it was evaluated anew, and of the reply. */
    tokens: integer().notNull(),
    endedAt: moment().notNull().defaultNow(),
  },
  (table) => [index().on(table.guildId, table.userId, table.endedAt), index().on(table.endedAt)],
);
