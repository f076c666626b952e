import type { Conversation, Turn } from "../conversation.ts";
import type { PromptSources } from "../prompt/compose-prompt.ts";
import type { AskingMessage, UnstoredTurn } from "../reply/asking-message.ts";

export function unstoredIn(messages: readonly AskingMessage[]): readonly UnstoredTurn[] {
  return messages.flatMap(({ unstored }) => unstored ?? []);
}

/** What a prompt is composed from, with what is not stored among what came after the last reply. */
export function alsoReading<Sources extends Pick<PromptSources, "conversations">>(
  sources: Sources,
  unstored: readonly UnstoredTurn[],
): Sources {
  if (unstored.length === 0) return sources;
  const { conversations } = sources;
  const { saveCounts, view } = conversations;
  return {
    ...sources,
    conversations: {
      ...conversations,
      view: async (...asked: Parameters<typeof view>) =>
        insert(await view.apply(conversations, asked), unstored),
      saveCounts: (counts: Parameters<typeof saveCounts>[0]) =>
        conversations.saveCounts(new Map([...counts].filter(([id]) => id > 0))),
    },
  };
}

/** Whoever speaks beside others is named, stored or not. */
export function withUnstored(
  conversation: Conversation,
  messages: readonly AskingMessage[],
): Conversation {
  const speakers = new Set(messages.map(({ author }) => author.id));
  return speakers.size < 2 || unstoredIn(messages).length === 0
    ? conversation
    : { ...conversation, hasSeveralSpeakers: true };
}

function insert(stored: readonly Turn[], unstored: readonly UnstoredTurn[]): readonly Turn[] {
  const said = stored.findLastIndex(({ role }) => role === "assistant") + 1;
  // A window that began with one of them would begin with the reply to it, the next time.
  const position = (stored.at(-1)?.position ?? -1) + 1;
  const turns = unstored.map((turn, index): Turn => ({
    ...turn,
    id: -1 - index,
    position,
    role: "user",
    count: undefined,
  }));
  const newest = [...stored.slice(said), ...turns].toSorted(
    (one, other) => one.saidAt.getTime() - other.saidAt.getTime(),
  );
  return [...stored.slice(0, said), ...newest];
}
