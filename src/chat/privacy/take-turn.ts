import type { Conversation } from "../conversation.ts";
import type { SaidMessage } from "../place.ts";
import type { Clock, ConversationStore } from "../ports.ts";
import { recordTurn } from "../record-turn.ts";
import type { RecordDependencies } from "../record-turn.ts";
import type { AskingMessage } from "../reply/asking-message.ts";
import { toTurnText } from "../said-text.ts";
import type { Withheld } from "./withheld.ts";

export interface TakeDependencies extends RecordDependencies {
  readonly clock: Pick<Clock, "date">;
  readonly conversations: Pick<ConversationStore, "record" | "touch">;
  readonly withheld: Pick<Withheld, "hasOptedOut" | "isNews" | "toQuotable">;
}

/** A message that is to be answered. */
export interface TakenTurn {
  /** As it is after that. */
  readonly conversation: Conversation;
  readonly asking: AskingMessage;
}

/**
 * Stores what was said; what someone says who has opted out is only kept until it is answered.
 * Undefined where that was done already.
 */
export async function takeTurn(
  dependencies: TakeDependencies,
  conversation: Conversation,
  message: SaidMessage,
): Promise<TakenTurn | undefined> {
  const { author, id, place } = message;
  const { clock, conversations, replies, withheld } = dependencies;
  if (!(await withheld.hasOptedOut(author.id))) {
    const recorded = await recordTurn(dependencies, conversation, message);
    if (recorded === undefined) return undefined;
    const position = recorded.nextPosition - 1;
    return { conversation: recorded, asking: { id, author, position } };
  }
  if (!withheld.isNews(id)) return undefined;
  const quoted = await withheld.toQuotable(place, message.quoted);
  const text = await toTurnText(replies, conversation, { ...message, quoted });
  const touched = await conversations.touch(conversation.id, author.id);
  if (touched === undefined) return undefined;
  const unstored = { speaker: author, text, saidAt: message.saidAt ?? clock.date() };
  return { conversation: touched, asking: { id, author, unstored } };
}
