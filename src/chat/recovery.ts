import { takeIn } from "./intake.ts";
import type { IntakeDependencies } from "./intake.ts";
import type { SaidMessage } from "./place.ts";
import type { AliveConversation, Log, ReplyStore, ReplySurface } from "./ports.ts";

/** Discord's limit for one request. */
const PAGE = 100;

/** A busy channel may have far more behind it; what is older than this many pages goes unheard. */
const MAX_PAGES = 10;

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
    const { parts, replyId, text } = reply;
    const ended = { text, thoughts: undefined, reason: "interrupted" } as const;
    const ending = { ...ended, usage: undefined, count: undefined };
    await replies.end(replyId, ending);
    // A reply that nobody has seen anything of is written anew by catching up.
    if (text === "" && parts.length === 0) continue;
    await surface.markInterrupted(reply, (part) => replies.savePart(replyId, part));
    log.warn({ replyId }, "A crash cut a reply off; it is now marked as interrupted");
  }
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
