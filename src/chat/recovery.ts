import type { ControlPorts } from "./control/place-controls.ts";
import { restoreControls } from "./control/place-controls.ts";
import type { LastReply, UnfinishedReply } from "./conversation.ts";
import { takeIn } from "./intake.ts";
import type { IntakeDependencies } from "./intake.ts";
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

/** Marks the replies that a crash cut off. Their text stays in the history. */
export async function markInterruptedReplies(dependencies: RecoveryDependencies): Promise<void> {
  const { log, replies, surface } = dependencies;
  for (const reply of await replies.unfinished()) {
    const { conversationId, parts, place, replyId, text } = reply;
    const ended = { text, thoughts: undefined, reason: "interrupted" } as const;
    const ending = { ...ended, usage: undefined, count: undefined };
    await replies.end(replyId, ending);
    // A reply that nobody has seen anything of is written anew by catching up.
    if (text === "" && parts.length === 0) continue;
    const left = text === "" ? toLeft(reply, await replies.last(conversationId)) : reply;
    const save: SavePart = (part) => replies.savePart(left.replyId, part);
    await surface.markInterrupted(left, keepIndexes(parts, save));
    await restoreControls(dependencies, place);
    log.warn({ replyId }, "A crash cut a reply off; it is now marked as interrupted");
  }
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

/** Stores what was said in a place while nobody listened; returns what is to be answered. */
export async function takeInMissed(
  dependencies: MissedDependencies,
  alive: AliveConversation,
): Promise<readonly DueReply[]> {
  const { dueTo, lastMessageId, place } = alive;
  const taken = await readMissed(dependencies, alive);
  const isFree =
    dueTo === undefined || (await dependencies.quotas.freeAt(place, dueTo)) === undefined;
  const due = toDue(taken, { place, isAnswerDue: alive.isAnswerDue && isFree });
  if (due.length > 0) await dependencies.surface.clearWaiting(place, lastMessageId);
  return due;
}

async function readMissed(
  dependencies: IntakeDependencies,
  { lastMessageId, place }: AliveConversation,
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
