import type { Conversation, RowId, TokenCount, Turn } from "../../src/chat/conversation.ts";
import { toMessageId } from "../../src/chat/ids.ts";
import type { ChannelId, MessageId } from "../../src/chat/ids.ts";
import type { ConversationStore, WindowEdge } from "../../src/chat/ports.ts";

/** One conversation and its turns. The message of a turn has the turn's own id. */
export class RecordingConversations implements Pick<
  ConversationStore,
  | "find"
  | "findTurn"
  | "edit"
  | "forgetMessages"
  | "forgetPlace"
  | "reset"
  | "view"
  | "moveWindow"
  | "edge"
  | "forks"
  | "moveControls"
  | "saveCounts"
> {
  turns: readonly Turn[];
  /** Positions to which the window was moved. */
  readonly moves: number[] = [];
  /** What was done to the conversation as a whole, in order. */
  readonly deeds: string[] = [];
  readonly savedCounts: ReadonlyMap<RowId, TokenCount>[] = [];
  /** The messages that had the controls, oldest first. */
  readonly controlled: (MessageId | undefined)[] = [];
  readTurns = 0;
  /** What the next `find` comes back with, and how often it was called. */
  conversation: Conversation | undefined;
  finds = 0;

  constructor(turns: readonly Turn[] = []) {
    this.turns = turns;
  }

  get windowStart(): number {
    return this.moves.at(-1) ?? 0;
  }

  find(): Promise<Conversation | undefined> {
    this.finds += 1;
    return Promise.resolve(this.conversation);
  }

  findTurn(_placeId: ChannelId, messageId: MessageId): Promise<RowId | undefined> {
    return Promise.resolve(this.turns.find((turn) => turn.id === Number(messageId))?.id);
  }

  /** False for a message that is not stored. */
  edit(_placeId: ChannelId, messageId: MessageId, text: string): Promise<boolean> {
    const id = Number(messageId);
    const isStored = this.turns.some((turn) => turn.id === id);
    this.turns = this.turns.map((turn) =>
      turn.id === id ? { ...turn, text, count: undefined } : turn,
    );
    return Promise.resolve(isStored);
  }

  forgetMessages(_placeId: ChannelId, messageIds: readonly MessageId[]): Promise<number> {
    const ids = new Set(messageIds.map(Number));
    const before = this.turns.length;
    this.turns = this.turns.filter((turn) => !ids.has(turn.id));
    return Promise.resolve(before - this.turns.length);
  }

  forgetPlace(): Promise<readonly RowId[]> {
    this.deeds.push("forgetPlace");
    const forgotten = this.conversation === undefined ? [] : [this.conversation.id];
    this.conversation = undefined;
    return Promise.resolve(forgotten);
  }

  reset(): Promise<void> {
    this.deeds.push("reset");
    return Promise.resolve();
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

  forks(): Promise<readonly ChannelId[]> {
    return Promise.resolve([]);
  }

  moveControls(_placeId: ChannelId, messageId: MessageId | undefined) {
    const former = this.controlled.at(-1);
    this.controlled.push(messageId);
    return Promise.resolve(former);
  }

  edge(_conversationId: RowId, position: number): Promise<WindowEdge> {
    const turn = this.turns.find((candidate) => candidate.position === position);
    const earlierTurns = this.turns.filter((candidate) => candidate.position < position).length;
    const place = this.conversation?.place;
    if (turn === undefined || place === undefined) {
      return Promise.resolve({ earlierTurns, message: undefined });
    }
    return Promise.resolve({ earlierTurns, message: { id: toMessageId(String(turn.id)), place } });
  }

  saveCounts(counts: ReadonlyMap<RowId, TokenCount>): Promise<void> {
    this.savedCounts.push(counts);
    this.turns = this.turns.map((turn) => ({ ...turn, count: counts.get(turn.id) ?? turn.count }));
    return Promise.resolve();
  }
}
