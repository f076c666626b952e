import type { ControlPorts } from "./control/place-controls.ts";
import { restoreControls } from "./control/place-controls.ts";
import type { LastReply, UnfinishedReply } from "./conversation.ts";
import { takeIn } from "./intake.ts";
import type { IntakeDependencies } from "./intake.ts";
import type { MessageId } from "./ids.ts";
import type { Place, SaidMessage } from "./place.ts";
import type { AliveConversation, Log, ReplyStore } from "./ports.ts";
import type { TakenTurn } from "./privacy/take-turn.ts";
import type { ReplySurface, SavePart } from "./reply-surface.ts";
import type { Quotas } from "./settings/quotas.ts";
import type { AskingMessage } from "./reply/asking-message.ts";
import { activeOf, keepIndexes } from "./reply/shown-reply.ts";

/** Discord's limit for one request. */
const PAGE = 100;

/** A busy channel may have far more behind it; what is older than this many pages goes unheard. */
const MAX_PAGES = 10;

export interface RecoveryDependencies extends ControlPorts {
  readonly replies: ReplyStore;
  readonly surface: ReplySurface;
  readonly log: Log;
}

/**
 * Returns the replies that a crash cut off, of which people have seen something. Those that nobody has
 * seen anything of are no more: catching up writes them anew. To be called before a reply is begun.
 */
export async function endUnseen({
  replies,
}: Pick<RecoveryDependencies, "replies">): Promise<readonly UnfinishedReply[]> {
  const seen: UnfinishedReply[] = [];
  for (const reply of await replies.unfinished()) {
    if (reply.text === "" && reply.parts.length === 0) await end(replies, reply);
    else seen.push(reply);
  }
  return seen;
}

/** Marks a reply that a crash cut off. Its text stays in the history. */
export async function markInterrupted(
  dependencies: RecoveryDependencies,
  reply: UnfinishedReply,
): Promise<void> {
  const { log, replies, surface } = dependencies;
  const { conversationId, parts, place, replyId, text } = reply;
  await end(replies, reply);
  const left = text === "" ? toLeft(reply, await replies.last(conversationId)) : reply;
  const save: SavePart = (part) => replies.savePart(left.replyId, part);
  await surface.markInterrupted(left, keepIndexes(parts, save));
  await restoreControls(dependencies, place);
  log.warn({ replyId }, "A crash cut a reply off; it is now marked as interrupted");
}

async function end(
  replies: Pick<ReplyStore, "end">,
  { replyId, text }: UnfinishedReply,
): Promise<void> {
  const ended = { text, thoughts: undefined, reason: "interrupted" } as const;
  await replies.end(replyId, { ...ended, usage: undefined, count: undefined });
}

/** Of a variant that had no text yet, its messages show the one that was shown before. */
function toLeft(reply: UnfinishedReply, last: LastReply | undefined): UnfinishedReply {
  const isSame = last?.parts.some(({ messageId }) => messageId === reply.parts[0]?.messageId);
  if (last === undefined || isSame !== true) return reply;
  const { id, text } = activeOf(last);
  return { ...reply, replyId: id, text };
}

/** What is to be answered in one place. */
export interface DueReply {
  readonly place: Place;
  /** Empty where the message that it answers is older. */
  readonly messages: readonly AskingMessage[];
}

export interface MissedDependencies extends IntakeDependencies {
  readonly quotas: Pick<Quotas, "freeAt">;
  readonly surface: ReplySurface;
}

/**
 * Stores what was said in a place while nobody listened, before the first message that was heard
 * again where that is known; returns what is to be answered.
 */
export async function takeInMissed(
  dependencies: MissedDependencies,
  alive: AliveConversation,
  heard: MessageId | undefined,
): Promise<readonly DueReply[]> {
  const { dueTo, lastMessageId, place } = alive;
  const taken = await readMissed(dependencies, alive, heard);
  const isFree =
    dueTo === undefined || (await dependencies.quotas.freeAt(place, dueTo)) === undefined;
  const due = toDue(taken, { place, isAnswerDue: alive.isAnswerDue && isFree });
  if (due.length > 0) await dependencies.surface.clearWaiting(place, lastMessageId);
  return due;
}

async function readMissed(
  dependencies: IntakeDependencies,
  { lastMessageId, place }: AliveConversation,
  heard: MessageId | undefined,
): Promise<readonly TakenTurn[]> {
  const taken: TakenTurn[] = [];
  let after = lastMessageId;
  for (let page = 0; after !== undefined && page < MAX_PAGES; page += 1) {
    const missed: readonly SaidMessage[] = await dependencies.places.messagesAfter(
      place,
      after,
      PAGE,
    );
    for (const message of missed) {
      if (heard !== undefined && BigInt(message.id) >= BigInt(heard)) return taken;
      const one = await takeIn(dependencies, message);
      if (one !== undefined) taken.push(one);
    }
    after = missed.length < PAGE ? undefined : missed.at(-1)?.id;
  }
  return taken;
}

/** What was missed in a place is answered together; what got a thread of its own, there. */
function toDue(
  taken: readonly TakenTurn[],
  { isAnswerDue, place }: Pick<AliveConversation, "isAnswerDue" | "place">,
): readonly DueReply[] {
  const isHere = ({ conversation }: TakenTurn): boolean => conversation.place.id === place.id;
  const here = taken.filter(isHere).map(({ asking }) => asking);
  const elsewhere = taken
    .filter((one) => !isHere(one))
    .map(({ asking, conversation }) => ({ place: conversation.place, messages: [asking] }));
  return here.length > 0 || isAnswerDue ? [{ place, messages: here }, ...elsewhere] : elsewhere;
}

/** What was missed is answered together with what is said after it in the same place. */
export function joinDue(
  missed: readonly DueReply[],
  { asking, conversation: { place } }: TakenTurn,
): readonly DueReply[] {
  const here = missed.filter((due) => due.place.id === place.id);
  const elsewhere = missed.filter((due) => due.place.id !== place.id);
  return [...elsewhere, { place, messages: [...here.flatMap(({ messages }) => messages), asking] }];
}
