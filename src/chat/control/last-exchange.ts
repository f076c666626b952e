import type { Turn } from "../conversation.ts";

/**
 * The turns that `/undo` takes back, oldest first: what people said since the last reply, else that
 * reply with what it answers.
 */
export function findLastExchange<Said extends Pick<Turn, "role">>(
  turns: readonly Said[],
): readonly Said[] {
  const lastReply = turns.findLastIndex(isReply);
  if (lastReply < turns.length - 1) return turns.slice(lastReply + 1);
  const before = turns.slice(0, Math.max(0, lastReply)).findLastIndex(isReply);
  return turns.slice(before + 1);
}

function isReply({ role }: Pick<Turn, "role">): boolean {
  return role === "assistant";
}
