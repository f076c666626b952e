import type { ControlPorts } from "../control/place-controls.ts";
import { restoreControls } from "../control/place-controls.ts";
import type { LastReply, UnfinishedReply } from "../conversation.ts";
import type { Log, ReplyStore } from "../ports.ts";
import type { ReplySurface, SavePart } from "../reply-surface.ts";
import { activeOf, keepIndexes } from "../reply/shown-reply.ts";

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
