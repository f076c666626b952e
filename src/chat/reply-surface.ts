import type { ReplyPart, RowId, UnfinishedReply } from "./conversation.ts";
import type { MessageId } from "./ids.ts";
import type { Place } from "./place.ts";
import type { Apology } from "./reply/apology.ts";
import type { Notice, Waiting } from "./reply/notice.ts";

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
  /** Gives a message other controls, or none, in the order of the calls. Returns at once; quiet. */
  showControls(place: Place, messageId: MessageId, controls: ReplyControls | undefined): void;
  /** Deletes messages of Familiar's own. Quiet where it cannot. */
  remove(place: Place, messageIds: readonly MessageId[]): Promise<void>;
  /** One plain sentence where people can see it, for a turn that cannot be answered. */
  apologise(place: Place, apology: Apology): Promise<void>;
}

/** Who a reply is by, as people see it. */
export interface ReplySpeaker {
  readonly name: string;
  /** Names the card that has its picture; undefined where there is none. */
  readonly cardId: RowId | undefined;
}

/**
 * Who speaks in a place now, asked before the first message of a reply; undefined for Familiar
 * itself.
 */
export type FindSpeaker = (place: Place) => Promise<ReplySpeaker | undefined>;

/** Called once for each message sent, and again when its stretch of the text has changed. */
export type SavePart = (part: ReplyPart) => Promise<void>;

export interface ReplyViewRequest {
  readonly place: Place;
  /** The message to refer to, in places where several conversations cross. */
  readonly answering: MessageId | undefined;
  readonly savePart: SavePart;
  /** Called for each message that gets controls. Given, the reply can be stopped while it runs. */
  readonly saveControls?: (messageId: MessageId) => Promise<void>;
  /** The reply is there already, and is now shown otherwise. */
  readonly rewrites?: RewrittenReply;
  /** Default true. */
  readonly showsTyping?: boolean;
}

export interface RewrittenReply {
  /** What stays of its text; empty where nothing does. */
  readonly text: string;
  readonly parts: readonly ReplyPart[];
  /** A message of it that shows none of its text. */
  readonly lastMessageId: MessageId | undefined;
  /** Called before a message that is too many is deleted. */
  readonly dropPart: (messageId: MessageId) => Promise<void>;
}

/** What people can do with a reply. */
export type ReplyControls =
  | { readonly kind: "running" }
  | {
      readonly kind: "ended";
      readonly replyId: RowId;
      /** It was cut. */
      readonly canContinue: boolean;
      /** Which of how many variants it is; the first is 1. */
      readonly variant: { readonly number: number; readonly count: number };
      /** What it answers has been changed since. */
      readonly isOutdated: boolean;
    };

export interface ReplyView {
  /** Aborted when the reply can no longer be shown: its message, thread or permission is gone. */
  readonly gone: AbortSignal;
  /**
   * One sentence in the place of the text while there is none: a place in the queue, say. Undefined
   * takes it away. Returns at once; intermediate sentences may be skipped.
   */
  wait(waiting: Waiting | undefined): void;
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
  readonly notice: Notice | undefined;
  /** What the model thought before it wrote; shown folded. */
  readonly thoughts: string | undefined;
  readonly controls?: ReplyControls | undefined;
}
