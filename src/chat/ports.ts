import type {
  Conversation,
  FinishReason,
  HistoryEntry,
  ReplyPart,
  ReplyUsage,
  RowId,
  SystemPromptChange,
  TokenCount,
  Turn,
  UnfinishedReply,
} from "./conversation.ts";
import type { ChannelId, GuildId, MessageId, UserId } from "./ids.ts";
import type { Place, SaidMessage, Speaker } from "./place.ts";
import type { Sampling, SamplingOverrides } from "./sampling.ts";

export interface NewTurn {
  readonly messageId: MessageId;
  readonly role: "user" | "assistant";
  /** Undefined only for a turn of Familiar's own. */
  readonly speaker: Speaker | undefined;
  readonly text: string;
  /** Where it is known already; else the next prompt counts. */
  readonly count?: TokenCount;
}

export interface NewConversation {
  readonly place: Place;
  readonly isParticipant: boolean;
  readonly openedBy?: UserId;
}

/**
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
  /** Replaces what a person said. False when no such turn is stored or its text is the same. */
  edit(placeId: ChannelId, messageId: MessageId, text: string): Promise<boolean>;
  /**
   * Forgets the turns that these messages made. A message that shows a part of a reply takes that
   * stretch out of the reply's text; the last one takes the turn. Returns how many turns changed.
   */
  forgetMessages(placeId: ChannelId, messageIds: readonly MessageId[]): Promise<number>;
  /**
   * Forgets the conversation of a deleted channel or thread, and of every thread under it. Returns
   * which they were.
   */
  forgetPlace(placeId: ChannelId): Promise<readonly RowId[]>;
  /** Closes all conversations of a guild that is gone; they are kept, but no longer alive. */
  closeGuild(guildId: GuildId): Promise<void>;
  /** The turns from `windowStart` on that hold text, oldest first. */
  view(conversation: Conversation): Promise<readonly Turn[]>;
  moveWindow(conversationId: RowId, windowStart: number): Promise<void>;
  saveCounts(counts: ReadonlyMap<RowId, TokenCount>): Promise<void>;
  /** What is set of it in a place, whether it has a conversation or not. */
  sampling(placeId: ChannelId): Promise<SamplingOverrides>;
  /** Replaces what a place's replies are sampled with instead of the settings; `{}` takes it away. */
  changeSampling(placeId: ChannelId, overrides: SamplingOverrides): Promise<void>;
  /** A fresh start: everything so far leaves the prompt and stays stored. */
  reset(placeId: ChannelId): Promise<void>;
  /** Everything stored of a place in pages, oldest first. */
  history(placeId: ChannelId): AsyncIterable<readonly HistoryEntry[]>;
  /** Conversations that were alive lately, newest first, for catching up after a downtime. */
  alive(limit: number): Promise<readonly AliveConversation[]>;
}

export interface AliveConversation {
  readonly place: Place;
  /** The newest message of the place that is stored, spoken by anyone. */
  readonly lastMessageId: MessageId | undefined;
  /** Its newest turn is a person's and not older than a day: a downtime kept it unanswered. */
  readonly isAnswerDue: boolean;
}

export interface ReplyStore {
  /** Makes the assistant turn before its first message exists; its text is still empty. */
  begin(conversationId: RowId, model: string): Promise<RowId>;
  /** The text so far, so that a crash loses at most the last moments. */
  saveDraft(replyId: RowId, text: string): Promise<void>;
  /** Adds or moves the part with this index. */
  savePart(replyId: RowId, part: ReplyPart): Promise<void>;
  end(replyId: RowId, ending: ReplyEnding): Promise<void>;
  /** Replies that never ended: a crash cut them off. */
  unfinished(): Promise<readonly UnfinishedReply[]>;
}

export interface ReplyEnding {
  /** The model's exact text. A reply that ends without any leaves the history. */
  readonly text: string;
  /** Its reasoning, where it shows any. Never part of a prompt. */
  readonly thoughts: string | undefined;
  readonly reason: FinishReason;
  readonly usage: ReplyUsage | undefined;
  readonly count: TokenCount | undefined;
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
  readonly messages: readonly PromptMessage[];
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

/** What an engine says while it writes. A stream that is not aborted ends with exactly one `end`. */
export type EngineEvent =
  /** A sign of life while the prompt is read; never follows a text. */
  | { readonly type: "progress"; readonly readTokens: number; readonly promptTokens: number }
  | { readonly type: "text-delta"; readonly text: string }
  /** Reasoning that the engine itself keeps apart from the text. */
  | { readonly type: "thought-delta"; readonly text: string }
  | {
      readonly type: "end";
      readonly reason: "stop" | "length" | "context";
      readonly usage: ReplyUsage;
    };

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

/** Shows replies where people talk. */
export interface ReplySurface {
  /** Starts the typing sign at once; the first message comes with the first text. */
  open(request: ReplyViewRequest): ReplyView;
  /** Marks the messages of a reply that a crash cut off. Quiet where they are gone. */
  markInterrupted(reply: UnfinishedReply, savePart: SavePart): Promise<void>;
  /**
   * Takes away what a process that is gone said of replies that waited, in messages after the given
   * one. Quiet where it cannot.
   */
  clearWaiting(place: Place, after: MessageId | undefined): Promise<void>;
  /** One plain sentence where people can see it, for a turn that cannot be answered. */
  apologise(place: Place, sentence: string): Promise<void>;
}

/** Called once for each message sent, and again when its stretch of the text has changed. */
export type SavePart = (part: ReplyPart) => Promise<void>;

export interface ReplyViewRequest {
  readonly place: Place;
  /** The message to refer to, in places where several conversations cross. */
  readonly answering: MessageId | undefined;
  readonly savePart: SavePart;
}

export interface ReplyView {
  /** Aborted when the reply can no longer be shown: its message, thread or permission is gone. */
  readonly gone: AbortSignal;
  /**
   * One sentence in the place of the text while there is none: a place in the queue, say. Undefined
   * takes it away. Returns at once; intermediate sentences may be skipped.
   */
  wait(sentence: string | undefined): void;
  /** Takes the whole text so far and returns at once; intermediate texts may be skipped. */
  show(text: string): void;
  /** Where `text` has to end to fill no more than `messages`; its length where it fits. */
  measure(text: string, messages: number): number;
  /**
   * Shows how the reply ended, and resolves when the platform has taken it. Never rejects for a
   * surface that is gone.
   */
  finish(ending: ShownEnding): Promise<void>;
}

export interface ShownEnding {
  /** The whole text. */
  readonly text: string;
  /** One sentence under it. */
  readonly notice: string | undefined;
  /** What the model thought before it wrote; shown folded. */
  readonly thoughts: string | undefined;
}

export interface Clock {
  /** Milliseconds since an arbitrary start; never goes back. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  wait(ms: number): Promise<void>;
}

/** Reads what people wrote while nobody listened. Empty where the place cannot be read (any more). */
export interface PlaceReader {
  /** The message that a thread was started from; undefined where there is none. */
  starterOf(place: Place): Promise<NewTurn | undefined>;
  /** At most `limit` messages after the given one, oldest first. */
  messagesAfter(place: Place, messageId: MessageId, limit: number): Promise<readonly SaidMessage[]>;
}

/** Structured lines for operators. Never what people say, never a token. */
export interface Log {
  info(facts: Readonly<Record<string, unknown>>, message: string): void;
  warn(facts: Readonly<Record<string, unknown>>, message: string): void;
  error(facts: Readonly<Record<string, unknown>>, message: string): void;
}
