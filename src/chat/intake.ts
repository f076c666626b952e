import { countTurn } from "./prompt/compose-prompt.ts";
import type { Conversation } from "./conversation.ts";
import { greet } from "./persona/greet.ts";
import type { GreetDependencies } from "./persona/greet.ts";
import type { SaidMessage } from "./place.ts";
import type { ConversationStore, PlaceReader } from "./ports.ts";
import { decideReply } from "./reply/reply-policy.ts";

export interface IntakeDependencies extends GreetDependencies {
  readonly conversations: Pick<ConversationStore, "find" | "open" | "record" | "moveControls">;
  readonly places: PlaceReader;
}

/**
 * Stores what was said where it is to be answered, before anything else happens. Returns the
 * conversation as it is then; undefined when the message does not concern Familiar, or is stored
 * already.
 */
export async function takeIn(
  dependencies: IntakeDependencies,
  message: SaidMessage,
): Promise<Conversation | undefined> {
  const found = await dependencies.conversations.find(message.place.id);
  if (decideReply(message, found).kind === "ignore") return undefined;
  const isParticipant = message.place.kind !== "channel";
  const conversation =
    found !== undefined && found.isParticipant === isParticipant
      ? found
      : await join(dependencies, message, found === undefined);
  return await recordTurn(dependencies, conversation, message);
}

/** Undefined when a turn of this message is stored already. */
export async function recordTurn(
  { conversations, engine }: Pick<IntakeDependencies, "conversations" | "engine">,
  conversation: Conversation,
  message: SaidMessage,
): Promise<Conversation | undefined> {
  const { author: speaker, id: messageId, text } = message;
  const turn = { messageId, role: "user", speaker, text } as const;
  const count = await countTurn(engine, conversation, turn);
  const counted = count === undefined ? turn : { ...turn, count };
  return await conversations.record(conversation.id, counted);
}

/**
 * Takes part in a place from now on. A thread's history begins with the message it hangs on, and the
 * persona's greeting.
 */
async function join(
  dependencies: IntakeDependencies,
  { author, id, place }: SaidMessage,
  isNew: boolean,
): Promise<Conversation> {
  const { conversations, places } = dependencies;
  const conversation = await conversations.open({
    place,
    isParticipant: place.kind !== "channel",
  });
  if (!isNew || place.kind !== "thread") return conversation;
  const starter = await places.starterOf(place);
  const recorded =
    starter === undefined || starter.messageId === id
      ? undefined
      : await conversations.record(conversation.id, starter);
  await greet(dependencies, conversation, author);
  return recorded ?? conversation;
}
