import type { Conversation } from "./conversation.ts";
import { overhear } from "./overhear.ts";
import { greet } from "./persona/greet.ts";
import type { GreetDependencies } from "./persona/greet.ts";
import type { SaidMessage } from "./place.ts";
import type { PlaceReader, ThreadOpener } from "./place-ports.ts";
import type { ConversationStore, ReplyStore } from "./ports.ts";
import { takeTurn } from "./privacy/take-turn.ts";
import type { TakenTurn } from "./privacy/take-turn.ts";
import type { Withheld } from "./privacy/withheld.ts";
import type { AskingMessage } from "./reply/asking-message.ts";
import { decideReply } from "./reply/reply-policy.ts";
import { mayUse } from "./settings/access.ts";
import type { SettingsLibrary } from "./settings/settings-library.ts";
import type { Settings } from "./settings/settings.ts";

export interface IntakeDependencies extends GreetDependencies {
  readonly conversations: Pick<
    ConversationStore,
    "find" | "open" | "record" | "touch" | "moveControls"
  >;
  readonly places: PlaceReader;
  readonly replies: GreetDependencies["replies"] & Pick<ReplyStore, "last">;
  readonly settings: Pick<SettingsLibrary, "effective">;
  readonly threads: ThreadOpener;
  readonly withheld: Withheld;
}

/** A message that is to be answered. */
export interface HeardTurn extends TakenTurn {
  /** All that is said where it is answered is to be. */
  readonly answersAll: boolean;
}

/**
 * Stores what was said where it is to be answered, before anything else happens. Returns the
 * conversation as it is then, which is another place's where the answer gets a thread of its own;
 * undefined when the message does not concern Familiar, or was taken in already.
 */
export async function takeIn(
  dependencies: IntakeDependencies,
  message: SaidMessage,
): Promise<HeardTurn | undefined> {
  const { conversations, settings } = dependencies;
  const { place } = message;
  const found = await conversations.find(place.id);
  const { values } = await settings.effective(place);
  if (isDenied(message, values)) return undefined;
  const decision = decideReply(message, found, values);
  if (decision.kind === "ignore") return undefined;
  if (decision.isCalled && place.kind === "channel" && values.answerIn === "thread") {
    const thread = await dependencies.threads.openFrom(message);
    if (thread !== undefined) {
      return toHeard(await takeInThread(dependencies, message, thread), values);
    }
  }
  const isParticipant = place.kind !== "channel";
  const conversation =
    found !== undefined && found.isParticipant === isParticipant
      ? found
      : await join(dependencies, message, found === undefined);
  const limit = decision.isCalled ? values.overheardMessages : 0;
  const current = await overhear(dependencies, conversation, { message, limit });
  return toHeard(await takeTurn(dependencies, current, message), values);
}

/** What asks for a reply to a turn; its position counts in its conversation alone. */
export function toAsking({ asking, conversation }: TakenTurn): AskingMessage {
  return { ...asking, conversationId: conversation.id };
}

function toHeard(taken: TakenTurn | undefined, { speak }: Settings): HeardTurn | undefined {
  if (taken === undefined) return undefined;
  const isJoined = speak === "joined" && taken.conversation.isParticipant;
  return { ...taken, asking: toAsking(taken), answersAll: isJoined || speak === "always" };
}

function isDenied({ author, authorRoles: roles, place }: SaidMessage, settings: Settings): boolean {
  return mayUse(settings, place, { userId: author.id, roles }) === "denied";
}

/** The message that a thread was opened for is its first turn, and is answered at once. */
async function takeInThread(
  dependencies: IntakeDependencies,
  message: SaidMessage,
  place: Conversation["place"],
): Promise<TakenTurn | undefined> {
  const opening = { place, isParticipant: true, openedBy: message.author.id };
  const conversation = await dependencies.conversations.open(opening);
  return await takeTurn(dependencies, conversation, message);
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
  const { conversations, places, withheld } = dependencies;
  const conversation = await conversations.open({
    place,
    isParticipant: place.kind !== "channel",
  });
  if (!isNew || place.kind !== "thread") return conversation;
  const starter = await places.starterOf(place);
  const storable =
    starter === undefined || starter.messageId === id
      ? undefined
      : await withheld.toStorable(place, starter);
  const recorded = storable && (await conversations.record(conversation.id, storable));
  await greet(dependencies, conversation, author);
  return recorded ?? conversation;
}
