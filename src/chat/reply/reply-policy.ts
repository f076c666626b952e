import type { Conversation } from "../conversation.ts";
import type { SaidMessage } from "../place.ts";

export type ReplyDecision =
  | { readonly kind: "answer" }
  | { readonly kind: "ignore"; readonly reason: "not-a-person" | "no-text" | "not-addressed" };

/**
 * Whether to answer: always in direct messages and in threads that Familiar takes part in,
 * elsewhere only when it is mentioned or replied to.
 */
export function decideReply(
  message: SaidMessage,
  conversation: Conversation | undefined,
): ReplyDecision {
  if (!message.isFromPerson) return { kind: "ignore", reason: "not-a-person" };
  if (message.text === "") return { kind: "ignore", reason: "no-text" };
  const isAddressed =
    message.place.kind === "direct" ||
    conversation?.isParticipant === true ||
    message.mentionsFamiliar ||
    message.repliesToFamiliar;
  return isAddressed ? { kind: "answer" } : { kind: "ignore", reason: "not-addressed" };
}
