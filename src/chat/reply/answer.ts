import { moveControls } from "../control/place-controls.ts";
import { forgetTakenBack } from "../forget-evaluated.ts";
import type { ReplyStore } from "../ports.ts";
import { alsoReading, unstoredIn, withUnstored } from "../privacy/unstored.ts";
import type { ReplyView } from "../reply-surface.ts";
import { settingsIn } from "../settings/settings-in.ts";
import type { AnswerDependencies, AnswerRequest, AnswerSettings } from "./answer-ports.ts";
import { beginReply } from "./begin-reply.ts";
import type { BegunReply, BeginRequest, Rewriting } from "./begin-reply.ts";
import { finishReply, finishUnbegun } from "./finish-reply.ts";
import type { ShownAs, WrittenInTurn } from "./finish-reply.ts";
import { toJointAskers } from "./joint-askers.ts";
import type { Waiting } from "./notice.ts";
import { ReplyStopped } from "./reply-queue.ts";
import type { AskedReply } from "./reply-queue.ts";
import { activeOf, keepIndexes, toRewritten } from "./shown-reply.ts";
import { streamReply, varySampling } from "./stream-reply.ts";

/** Read this first: one reply, from its place in the line to the last edit. */
export async function answer(
  dependencies: AnswerDependencies,
  general: AnswerSettings,
  request: AnswerRequest,
): Promise<void> {
  const { asked, place, rewriting } = request;
  using _writing = dependencies.quotas.startWriting(place, asked.newest?.author.id);
  const shown: ShownAs = { replyId: rewriting && activeOf(rewriting.last).id };
  const view = openView(dependencies, request, shown);
  let hasBegun = false;
  let hasReadUnstored = false;
  const onBegin = ({ answersUnstored, replyId }: BegunReply): void => {
    hasBegun = true;
    hasReadUnstored = answersUnstored;
    shown.replyId = replyId;
  };
  try {
    const written = await writeInTurn(dependencies, general, { ...request, onBegin, view });
    await finishReply(dependencies, { ...written, request, shown, view });
  } catch (error) {
    if (hasBegun) throw error;
    const settings = await settingsIn(dependencies.settings, general, request).catch(() => general);
    await finishUnbegun(dependencies, settings, { error, request, view });
  } finally {
    if (hasReadUnstored) await forgetTakenBack(dependencies, general, place.id);
  }
}

function openView(
  dependencies: AnswerDependencies,
  { asked, place, rewriting }: AnswerRequest,
  shown: ShownAs,
): ReplyView {
  const { replies, surface } = dependencies;
  const dropPart = async (messageId: Parameters<ReplyStore["dropPart"]>[1]): Promise<void> => {
    if (shown.replyId !== undefined) await replies.dropPart(shown.replyId, messageId);
  };
  const text = rewriting?.kind === "on" ? activeOf(rewriting.last).text : "";
  return surface.open({
    place,
    answering: place.kind === "channel" ? asked.newest?.id : undefined,
    // A message that shows none of the text, but a place in the queue, is no part of a reply.
    savePart: keepIndexes(rewriting?.last.parts ?? [], async (part) => {
      if (shown.replyId !== undefined) await replies.savePart(shown.replyId, part);
    }),
    saveControls: (messageId) => moveControls(dependencies, place, messageId),
    ...(rewriting === undefined ? {} : { rewrites: toRewritten(rewriting.last, text, dropPart) }),
  });
}

interface WriteRequest extends AnswerRequest {
  readonly view: ReplyView;
  readonly onBegin: (begun: BegunReply) => void;
}

/** What the reply is to is read when its turn has come: more may have been said until then. */
async function writeInTurn(
  dependencies: AnswerDependencies,
  general: AnswerSettings,
  { asked, known, onBegin, place, rewriting, view }: WriteRequest,
): Promise<WrittenInTurn> {
  const { clock, conversations, line } = dependencies;
  const signal = AbortSignal.any([asked.signal, view.gone]);
  const arrivedAt = clock.now();
  let hasWaited = false;
  const onPlace = (position: number): void => {
    hasWaited = true;
    view.wait({ kind: "queued", place: position });
  };
  const askedBy = asked.newest?.author.id;
  using _place = await line.enter({ userId: askedBy, signal, onPlace });
  const waitedMs = clock.now() - arrivedAt;
  const waiting = toWaiting(rewriting, hasWaited);
  if (waiting !== undefined) view.wait(waiting);

  // Whoever spoke since a rewritten reply was asked for, waits for an answer to that.
  if (rewriting === undefined) asked.takeWaiting();
  const fresh = hasWaited ? undefined : known;
  const conversation = fresh ?? (await conversations.find(place.id));
  if (conversation === undefined) throw new ReplyStopped("unreachable");
  const settings = await settingsIn(dependencies.settings, general, conversation);
  const begun = await begin(dependencies, settings, { asked, conversation, askedBy, rewriting });
  onBegin(begun);
  const { sampling } = settings;
  const written = await streamReply(dependencies, {
    conversationId: conversation.id,
    ...begun,
    sampling: rewriting?.kind === "again" ? varySampling(sampling, begun.number - 1) : sampling,
    maxReplyParts: settings.maxReplyParts + countParts(rewriting),
    view,
    signal: asked.signal,
  });
  return {
    begun,
    settings,
    reply: { conversation, replyId: begun.replyId, askedBy, waitedMs, written },
  };
}

interface BeginInTurn extends Pick<BeginRequest, "askedBy" | "conversation" | "rewriting"> {
  readonly asked: AskedReply;
}

/** What is not stored is read by this reply alone. */
async function begin(
  dependencies: AnswerDependencies,
  settings: AnswerSettings,
  { asked, askedBy, conversation, rewriting }: BeginInTurn,
): Promise<BegunReply> {
  const answering = rewriting === undefined ? asked.answering() : [];
  const unstored = unstoredIn(answering);
  const begun = await beginReply(alsoReading(dependencies, unstored), settings, {
    conversation: withUnstored(conversation, answering),
    answersUnstored: unstored.length > 0,
    askedBy,
    alsoAskedBy: toJointAskers(asked),
    rewriting,
  });
  // A turn that is not stored has a position that the next one gets, too.
  const isExact = rewriting === undefined && unstored.length === 0;
  if (isExact) {
    asked.answerUpTo({ conversationId: conversation.id, position: begun.prompt.newestPosition });
  }
  return begun;
}

/** What stands in the place of the text from the reply's turn on. */
function toWaiting(rewriting: Rewriting | undefined, hasWaited: boolean): Waiting | undefined {
  if (rewriting?.kind === "again") return { kind: "again" };
  return hasWaited ? { kind: "turn" } : undefined;
}

/** What is gone on with may fill as many messages again. */
function countParts(rewriting: Rewriting | undefined): number {
  return rewriting?.kind === "on" ? rewriting.last.parts.length : 0;
}
