import { composePrompt } from "../prompt/compose-prompt.ts";
import type { ComposedPrompt, PromptSettings } from "../prompt/compose-prompt.ts";
import type { Conversation, FinishReason, RowId } from "../conversation.ts";
import { FamiliarError } from "../errors.ts";
import type { MessageId } from "../ids.ts";
import { createDraftKeeper, storeEnding } from "./keep-reply.ts";
import type { WrittenReply } from "./keep-reply.ts";
import { toNotice } from "./notice.ts";
import type {
  Clock,
  ConversationStore,
  Engine,
  Log,
  ReplyStore,
  ReplySurface,
  ReplyView,
  Sampling,
} from "../ports.ts";
import { ReplyStopped } from "./reply-queue.ts";

export interface AnswerDependencies {
  readonly engine: Engine;
  readonly conversations: ConversationStore;
  readonly replies: ReplyStore;
  readonly surface: ReplySurface;
  readonly clock: Clock;
  readonly log: Log;
}

export interface AnswerSettings extends PromptSettings {
  readonly sampling: Sampling;
}

export interface AnswerRequest {
  readonly conversation: Conversation;
  /** The newest message that is answered. */
  readonly answering: MessageId | undefined;
  readonly signal: AbortSignal;
}

/** Read this first: one reply, from the stored history to the last edit. */
export async function answer(
  dependencies: AnswerDependencies,
  settings: AnswerSettings,
  request: AnswerRequest,
): Promise<void> {
  const { conversation } = request;
  const { conversations, engine, replies, surface } = dependencies;
  const prompt = await composePrompt({ engine, conversations }, conversation, settings);
  const replyId = await replies.begin(conversation.id, engine.modelName);
  const view = surface.open({
    place: conversation.place,
    answering: conversation.place.kind === "channel" ? request.answering : undefined,
    savePart: (part) => replies.savePart(replyId, part),
  });

  const { sampling } = settings;
  const written = await write(dependencies, { ...request, prompt, sampling, replyId, view });
  const shown = view.finish(written.text, toNotice(written, settings.maxReplyTokens));
  const stored = storeEnding(dependencies, conversation, { replyId, written });
  await Promise.allSettled([shown, stored]);
  await stored;
  await shown;
}

interface WriteRequest extends AnswerRequest {
  readonly prompt: ComposedPrompt;
  readonly sampling: Sampling;
  readonly replyId: RowId;
  readonly view: ReplyView;
}

/** Runs the engine to its end, whatever that is, showing and storing the text as it grows. */
async function write(
  dependencies: AnswerDependencies,
  request: WriteRequest,
): Promise<WrittenReply> {
  const { engine, log } = dependencies;
  const { prompt, sampling, view } = request;
  const signal = AbortSignal.any([request.signal, view.gone]);
  const keepDraft = createDraftKeeper(dependencies, request.replyId);
  const conversationId = request.conversation.id;
  const { maxTokens, messages } = prompt;
  let text = "";
  try {
    const events = engine.generate({ conversationId, messages, maxTokens, sampling, signal });
    for await (const event of events) {
      if (event.type === "end") return { text, reason: event.reason, usage: event.usage };
      text += event.text;
      const isFirst = text === event.text;
      const kept = keepDraft(text);
      // What people have seen of a reply is stored, so the first text waits for its draft.
      if (isFirst) await kept;
      view.show(text);
    }
    throw new FamiliarError("engine-failed", "The engine stopped without saying why.");
  } catch (error) {
    const reason = toFinishReason(error, request.signal, view.gone);
    if (reason === "failed") log.error({ error, conversationId }, "A reply failed");
    return { text, reason, usage: undefined };
  }
}

function toFinishReason(error: unknown, stop: AbortSignal, gone: AbortSignal): FinishReason {
  if (stop.aborted) return stop.reason instanceof ReplyStopped ? stop.reason.reason : "aborted";
  if (gone.aborted) return "unreachable";
  return error instanceof ReplyStopped ? error.reason : "failed";
}
