import type { RowId } from "../conversation.ts";
import type { SaidMessage, Speaker } from "../place.ts";

/** What someone said who wants nothing of it stored: one reply reads it. */
export interface UnstoredTurn {
  readonly speaker: Speaker;
  readonly text: string;
  readonly saidAt: Date;
}

/** A message that asks for a reply. */
export interface AskingMessage extends Pick<SaidMessage, "id" | "author"> {
  /** Of its turn; undefined where it has none, or nobody looked. */
  readonly position?: number;
  /** Where that position counts. */
  readonly conversationId?: RowId;
  /** What it says, where that is not stored. */
  readonly unstored?: UnstoredTurn;
}
