import { and, eq, sql } from "drizzle-orm";
import type { Turn } from "../chat/conversation.ts";
import { toCharacter, toCount, toSpeaker } from "./rows.ts";
import { turns, variants } from "./schema.ts";

/** What a person said, or the active variant of a reply. */
export const TEXT = sql<string>`coalesce(${variants.content}, ${turns.content}, '')`;

/** For a join that reads it. */
export const ACTIVE_VARIANT = and(eq(variants.turnId, turns.id), variants.isActive);

export interface TurnRow {
  readonly turn: typeof turns.$inferSelect;
  readonly text: string;
}

export function toTurn({ text, turn }: TurnRow): Turn {
  return {
    id: turn.id,
    position: turn.position,
    role: turn.role,
    speaker: toSpeaker(turn),
    ...toCharacter(turn),
    text,
    saidAt: turn.saidAt,
    count: toCount(turn),
  };
}
