import type { Conversation, RowId, TokenCount, Turn } from "../../src/chat/conversation.ts";
import type { PromptSources } from "../../src/chat/prompt/compose-prompt.ts";

/** The turns of one conversation, as a prompt asks for them. */
export class RecordingConversations implements Pick<
  PromptSources["conversations"],
  "view" | "moveWindow" | "saveCounts"
> {
  turns: readonly Turn[];
  /** Positions to which the window was moved. */
  readonly moves: number[] = [];
  readonly savedCounts: ReadonlyMap<RowId, TokenCount>[] = [];
  readTurns = 0;

  constructor(turns: readonly Turn[] = []) {
    this.turns = turns;
  }

  get windowStart(): number {
    return this.moves.at(-1) ?? 0;
  }

  view(conversation: Conversation): Promise<readonly Turn[]> {
    const start = Math.max(conversation.windowStart, this.windowStart);
    const turns = this.turns.filter((turn) => turn.position >= start);
    this.readTurns += turns.length;
    return Promise.resolve(turns);
  }

  moveWindow(_conversationId: RowId, windowStart: number): Promise<void> {
    this.moves.push(windowStart);
    return Promise.resolve();
  }

  saveCounts(counts: ReadonlyMap<RowId, TokenCount>): Promise<void> {
    this.savedCounts.push(counts);
    this.turns = this.turns.map((turn) => ({ ...turn, count: counts.get(turn.id) ?? turn.count }));
    return Promise.resolve();
  }
}
