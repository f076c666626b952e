import type { UserId } from "../ids.ts";
import type { AskedReply } from "./reply-queue.ts";

/** Whom a reply answers beside the one who asked last: it may repeat their words, too. */
export function toJointAskers({
  answering,
  newest,
}: Pick<AskedReply, "answering" | "newest">): readonly UserId[] {
  const askers = new Set(answering().map(({ author }) => author.id));
  if (newest !== undefined) askers.delete(newest.author.id);
  return [...askers];
}
