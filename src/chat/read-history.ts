import type { HistoryEntry } from "./conversation.ts";
import type { ChannelId } from "./ids.ts";
import type { ConversationStore } from "./ports.ts";

/** Everything stored of a place, oldest first. */
export async function readHistory(
  conversations: Pick<ConversationStore, "history">,
  placeId: ChannelId,
): Promise<readonly HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for await (const page of conversations.history(placeId)) entries.push(...page);
  return entries;
}
