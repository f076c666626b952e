import type { Conversation, LastReply, RowId } from "../conversation.ts";
import type { UserId } from "../ids.ts";
import { InvalidInput } from "../problem.ts";
import type { NoteStore } from "../memory/note-store.ts";
import type { Lore } from "../persona/lore.ts";
import type { ConversationStore, Engine, ReplyStore } from "../ports.ts";
import { composePrompt } from "../prompt/compose-prompt.ts";
import type { PromptSettings, PromptSources } from "../prompt/compose-prompt.ts";
import type { TimeSources } from "../time/place-time.ts";
import { ReplyStopped } from "./reply-queue.ts";
import { activeOf } from "./shown-reply.ts";
import type { NumberedVariant } from "./shown-reply.ts";
import type { ReplyPrompt } from "./stream-reply.ts";

/** What is done to a reply that is there: written once more, or gone on with. */
export interface Rewriting {
  readonly kind: "again" | "on";
  readonly last: LastReply;
}

export interface BeginRequest {
  readonly conversation: Conversation;
  readonly askedBy: UserId | undefined;
  /** Whom it answers besides. */
  readonly alsoAskedBy: readonly UserId[];
  /** It answers something that is not stored. */
  readonly answersUnstored: boolean;
  /** Undefined for a new reply. */
  readonly rewriting: Rewriting | undefined;
}

/** A reply that is stored, and what its model is to read. */
export interface BegunReply {
  readonly replyId: RowId;
  readonly prompt: ReplyPrompt;
  /** The text so far. */
  readonly beginning: string;
  /** What was shown before, of a reply that is written otherwise. */
  readonly former: NumberedVariant | undefined;
  /** Which of the turn's variants it is; the first is 1. */
  readonly number: number;
  readonly count: number;
  /** Its prompt has something that is not stored. */
  readonly answersUnstored: boolean;
}

export interface BeginDependencies extends TimeSources {
  readonly engine: Engine;
  readonly conversations: Pick<ConversationStore, "view" | "moveWindow" | "saveCounts">;
  readonly lore: Lore;
  readonly notes: Pick<NoteStore, "read">;
  readonly recollection?: PromptSources["recollection"];
  readonly summaries?: PromptSources["summaries"];
  readonly replies: ReplyStore;
}

/** @throws {ReplyStopped} where what was to be written otherwise is gone */
export async function beginReply(
  dependencies: BeginDependencies,
  settings: PromptSettings,
  request: BeginRequest,
): Promise<BegunReply> {
  const { rewriting } = request;
  if (rewriting === undefined) return await beginNew(dependencies, settings, request);
  // Some of it may have been taken back while this waited.
  const last = await readAgain(dependencies.replies, rewriting.last);
  if (last === undefined) throw new ReplyStopped("aborted");
  return rewriting.kind === "again"
    ? await beginAgain(dependencies, settings, { ...request, last })
    : await goOn(dependencies, settings, { ...request, last });
}

/** The reply as it is now; undefined where it is no longer the last one. */
export async function readAgain(
  replies: Pick<ReplyStore, "last">,
  { conversationId, turnId }: LastReply,
): Promise<LastReply | undefined> {
  const last = await replies.last(conversationId);
  return last?.turnId === turnId ? last : undefined;
}

async function beginNew(
  dependencies: BeginDependencies,
  settings: PromptSettings,
  { alsoAskedBy, answersUnstored, askedBy, conversation }: BeginRequest,
): Promise<BegunReply> {
  const { engine, replies } = dependencies;
  const prompt = await composePrompt(dependencies, conversation, settings);
  const what = answersUnstored ? { answersUnstored } : {};
  const others = alsoAskedBy.length === 0 ? {} : { alsoAskedBy };
  const by = { model: engine.modelName, askedBy, ...others, ...what };
  const replyId = await replies.begin(conversation.id, by);
  const first = { beginning: "", former: undefined, number: 1, count: 1 };
  return { replyId, prompt, ...first, answersUnstored };
}

interface AgainRequest extends BeginRequest {
  readonly last: LastReply;
}

async function beginAgain(
  dependencies: BeginDependencies,
  settings: PromptSettings,
  { askedBy, conversation, last }: AgainRequest,
): Promise<BegunReply> {
  const { engine, replies } = dependencies;
  const sources = viewBefore(dependencies, last.position);
  const prompt = await composePrompt(sources, conversation, settings);
  const by = { model: engine.modelName, askedBy };
  const replyId = await replies.beginVariant(last.turnId, by);
  if (replyId === undefined) throw new ReplyStopped("aborted");
  const count = last.variants.length + 1;
  const former = activeOf(last);
  const numbers = { number: count, count };
  return { replyId, prompt, beginning: "", former, ...numbers, answersUnstored: false };
}

/** The reply so far counts as the newest turn, so that it is the last to be shortened. */
async function goOn(
  dependencies: BeginDependencies,
  settings: PromptSettings,
  { conversation, last }: AgainRequest,
): Promise<BegunReply> {
  const former = activeOf(last);
  const { count, id, number, text } = former;
  const sources = viewBefore(dependencies, last.position + 1);
  const { messages, ...prompt } = await composePrompt(sources, conversation, settings);
  const at = messages.findLastIndex(({ role }) => role === "assistant");
  const continues = messages[at]?.text;
  if (continues === undefined) throw new InvalidInput({ kind: "reply-too-old" });
  if (!(await dependencies.replies.resume(id))) throw new ReplyStopped("aborted");
  const rest = messages.toSpliced(at, 1);
  return {
    replyId: id,
    prompt: { ...prompt, messages: rest, continues },
    beginning: text,
    former,
    number,
    count,
    answersUnstored: false,
  };
}

/** A prompt's sources as they were before a position. */
function viewBefore(
  { conversations, ...sources }: BeginDependencies,
  position: number,
): PromptSources {
  return {
    ...sources,
    conversations: {
      view: (conversation) => conversations.view(conversation, position),
      moveWindow: (id, windowStart) => conversations.moveWindow(id, windowStart),
      saveCounts: (counts) => conversations.saveCounts(counts),
    },
  };
}
