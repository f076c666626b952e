import { restoreControls } from "../control/place-controls.ts";
import type { LastReply, RowId } from "../conversation.ts";
import { InvalidInput } from "../problem.ts";
import type { ReplyView } from "../reply-surface.ts";
import type { AnswerDependencies, AnswerRequest, AnswerSettings } from "./answer-ports.ts";
import { readAgain } from "./begin-reply.ts";
import type { BegunReply } from "./begin-reply.ts";
import { toJointAskers } from "./joint-askers.ts";
import { storeEnding } from "./keep-reply.ts";
import type { EndedReply } from "./keep-reply.ts";
import { toNotice } from "./notice.ts";
import type { Notice } from "./notice.ts";
import { QueueFull } from "./reply-line.ts";
import { ReplyStopped } from "./reply-queue.ts";
import { activeOf, toShownEnding } from "./shown-reply.ts";
import type { NumberedVariant } from "./shown-reply.ts";

/** The reply that the messages of a view show; undefined while there is none. */
export interface ShownAs {
  replyId: RowId | undefined;
}

export interface WrittenInTurn {
  readonly begun: BegunReply;
  /** As they held in the place when its turn had come. */
  readonly settings: AnswerSettings;
  readonly reply: EndedReply;
}

interface UnbegunReply {
  readonly error: unknown;
  readonly request: AnswerRequest;
  readonly view: ReplyView;
}

const NOTHING = { text: "", notice: undefined, thoughts: undefined } as const;

/** What people can mend, or wait for. */
function toRefusal(error: unknown): Notice | undefined {
  if (error instanceof QueueFull) return { kind: "queue-full", of: error.of };
  return error instanceof InvalidInput ? { kind: "refused", problem: error.problem } : undefined;
}

/** Nothing is stored of a reply that never began, and people see no more than why it was refused. */
export async function finishUnbegun(
  dependencies: AnswerDependencies,
  settings: AnswerSettings,
  { error, request, view }: UnbegunReply,
): Promise<void> {
  const { place, rewriting } = request;
  const refusal = toRefusal(error);
  request.asked.startEnding();
  const last = rewriting && (await readOrKeep(dependencies, rewriting.last));
  const ending = last === undefined ? NOTHING : toShownEnding(activeOf(last), settings);
  await view.finish({ ...ending, notice: refusal ?? ending.notice });
  const isStopped = error instanceof ReplyStopped || error === view.gone.reason;
  if (refusal === undefined && !isStopped) throw error;
  if (rewriting === undefined) await restoreControls(dependencies, place);
}

/** Where the database is away, its messages stay as they were known: they are still the history's. */
async function readOrKeep(
  { log, replies }: Pick<AnswerDependencies, "log" | "replies">,
  last: LastReply,
): Promise<LastReply | undefined> {
  try {
    return await readAgain(replies, last);
  } catch (error) {
    log.warn({ error, turnId: last.turnId }, "A reply is shown as it was before");
    return last;
  }
}

interface ReplyToFinish extends WrittenInTurn {
  readonly request: AnswerRequest;
  readonly shown: ShownAs;
  readonly view: ReplyView;
}

export async function finishReply(
  dependencies: AnswerDependencies,
  { begun, reply, request, settings, shown, view }: ReplyToFinish,
): Promise<void> {
  const { replyId, waitedMs, written } = reply;
  const { place, rewriting } = request;
  const { reason, text, usage } = written;
  dependencies.numbers.ended({ usage, waitedMs, reason });
  notePastimes(dependencies, reply.conversation.id);
  request.asked.startEnding();
  const { count, former, number } = begun;
  if (former !== undefined && text === "") {
    await fallBack(dependencies, settings, { reply, former, shown, view });
    return;
  }
  const isOn = rewriting?.kind === "on";
  const thoughts = written.thoughts ?? (isOn ? former?.thoughts : undefined);
  const variant = { id: replyId, text, thoughts, reason, number, count };
  const showing = view.finish(toShownEnding(variant, settings));
  // Thoughts say again what they are about.
  const kept = begun.answersUnstored ? undefined : thoughts;
  const stored = storeEnding(dependencies, {
    ...reply,
    // Who spoke while it was being begun is known only now.
    alsoAskedBy: toJointAskers(request.asked),
    written: { ...written, thoughts: kept },
  });
  await Promise.allSettled([showing, stored]);
  await stored;
  await showing;
  if (text === "") await restoreControls(dependencies, place);
}

/** What is to be done about it when nobody asks. */
function notePastimes(
  {
    embeddings,
    learner,
    summaries,
  }: Pick<AnswerDependencies, "embeddings" | "learner" | "summaries">,
  conversationId: RowId,
): void {
  summaries?.note(conversationId);
  embeddings?.note(conversationId);
  learner?.note(conversationId);
}

interface EmptyVariant {
  readonly reply: EndedReply;
  readonly former: NumberedVariant;
  readonly shown: ShownAs;
  readonly view: ReplyView;
}

/** An attempt that brought nothing leaves what was there, in the history and in the messages. */
async function fallBack(
  dependencies: AnswerDependencies,
  settings: AnswerSettings,
  { former, reply, shown, view }: EmptyVariant,
): Promise<void> {
  try {
    await storeEnding(dependencies, reply);
    await dependencies.replies.activate(former.id);
    shown.replyId = former.id;
  } finally {
    const ending = toShownEnding(former, settings);
    await view.finish({ ...ending, notice: toNotice(reply.written.reason, settings) });
  }
}
