import type { ChannelId, MessageId, UserId } from "./ids.ts";
import type { Place, Speaker } from "./place.ts";
import type { EffectivePersona } from "./persona/persona.ts";

/** The database's own number of a conversation, a turn, a reply. */
export type RowId = number;

export interface Conversation {
  readonly id: RowId;
  readonly place: Place;
  /** Answers here without a mention: it opened the thread, or was once addressed in it. */
  readonly isParticipant: boolean;
  /** Who had Familiar open this thread, if anyone did. */
  readonly openedBy: UserId | undefined;
  /** Two people or more have spoken, so each turn names its speaker. Never goes back to false. */
  readonly hasSeveralSpeakers: boolean;
  /**
   * The place's own system prompt, else its parent channel's unless a persona was chosen for the
   * place itself. Undefined: the persona's, or the default.
   */
  readonly systemPrompt: string | undefined;
  readonly persona: EffectivePersona | undefined;
  /** Position of the oldest turn in the prompt; the ones before it were trimmed or reset away. */
  readonly windowStart: number;
  /**
   * Position of the oldest turn that was trimmed from the prompt and not reset away; undefined while
   * there is none.
   */
  readonly recallFrom: number | undefined;
  /** Position that the next turn gets. */
  readonly nextPosition: number;
  /** Of a fork: turns before this position are copies, and were said elsewhere. */
  readonly ownFrom?: number | undefined;
  /** The newest message of the place that is stored, or was. */
  readonly lastMessageId: MessageId | undefined;
}

/**
 * How many tokens a turn adds to a prompt. A count holds only on its basis: the tokenizer and the
 * way the turn is written out (with or without the speaker's name).
 */
export interface TokenCount {
  readonly tokens: number;
  readonly basis: string;
}

export interface Turn {
  readonly id: RowId;
  /** Order within the conversation; gaps are possible. */
  readonly position: number;
  readonly role: "user" | "assistant";
  /** Who said it; undefined for Familiar's own turns. */
  readonly speaker: Speaker | undefined;
  /** Whom an imported chat with several characters gives this turn of Familiar's own to. */
  readonly character?: string;
  readonly text: string;
  readonly saidAt: Date;
  readonly count: TokenCount | undefined;
}

/** Why a reply ended. All but `stop` are shown to people. */
export type FinishReason =
  /** The model ended its turn. */
  | "stop"
  /** It reached the limit of tokens for one reply. */
  | "length"
  /** Prompt and reply together filled the context. */
  | "context"
  /** It filled as many messages as one reply may have. */
  | "parts"
  /** It wrote the same passage again and again. */
  | "repetition"
  /** It began to write what someone else says. */
  | "other-speaker"
  /** It wrote nothing, twice. */
  | "empty"
  /** The model gave no sign of life for too long. */
  | "timeout"
  /** Someone stopped it, or took back the message it answered. */
  | "aborted"
  /** The process ended before the reply did. */
  | "interrupted"
  /** Its message, thread or permission vanished. */
  | "unreachable"
  /** The model, the database or Familiar itself failed. */
  | "failed";

/** One of the Discord messages that show a reply. */
export interface ReplyPart {
  readonly messageId: MessageId;
  /** 0 for the first message of the reply. */
  readonly index: number;
  /** The stretch of the reply's exact text that this message shows, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
}

export interface ReplyUsage {
  readonly promptTokens: number;
  /** Prompt tokens that were still evaluated from an earlier turn. */
  readonly reusedTokens: number;
  readonly replyTokens: number;
  readonly firstTokenMs: number;
  readonly totalMs: number;
}

/** One of the texts that a reply has had written. */
export interface ReplyVariant {
  readonly id: RowId;
  readonly text: string;
  readonly thoughts: string | undefined;
  readonly reason: FinishReason;
  /** It is the one that people see and that belongs to the history; exactly one is. */
  readonly isActive: boolean;
}

/** The newest reply that a conversation's prompt holds: the one that people can control. */
export interface LastReply {
  readonly conversationId: RowId;
  readonly turnId: RowId;
  readonly position: number;
  /** Oldest first; at least one. */
  readonly variants: readonly ReplyVariant[];
  /** Who had the shown variant written; undefined where that is not known. */
  readonly askedBy: UserId | undefined;
  /** The messages that show it. */
  readonly parts: readonly ReplyPart[];
  /** The messages that it answers, oldest first. */
  readonly answered: readonly MessageId[];
  /** What it answers, or some of that, is not stored. */
  readonly answersUnstored: boolean;
  /** The message of the conversation that has the controls. */
  readonly controlsMessageId: MessageId | undefined;
}

/** A reply that a crash cut off, as the next start finds it. */
export interface UnfinishedReply {
  readonly replyId: RowId;
  readonly conversationId: RowId;
  readonly place: Place;
  readonly text: string;
  readonly parts: readonly ReplyPart[];
  /** The newest message of the place that is stored: what came later may be a lost part. */
  readonly lastMessageId: MessageId | undefined;
}

/** Who changed a place's system prompt, when, and to what (undefined: back to the default). */
export interface SystemPromptChange {
  readonly placeId: ChannelId;
  readonly prompt: string | undefined;
  readonly changedBy: Speaker;
  readonly changedAt: Date;
}

/** A stored turn with what a person wants to see of it in an export. */
export interface HistoryEntry {
  readonly role: "user" | "assistant";
  readonly speaker: Speaker | undefined;
  readonly character?: string;
  readonly text: string;
  /** All of a reply's texts, where it has several. */
  readonly variants?: readonly EntryVariant[];
  readonly saidAt: Date;
  readonly finishReason: FinishReason | undefined;
  /** Reset away or trimmed: stored, but no longer in the prompt. */
  readonly isInView: boolean;
}

export interface EntryVariant {
  readonly text: string;
  /** Exactly one is. */
  readonly isShown: boolean;
}
