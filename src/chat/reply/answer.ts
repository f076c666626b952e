import type { Conversation, RowId } from "../conversation.ts";
import { FamiliarError } from "../errors.ts";
import type { Place } from "../place.ts";
import type {
  Clock,
  ConversationStore,
  Engine,
  Log,
  ReplyStore,
  ReplySurface,
  ReplyView,
} from "../ports.ts";
import { composePrompt } from "../prompt/compose-prompt.ts";
import type { PromptSettings } from "../prompt/compose-prompt.ts";
import { mergeSampling } from "../sampling.ts";
import type { Sampling } from "../sampling.ts";
import { storeEnding } from "./keep-reply.ts";
import type { EndedReply } from "./keep-reply.ts";
import { toNotice, toPlaceSentence, TURN_SENTENCE } from "./notice.ts";
import type { ReplyLine } from "./reply-line.ts";
import type { ReplyNumbers } from "./reply-numbers.ts";
import { ReplyStopped } from "./reply-queue.ts";
import type { AskedReply } from "./reply-queue.ts";
import { streamReply } from "./stream-reply.ts";
import type { Watchdog } from "./watchdog.ts";

export interface AnswerPorts {
  readonly engine: Engine;
  readonly conversations: ConversationStore;
  readonly replies: ReplyStore;
  readonly surface: ReplySurface;
  readonly clock: Clock;
  readonly log: Log;
}

export interface AnswerDependencies extends AnswerPorts {
  readonly line: ReplyLine;
  readonly numbers: ReplyNumbers;
  readonly watchdog: Watchdog;
}

export interface AnswerSettings extends PromptSettings {
  readonly sampling: Sampling;
  /** Messages that one reply may fill. */
  readonly maxReplyParts: number;
  /** Whether people see what the model thought before it wrote. */
  readonly showThoughts: boolean;
  /** An engine that is silent for longer is given up. */
  readonly replyTimeoutMs: number;
  /** Replies that may wait for the engine, of everyone together and of one person. */
  readonly maxWaiting: number;
  readonly maxWaitingPerUser: number;
}

export interface AnswerRequest {
  readonly place: Place;
  readonly asked: AskedReply;
  /** The conversation of the place, where it has just been read. */
  readonly known: Conversation | undefined;
}

/** Read this first: one reply, from its place in the line to the last edit. */
export async function answer(
  dependencies: AnswerDependencies,
  settings: AnswerSettings,
  { asked, known, place }: AnswerRequest,
): Promise<void> {
  const { replies, surface } = dependencies;
  let replyId: RowId | undefined;
  const view = surface.open({
    place,
    answering: place.kind === "channel" ? asked.newest?.id : undefined,
    // A message that shows none of the text, but a place in the queue, is no part of a reply.
    savePart: async (part) => {
      if (replyId !== undefined) await replies.savePart(replyId, part);
    },
  });
  const begin = async (conversation: Conversation): Promise<RowId> => {
    replyId = await replies.begin(conversation.id, dependencies.engine.modelName);
    return replyId;
  };
  try {
    const reply = await writeInTurn(dependencies, settings, { asked, begin, known, place, view });
    await finish(dependencies, settings, { reply, view });
  } catch (error) {
    if (replyId !== undefined) throw error;
    await finishUnbegun(view, error);
  }
}

interface WriteRequest extends AnswerRequest {
  readonly view: ReplyView;
  readonly begin: (conversation: Conversation) => Promise<RowId>;
}

/** What the reply is to is read when its turn has come: more may have been said until then. */
async function writeInTurn(
  dependencies: AnswerDependencies,
  settings: AnswerSettings,
  { asked, begin, known, place, view }: WriteRequest,
): Promise<EndedReply> {
  const { clock, conversations, line } = dependencies;
  const signal = AbortSignal.any([asked.signal, view.gone]);
  const arrivedAt = clock.now();
  let hasWaited = false;
  const onPlace = (position: number): void => {
    hasWaited = true;
    view.wait(toPlaceSentence(position));
  };
  using _place = await line.enter({ userId: asked.newest?.author.id, signal, onPlace });
  const waitedMs = clock.now() - arrivedAt;
  if (hasWaited) view.wait(TURN_SENTENCE);

  asked.takeWaiting();
  const fresh = hasWaited ? undefined : known;
  const conversation = fresh ?? (await conversations.find(place.id));
  if (conversation === undefined) throw new ReplyStopped("unreachable");
  const prompt = await composePrompt(dependencies, conversation, settings);
  const replyId = await begin(conversation);
  const written = await streamReply(dependencies, {
    conversationId: conversation.id,
    replyId,
    prompt,
    sampling: mergeSampling(settings.sampling, conversation.sampling),
    maxReplyParts: settings.maxReplyParts,
    view,
    signal: asked.signal,
  });
  return { conversation, replyId, waitedMs, written };
}

/** Nothing is stored of a reply that never began, and people see no more than why it was refused. */
async function finishUnbegun(view: ReplyView, error: unknown): Promise<void> {
  const isRefused = error instanceof FamiliarError && error.code === "queue-full";
  const notice = isRefused ? `⏳ ${error.message}` : undefined;
  await view.finish({ text: "", notice, thoughts: undefined });
  const isStopped = error instanceof ReplyStopped || error === view.gone.reason;
  if (!isRefused && !isStopped) throw error;
}

async function finish(
  dependencies: AnswerDependencies,
  settings: AnswerSettings,
  { reply, view }: { readonly reply: EndedReply; readonly view: ReplyView },
): Promise<void> {
  const { waitedMs, written } = reply;
  const { reason, text, usage } = written;
  dependencies.numbers.ended({ usage, waitedMs, reason });
  const thoughts = settings.showThoughts ? written.thoughts : undefined;
  const shown = view.finish({ text, notice: toNotice(reason, settings), thoughts });
  const stored = storeEnding(dependencies, reply);
  await Promise.allSettled([shown, stored]);
  await stored;
  await shown;
}
