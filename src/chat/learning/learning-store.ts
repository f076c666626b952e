import type { RowId } from "../conversation.ts";
import type { ChannelId, MessageId, UserId } from "../ids.ts";
import type { NewNote, Note } from "../memory/note.ts";
import type { Place } from "../place.ts";
import type { Proposal, ProposalMessage, ProposalState } from "./proposal.ts";

/**
 * What a person said since something was learned from them last, and what was answered to them in
 * between. What others said is not in it.
 */
export interface LearnableStretch {
  readonly conversationId: RowId;
  readonly place: Place;
  readonly person: UserId;
  /** Position after the last turn that it covers. */
  readonly until: number;
  /** Oldest first; at least one is the person's. */
  readonly turns: readonly LearnableTurn[];
}

interface LearnableTurn {
  readonly id: RowId;
  readonly role: "user" | "assistant";
  readonly text: string;
  /** Another one once the turn is changed. */
  readonly stamp: string;
}

export interface Learned {
  readonly stretch: LearnableStretch;
  readonly facts: readonly KeyedFact[];
  readonly at: Date;
  /** How many proposals there may be for the person since a time, these included. */
  readonly most: { readonly count: number; readonly since: Date };
}

interface KeyedFact {
  readonly text: string;
  readonly replaces: RowId | undefined;
  /** By which it is known again when it was discarded. */
  readonly key: string;
}

/** Something that a person can decide on. */
export interface OpenProposal {
  readonly person: UserId;
  readonly placeId: ChannelId;
  readonly state: ProposalState;
  readonly text: string | undefined;
}

/** A message that shows something else than what has become of its proposals. */
export interface StaleMessage extends ProposalMessage {
  readonly place: Place;
  readonly messageId: MessageId;
}

/**
 * Failures as with `ConversationStore`. Whatever changes or deletes a turn of a person withdraws the
 * proposals that rest on it, in the same statement: the database sees to that. Proposals go with
 * their conversation.
 */
export interface LearningStore {
  hasConsented(userId: UserId): Promise<boolean>;
  /** What is said from then on may be learned from. False where it was so already. */
  consent(userId: UserId, since: Date): Promise<boolean>;
  /** Withdraws what is undecided as well. False where there was no consent. */
  withdraw(userId: UserId): Promise<boolean>;
  /** Conversations where people who consent have said something since a time, newest first. */
  due(since: Date, limit: number): Promise<readonly RowId[]>;
  /**
   * Of one person who consents and has not opted out, of at most so many positions, the newest.
   * Undefined where nobody has said anything new since a time.
   */
  nextStretch(
    conversationId: RowId,
    since: Date,
    most: number,
  ): Promise<LearnableStretch | undefined>;
  /** What a person has yet to decide on, in any place. */
  undecided(userId: UserId): Promise<readonly string[]>;
  /**
   * Makes proposals of facts, but for those that were discarded once, and notes how far the stretch
   * goes. Undefined, and nothing is done, where some of it was changed or taken back, or the person
   * no longer consents.
   */
  save(learned: Learned): Promise<readonly Proposal[] | undefined>;
  /** The message that shows them. */
  noteMessage(ids: readonly RowId[], messageId: MessageId): Promise<void>;
  /** Nobody has seen them, and nobody will. */
  drop(ids: readonly RowId[]): Promise<void>;
  /** Those that a crash kept from being shown. */
  dropUnshown(): Promise<void>;
  /** Someone deleted the messages. */
  dropMessages(messageIds: readonly MessageId[]): Promise<void>;
  find(id: RowId): Promise<OpenProposal | undefined>;
  /** Makes a note of it, or of what it replaces; one statement. */
  keep(id: RowId, note: Omit<NewNote, "text">): Promise<Note | "gone" | "too-many">;
  /** False where it is decided already. */
  discard(id: RowId, key: string): Promise<boolean>;
  /** What was proposed before a time and is undecided expires; what is decided is deleted. */
  expire(before: Date): Promise<void>;
  stale(limit: number): Promise<readonly StaleMessage[]>;
  /** A message shows its proposals as they were read. */
  noteShown(message: Pick<StaleMessage, "messageId" | "proposals">): Promise<void>;
}
