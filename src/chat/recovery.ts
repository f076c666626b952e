import type { ControlPorts } from "./control/place-controls.ts";
import { restoreControls } from "./control/place-controls.ts";
import type { LastReply, UnfinishedReply } from "./conversation.ts";
import { takeIn } from "./intake.ts";
import type { IntakeDependencies } from "./intake.ts";
import type { SaidMessage } from "./place.ts";
import type { AliveConversation, Log, ReplyStore } from "./ports.ts";
import type { ReplySurface, SavePart } from "./reply-surface.ts";
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

/** Stores what was said in a place while nobody listened; returns what is to be answered. */
export async function takeInMissed(
  dependencies: IntakeDependencies,
  { lastMessageId, place }: AliveConversation,
): Promise<readonly SaidMessage[]> {
  const taken: SaidMessage[] = [];
  let after = lastMessageId;
  for (let page = 0; after !== undefined && page < MAX_PAGES; page += 1) {
    const missed: readonly SaidMessage[] = await dependencies.places.messagesAfter(
      place,
      after,
      PAGE,
    );
    for (const message of missed) {
      const conversation = await takeIn(dependencies, message);
      if (conversation !== undefined) taken.push(message);
    }
    after = missed.length < PAGE ? undefined : missed.at(-1)?.id;
  }
  return taken;
}
