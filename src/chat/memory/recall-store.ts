import type { RowId } from "../conversation.ts";
import type { Speaker } from "../place.ts";

export interface RecallQuestion {
  readonly conversationId: RowId;
  /** What the turns are to matter to: usually what was said last. */
  readonly text: string;
  /** Turns at this position and after it are in view, and never found. */
  readonly before: number;
  /** Turns before this position are reset away, and never found. Default: none is. */
  readonly since?: number | undefined;
  /** At most so many turns. */
  readonly limit: number;
}

/** The turns of a conversation that hold a word of the question, in one form of the word. */
export interface MatchedTerm {
  /** Names the word within the question; its forms in several languages share the number. */
  readonly word: number;
  /** Of a common term, the newest ones only. */
  readonly positions: readonly number[];
  /** Of each of the positions, where its stretch of conversation begins. */
  readonly stretches: readonly number[];
  /** In how many turns the term is, those included that were not read; an estimate for them. */
  readonly turns: number;
}

export interface Matches {
  readonly terms: readonly MatchedTerm[];
  /** The newest turns of speakers who are named in the question. */
  readonly spoken: readonly MatchedTerm[];
  /** Words of the question that are a speaker's name here, as `glance` takes them. */
  readonly names: readonly string[];
  /** How many turns, and stretches of conversation, are looked through; roughly. */
  readonly turns: number;
  readonly stretches: number;
}

/** What the ranking needs to know of a turn besides its words. */
export interface Glance {
  readonly position: number;
  /** Where its stretch of conversation begins. */
  readonly stretch: number;
  /** Said by someone who is named in the question. */
  readonly isNamed: boolean;
  readonly saidAt: Date;
  /** Different words, without the commonest ones. */
  readonly words: number;
  readonly hasQuestion: boolean;
  readonly endsWithQuestion: boolean;
}

export interface RecallableTurn {
  readonly position: number;
  readonly role: "user" | "assistant";
  /** Undefined for Familiar's own turns. */
  readonly speaker: Speaker | undefined;
  /** Whom an imported chat with several characters gives this turn of Familiar's own to. */
  readonly character?: string;
  readonly saidAt: Date;
  readonly text: string;
}

/**
 * The index of the turns that left the view. Words that are edited, deleted or forgotten leave it in
 * the same moment. Every method may reject as those of `ConversationStore` do; calls may overlap.
 */
export interface RecallStore {
  /**
   * Takes some of the turns before a position into the index that are not in it yet. True: there are
   * more, as in a history that is older than the index. Without a position, of all turns that left
   * the window.
   */
  index(conversationId: RowId, before?: number): Promise<boolean>;
  /** Conversations that were alive lately and have turns to be taken into the index, newest first. */
  due(limit: number): Promise<readonly RowId[]>;
  /** Costs what the question's words cost, however long the history. */
  match(question: RecallQuestion): Promise<Matches>;
  /** Of positions without a turn, nothing. */
  glance(
    conversationId: RowId,
    positions: readonly number[],
    names: readonly string[],
  ): Promise<readonly Glance[]>;
  /**
   * The turns at these positions that hold text, in any order; without those of people who opted out,
   * or had themselves forgotten.
   */
  read(conversationId: RowId, positions: readonly number[]): Promise<readonly RecallableTurn[]>;
}
