import type { Conversation } from "./conversation.ts";
import type { SaidMessage } from "./place.ts";
import type { ConversationStore, PlaceReader } from "./ports.ts";
import { decideReply } from "./reply-policy.ts";

export interface IntakeDependencies {
  readonly conversations: Pick<ConversationStore, "find" | "open" | "record">;
  readonly places: PlaceReader;
}

/**
 * Stores what was said where it is to be answered, before anything else happens. False when the
 * message does not concern Familiar, or is stored already.
 */
export async function takeIn(
  dependencies: IntakeDependencies,
  message: SaidMessage,
): Promise<boolean> {
  const found = await dependencies.conversations.find(message.place.id);
  if (decideReply(message, found).kind === "ignore") return false;
  const isParticipant = message.place.kind !== "channel";
  const conversation =
    found !== undefined && found.isParticipant === isParticipant
      ? found
      : await join(dependencies, message, found === undefined);
  return await recordTurn(dependencies, conversation, message);
}

/** False when a turn of this message is stored already. */
export async function recordTurn(
  { conversations }: Pick<IntakeDependencies, "conversations">,
  conversation: Conversation,
  message: SaidMessage,
): Promise<boolean> {
  const { author: speaker, id: messageId, text } = message;
  const turn = { messageId, role: "user", speaker, text } as const;
  return (await conversations.record(conversation.id, turn)) !== undefined;
}

/** Takes part in a place from now on. A thread's history begins with the message it hangs on. */
async function join(
  { conversations, places }: IntakeDependencies,
  { id, place }: SaidMessage,
  isNew: boolean,
): Promise<Conversation> {
  const conversation = await conversations.open({
    place,
    isParticipant: place.kind !== "channel",
  });
  if (!isNew || place.kind !== "thread") return conversation;
  const starter = await places.starterOf(place);
  if (starter === undefined || starter.messageId === id) return conversation;
  return (await conversations.record(conversation.id, starter)) ?? conversation;
}
