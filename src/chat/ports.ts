import type {
  Conversation,
  FinishReason,
  HistoryEntry,
  LastReply,
  ReplyPart,
  ReplyUsage,
  RowId,
  SystemPromptChange,
  TokenCount,
  Turn,
  UnfinishedReply,
} from "./conversation.ts";
import type { EngineEvent } from "./engine-event.ts";
import type { ChannelId, GuildId, MessageId, UserId } from "./ids.ts";
import type { Place, Speaker } from "./place.ts";
import type { Sampling } from "./sampling.ts";

export type { EngineEvent } from "./engine-event.ts";

export interface NewTurn {
  readonly messageId: MessageId;
  readonly role: "user" | "assistant";
  /** Undefined only for a turn of Familiar's own. */
  readonly speaker: Speaker | undefined;
  readonly text: string;
  /** Default: now. */
  readonly saidAt?: Date | undefined;
  /** Where it is known already; else the next prompt counts. */
  readonly count?: TokenCount;
  /** The message that it begins with a quote of. */
  readonly quoted?: QuotedMessage | undefined;
}

export interface QuotedMessage {
  readonly messageId: MessageId;
  /** Undefined for Familiar's own. */
  readonly authorId: UserId | undefined;
}

export interface NewConversation {
  readonly place: Place;
  readonly isParticipant: boolean;
  readonly openedBy?: UserId;
}

/**
 * What someone says who has opted out is never stored, whoever reports it.
 *
 * Every method may reject with `store-failed`, or with `store-unreachable` while the database is
 * away; both leave nothing half done. Calls may overlap.
 */
export interface ConversationStore {
  find(placeId: ChannelId): Promise<Conversation | undefined>;
  /** Finds the conversation of a place or makes it; `isParticipant` is only ever raised. */
  open(conversation: NewConversation): Promise<Conversation>;
  /**
   * Appends a turn and raises `hasSeveralSpeakers` when a second person speaks. Returns the
   * conversation as it is after that, or undefined when a turn of this message is already there.
   */
  record(conversationId: RowId, turn: NewTurn): Promise<Conversation | undefined>;
  /**
   * Someone speaks whose words are not stored: the conversation is alive, and may have several
   * speakers. Undefined where it is gone.
   */
  touch(conversationId: RowId, speakerId: UserId): Promise<Conversation | undefined>;
  /**
   * Replaces what a person said, not the quote that it begins with; of someone who has opted out, all
   * of it goes. False when no such turn is stored or its text is the same.
   */
  edit(placeId: ChannelId, messageId: MessageId, text: string): Promise<boolean>;
  /**
   * Forgets the turns that these messages made. A message that shows a part of a reply takes that
   * stretch out of the reply's text; the last one takes the turn. Returns how many turns changed.
   */
  forgetMessages(placeId: ChannelId, messageIds: readonly MessageId[]): Promise<number>;
  /** Forgets whole turns. Returns the messages that showed replies among them. */
  dropTurns(turnIds: readonly RowId[]): Promise<readonly MessageId[]>;
  /** The turn that a message made, or that it shows a part of. */
  findTurn(placeId: ChannelId, messageId: MessageId): Promise<RowId | undefined>;
  /**
   * Opens the conversation of a place with a copy of another one's history, up to a turn and with
   * it. False where the turn is gone, or the place has a conversation already.
   */
  fork(fork: NewFork): Promise<boolean>;
  /** The places whose history began as this one's, or quotes one of the messages. */
  forks(placeId: ChannelId, quoted?: readonly MessageId[]): Promise<readonly ChannelId[]>;
  /** Stores which message has the controls; returns which one had them before. */
  moveControls(
    placeId: ChannelId,
    messageId: MessageId | undefined,
  ): Promise<MessageId | undefined>;
  /**
   * Forgets the conversation of a deleted channel or thread, and of every thread under it. Returns
   * which they were.
   */
  forgetPlace(placeId: ChannelId): Promise<readonly RowId[]>;
  /** Closes all conversations of a guild that is gone; they are kept, but no longer alive. */
  closeGuild(guildId: GuildId): Promise<void>;
  /** The turns from `windowStart` on that hold text, oldest first; those before a position. */
  view(conversation: Conversation, before?: number): Promise<readonly Turn[]>;
  moveWindow(conversationId: RowId, windowStart: number): Promise<void>;
  /** What is stored around a position, the prompt's first one say. */
  edge(conversationId: RowId, position: number): Promise<WindowEdge>;
  saveCounts(counts: ReadonlyMap<RowId, TokenCount>): Promise<void>;
  /**
   * A fresh start: everything so far leaves the prompt and stays stored. What was said up to an id and
   * is not stored counts as seen.
   */
  reset(placeId: ChannelId, upTo?: MessageId): Promise<void>;
  /** Everything stored of a place in pages, oldest first. */
  history(placeId: ChannelId): AsyncIterable<readonly HistoryEntry[]>;
  /** Conversations that were alive lately, newest first, for catching up after a downtime. */
  alive(limit: number): Promise<readonly AliveConversation[]>;
}

export interface NewFork {
  readonly place: Place;
  readonly turnId: RowId;
  readonly openedBy: UserId;
}

export interface WindowEdge {
  /** How many turns are before the position. */
  readonly earlierTurns: number;
  /** Shows the turn at the position, or its beginning; a fork's may be in the place it came from. */
  readonly message: { readonly id: MessageId; readonly place: Place } | undefined;
}

export interface AliveConversation {
  readonly place: Place;
  /** The newest message of the place that is stored, spoken by anyone. */
  readonly lastMessageId: MessageId | undefined;
  /** Its newest turn is a person's and not older than a day: a downtime kept it unanswered. */
  readonly isAnswerDue: boolean;
  /** Where that turn stands. */
  readonly duePosition?: number | undefined;
  /** Whose turn that is. */
  readonly dueTo?: UserId | undefined;
}

export interface ReplyStore {
  /**
   * Makes a turn that no model wrote: a persona's greeting, and its alternates as further variants.
   * Returns the reply that is shown; undefined where Familiar has spoken already.
   */
  greet(conversationId: RowId, greeting: NewGreeting): Promise<RowId | undefined>;
  /** Makes the assistant turn before its first message exists; its text is still empty. */
  begin(conversationId: RowId, by: WrittenBy): Promise<RowId>;
  /**
   * Makes another variant of a reply, which is the active one at once and takes over its messages;
   * its text is still empty. Undefined where the turn is gone, or is being written.
   */
  beginVariant(turnId: RowId, by: WrittenBy): Promise<RowId | undefined>;
  /** A reply that has ended is written again from its end on. False where it is no longer active. */
  resume(replyId: RowId): Promise<boolean>;
  /** Makes a variant the active one, which takes over the messages. False where it is already. */
  activate(replyId: RowId): Promise<boolean>;
  /** The newest reply in the window. */
  last(conversationId: RowId): Promise<LastReply | undefined>;
  /** The text so far, so that a crash loses at most the last moments. */
  saveDraft(replyId: RowId, text: string): Promise<void>;
  /** Adds or moves the part with this index. */
  savePart(replyId: RowId, part: ReplyPart): Promise<void>;
  /** The message is about to be deleted, since the reply needs it no more. */
  dropPart(replyId: RowId, messageId: MessageId): Promise<void>;
  /**
   * A variant without any text is dropped, and another of its turn is active again; the turn goes
   * where there is none.
   */
  end(replyId: RowId, ending: ReplyEnding): Promise<void>;
  /** Replies that never ended: a crash cut them off. */
  unfinished(): Promise<readonly UnfinishedReply[]>;
}

/** Whose doing a reply is. */
export interface WrittenBy {
  /** Undefined where no model writes it. */
  readonly model: string | undefined;
  readonly askedBy: UserId | undefined;
  /** Whom it answers besides. */
  readonly alsoAskedBy?: readonly UserId[];
  /** It answers something that is not stored. */
  readonly answersUnstored?: boolean;
}

export interface NewGreeting {
  readonly text: string;
  readonly alternates: readonly string[];
  readonly count: TokenCount | undefined;
}

export interface ReplyEnding {
  /** The model's exact text. A reply that ends without any leaves the history. */
  readonly text: string;
  /** Its reasoning, where it shows any. Never part of a prompt. */
  readonly thoughts: string | undefined;
  readonly reason: FinishReason;
  readonly usage: ReplyUsage | undefined;
  readonly count: TokenCount | undefined;
  /** Whom it answers beside the one who asked, as far as that was not known when it began. */
  readonly alsoAskedBy?: readonly UserId[];
  /** Whose quota it counts against; nobody's where there is none. */
  readonly charge?: ReplyCharge | undefined;
}

export interface ReplyCharge {
  readonly guildId: GuildId;
  readonly userId: UserId;
  readonly tokens: number;
}

export interface SystemPromptStore {
  /** The prompt that holds in a place and where it comes from. */
  effective(place: Place): Promise<EffectiveSystemPrompt>;
  /** Undefined takes the place's own prompt away. The change is kept with who made it. */
  change(placeId: ChannelId, prompt: string | undefined, by: Speaker): Promise<void>;
}

export type EffectiveSystemPrompt =
  | { readonly source: "place" | "parent"; readonly change: SystemPromptChange }
  | { readonly source: "default"; readonly change: SystemPromptChange | undefined };

/** One message of a prompt. Text is text: nothing in it can become a control token. */
export interface PromptMessage {
  readonly role: "system" | "user" | "assistant";
  readonly text: string;
}

export interface GenerationRequest {
  /**
   * Lets the engine keep what it has evaluated of this conversation for the next turn. Undefined
   * for a prompt that belongs to none.
   */
  readonly conversationId: RowId | undefined;
  /**
   * Nothing evaluated of it stays, in no cache and in no file, but its first message where that is
   * the system's. Default: false.
   */
  readonly keepsNothing?: boolean;
  readonly messages: readonly PromptMessage[];
  /** The beginning of the reply: the model goes on from its end, and repeats nothing of it. */
  readonly continues?: string;
  /**
   * The oldest turns have just left the window, and nothing else has changed: what was evaluated
   * after them may move up instead of being evaluated again.
   */
  readonly isTrimmed: boolean;
  readonly maxTokens: number;
  readonly sampling: Sampling;
  /** A JSON schema that the whole reply obeys. */
  readonly schema?: JsonSchema;
  readonly signal: AbortSignal;
}

/** https://json-schema.org, as far as the engine's grammar knows it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export interface Engine {
  /** The model as people know it, stored with each reply. */
  readonly modelName: string;
  /** Names the tokenizer and prompt format: counts of one are no good for another. */
  readonly countBasis: string;
  /** Tokens that prompt and reply together may take. */
  readonly contextTokens: number;
  /** Tokens of a prompt that belong to no message: its beginning and the reply's header. */
  readonly overheadTokens: number;
  /** Replies that it writes at once; more than these wait their turn. */
  readonly parallelReplies: number;
  /** Tokens that a message adds to a prompt, its control tokens included; never too few. */
  countTokens(message: PromptMessage): Promise<number>;
  /**
   * Streams a reply. Leaving the loop early stops the generation. Calls may overlap.
   *
   * @throws the signal's reason once it is aborted
   * @throws {FamiliarError} `engine-failed`, with the library's error as its cause
   */
  generate(request: GenerationRequest): AsyncIterable<EngineEvent>;
  /**
   * Drops all that is kept of a conversation but what was evaluated of `remaining`: someone took
   * something back, and it may not linger in a cache or a file. No `remaining`: all of it.
   */
  forget(conversationId: RowId, remaining?: readonly PromptMessage[]): Promise<void>;
}

export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  now(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason once it is aborted. */
  wait(ms: number, signal?: AbortSignal): Promise<void>;
  /** What the world's clocks say. */
  date(): Date;
}

/** Structured lines for operators. Never what people say, never a token. */
export interface Log {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}
