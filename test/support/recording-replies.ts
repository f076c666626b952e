import type { ReplyPart, RowId } from "../../src/chat/conversation.ts";
import type { ReplyEnding, ReplyStore, WrittenBy } from "../../src/chat/ports.ts";

export interface RecordingRepliesOptions {
  /** What the next calls of `begin` and of `end` fail with, in order; after them, they succeed. */
  readonly beginFailures?: readonly Error[];
  readonly endFailures?: readonly Error[];
  /** Runs in place of storing a draft. */
  readonly onDraft?: (text: string) => Promise<void>;
}

/** Replies as they were begun, drafted and ended. Their ids count from 1. */
export class RecordingReplies implements Pick<
  ReplyStore,
  "begin" | "last" | "saveDraft" | "savePart" | "end"
> {
  readonly begun: ({ readonly conversationId: RowId } & WrittenBy)[] = [];
  readonly drafts: string[] = [];
  readonly parts: { readonly replyId: RowId; readonly part: ReplyPart }[] = [];
  readonly endings: { readonly replyId: RowId; readonly ending: ReplyEnding }[] = [];
  endCalls = 0;
  readonly #options: RecordingRepliesOptions;

  constructor(options: RecordingRepliesOptions = {}) {
    this.#options = options;
  }

  async begin(conversationId: RowId, by: WrittenBy): Promise<RowId> {
    const failure = this.#options.beginFailures?.[this.begun.length];
    if (failure !== undefined) throw failure;
    return this.begun.push({ conversationId, ...by });
  }

  /** Nothing here is ever controlled. */
  last(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async saveDraft(_replyId: RowId, text: string): Promise<void> {
    this.drafts.push(text);
    await this.#options.onDraft?.(text);
  }

  async savePart(replyId: RowId, part: ReplyPart): Promise<void> {
    this.parts.push({ replyId, part });
  }

  async end(replyId: RowId, ending: ReplyEnding): Promise<void> {
    const failure = this.#options.endFailures?.[this.endCalls];
    this.endCalls += 1;
    if (failure !== undefined) throw failure;
    this.endings.push({ replyId, ending });
  }
}
