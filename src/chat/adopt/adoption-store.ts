import type { RowId } from "../conversation.ts";
import type { MessageId, UserId } from "../ids.ts";
import type { Speaker } from "../place.ts";
import type { QuotedMessage } from "../ports.ts";

/** A message that was written before Familiar remembered it. */
export interface AdoptedTurn {
  readonly messageId: MessageId;
  /** Undefined for Familiar's own. */
  readonly speaker: Speaker | undefined;
  readonly text: string;
  readonly saidAt: Date;
  /** The message that it begins with a quote of. */
  readonly quoted?: QuotedMessage | undefined;
  /** Of Familiar's own: whom it answers. */
  readonly askedBy?: UserId | undefined;
}

export interface AdoptedTurns {
  readonly turns: readonly AdoptedTurn[];
  /** Into the prompt, as long as nothing has left it yet; else what is before it stays before it. */
  readonly isInView: boolean;
  /** All are older than the turns from this position on: `lowest` of what is newer. */
  readonly below?: number | undefined;
}

export interface Adopted {
  /** How many turns were new. */
  readonly added: number;
  /** Position of the first turn that is as new as the oldest of these, or newer. */
  readonly lowest: number;
}

/** A turn that comes from a file: it has no message. */
export interface ImportedTurn {
  readonly role: "user" | "assistant";
  /** Undefined for an assistant's. */
  readonly speaker: Speaker | undefined;
  /** Of an assistant's: who brings it along, and so may take it away. */
  readonly askedBy?: UserId | undefined;
  /** Who says it, where it is one of several characters. */
  readonly character: string | undefined;
  /** At least one; a person's has exactly one. */
  readonly texts: readonly string[];
  /** Index of the one that belongs to the history. */
  readonly shown: number;
  readonly saidAt: Date;
}

/** Rejects as `ConversationStore` does. Nobody waits for an answer to what comes this way. */
export interface AdoptionStore {
  /**
   * Puts turns where their messages belong by time, between those that are there and before them.
   * Messages that have a turn already are left alone. Undefined where the conversation is gone.
   */
  adopt(conversationId: RowId, adopted: AdoptedTurns): Promise<Adopted | undefined>;
  /** Puts turns after all others. False where the conversation is gone. */
  append(conversationId: RowId, turns: readonly ImportedTurn[]): Promise<boolean>;
}
