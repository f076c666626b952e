import type { RowId, Turn } from "../conversation.ts";
import type { Summary } from "./summary.ts";

/** Turns of which a summary is to be written. */
export interface ClaimedStretch {
  readonly id: RowId;
  /** Position at which the claim begins: not after the first turn. */
  readonly from: number;
  /** Oldest first; at least one. */
  readonly turns: readonly Turn[];
}

export interface WrittenSummary {
  readonly text: string;
  readonly model: string;
  /** Of a stretch, the positions at its beginning that the text leaves out. */
  readonly skipped?: number;
  /** Of a merger, the summaries that it is made of. */
  readonly parts?: readonly RowId[];
}

/**
 * Failures as with `ConversationStore`. Whoever changes or deletes a turn deletes every summary that
 * covers it, those that are only claimed too, at once and whatever the way: the database sees to
 * that. A summary goes with its conversation, and when that is reset.
 */
export interface SummaryStore {
  /**
   * What stands for the turns that left the window, oldest first: of all summaries, or of those that
   * the prompt has adopted, the ones that went into no other.
   */
  read(conversationId: RowId, which: "adopted" | "latest"): Promise<readonly Summary[]>;
  /** The prompt has all summaries up to this one from now on. */
  adopt(conversationId: RowId, newest: RowId): Promise<void>;
  /** Conversations that were alive lately and that turns have left, newest first. */
  due(limit: number): Promise<readonly RowId[]>;
  /**
   * Claims the newest turns that left the window and that no summary covers, up to so many
   * positions. Undefined where there are none. What was claimed before and never written is released.
   */
  claimStretch(conversationId: RowId, most: number): Promise<ClaimedStretch | undefined>;
  /** The same for neighbouring summaries that are to become one; undefined where one is gone. */
  claimMerger(conversationId: RowId, parts: readonly RowId[]): Promise<RowId | undefined>;
  /** False where the claim is gone: something in its range was changed or taken back meanwhile. */
  write(claim: RowId, written: WrittenSummary): Promise<boolean>;
  release(claim: RowId): Promise<void>;
}
