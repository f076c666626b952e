import {
  bigint,
  customType,
  foreignKey,
  integer,
  pgTable,
  primaryKey,
  text,
} from "drizzle-orm/pg-core";
import { recallTurns } from "./recall-schema.ts";

const bytes = customType<{ data: Uint8Array }>({ dataType: () => "bytea" });

/**
 * The embeddings of turns in the index that old turns are found by. Whatever changes or deletes a
 * turn takes its row there away, and this one with it. Where the server has pgvector, they are in a
 * table of that extension's instead: recall/open-pgvector.ts.
 */
export const turnEmbeddings = pgTable(
  "turn_embeddings",
  {
    conversationId: bigint({ mode: "number" }).notNull(),
    position: integer().notNull(),
    /** The embedder's key. */
    model: text().notNull(),
    /** As recall/pack-embedding.ts writes it. */
    embedding: bytes().notNull(),
    /** Grows with each row that is written, so that copies in memory can be told from it. */
    stamp: bigint({ mode: "number" }).notNull().generatedAlwaysAsIdentity(),
  },
  (table) => [
    primaryKey({ columns: [table.conversationId, table.position] }),
    foreignKey({
      name: "turn_embeddings_of_indexed_turns",
      columns: [table.conversationId, table.position],
      foreignColumns: [recallTurns.conversationId, recallTurns.position],
    }).onDelete("cascade"),
  ],
);
