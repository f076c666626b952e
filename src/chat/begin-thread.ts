import { greet } from "./persona/greet.ts";
import type { GreetDependencies } from "./persona/greet.ts";
import type { Place, SaidMessage, Speaker } from "./place.ts";
import type { ConversationStore, ReplyStore, SystemPromptStore } from "./ports.ts";
import { takeTurn } from "./privacy/take-turn.ts";
import type { TakeDependencies, TakenTurn } from "./privacy/take-turn.ts";

export interface NewThread {
  readonly place: Place & { readonly kind: "thread" };
  readonly openedBy: Speaker;
  readonly systemPrompt: string | undefined;
  /** What the opener said first, with the id of the message that shows it. */
  readonly first: SaidMessage | undefined;
}

export interface BeginDependencies extends GreetDependencies {
  readonly conversations: Pick<ConversationStore, "moveControls" | "open" | "record" | "touch">;
  readonly replies: GreetDependencies["replies"] & Pick<ReplyStore, "last">;
  readonly systemPrompts: SystemPromptStore;
  readonly withheld: TakeDependencies["withheld"];
}

/** Takes part in a thread that was opened for a conversation, and takes in its first message. */
export async function beginThread(
  dependencies: BeginDependencies,
  { first, openedBy, place, systemPrompt }: NewThread,
): Promise<TakenTurn | undefined> {
  const { conversations, systemPrompts } = dependencies;
  const opening = { place, isParticipant: true, openedBy: openedBy.id };
  const conversation = await conversations.open(opening);
  if (systemPrompt === undefined) await greet(dependencies, conversation, openedBy);
  else await systemPrompts.change(place.id, systemPrompt, openedBy);
  return first === undefined ? undefined : await takeTurn(dependencies, conversation, first);
}
