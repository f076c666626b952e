import { takeIn } from "./intake.ts";
import type { IntakeDependencies } from "./intake.ts";
import type { MessageId } from "./ids.ts";
import type { AliveConversation, Log, PlaceReader, ReplyStore, ReplySurface } from "./ports.ts";

/** Most messages read of one place after a downtime: Discord's limit for one request. */
const MAX_MISSED = 100;

export interface RecoveryDependencies {
  readonly replies: ReplyStore;
  readonly surface: ReplySurface;
  readonly log: Log;
}

/** Marks the replies that a crash cut off. Their text stays in the history. */
export async function markInterruptedReplies({
  log,
  replies,
  surface,
}: RecoveryDependencies): Promise<void> {
  for (const reply of await replies.unfinished()) {
    const { replyId, text } = reply;
    const ending = { text, reason: "interrupted", usage: undefined, count: undefined } as const;
    await replies.end(replyId, ending);
    await surface.markInterrupted(reply);
    log.warn({ replyId }, "A crash cut a reply off; it is now marked as interrupted");
  }
}

/** Stores what was said in a place while nobody listened; returns what is to be answered. */
export async function takeInMissed(
  dependencies: IntakeDependencies & { readonly places: PlaceReader },
  { lastMessageId, place }: AliveConversation,
): Promise<readonly MessageId[]> {
  if (lastMessageId === undefined) return [];
  const missed = await dependencies.places.messagesAfter(place, lastMessageId, MAX_MISSED);
  const taken: MessageId[] = [];
  for (const message of missed) {
    if (await takeIn(dependencies, message)) taken.push(message.id);
  }
  return taken;
}
