import type { Conversation } from "../conversation.ts";
import type { SaidMessage } from "../place.ts";
import type { Settings } from "../settings/settings.ts";
import { hasWakeWord } from "../settings/wake-words.ts";

export type ReplyDecision =
  | {
      readonly kind: "answer";
      /** It is answered only because it was addressed: not all that is said there is. */
      readonly isCalled: boolean;
    }
  | {
      readonly kind: "ignore";
      readonly reason: "not-a-person" | "no-text" | "not-addressed" | "silenced";
    };

/** Whether to answer. Direct messages always are; elsewhere the settings say. */
export function decideReply(
  message: SaidMessage,
  conversation: Pick<Conversation, "isParticipant"> | undefined,
  settings: Pick<Settings, "speak" | "wakeWords">,
): ReplyDecision {
  const { isFromPerson, place, text } = message;
  const { speak } = settings;
  if (!isFromPerson) return { kind: "ignore", reason: "not-a-person" };
  if (text === "") return { kind: "ignore", reason: "no-text" };
  if (place.kind === "direct") return { kind: "answer", isCalled: false };
  if (speak === "never") return { kind: "ignore", reason: "silenced" };
  const isJoined = speak === "joined" && conversation?.isParticipant === true;
  if (isJoined || speak === "always") return { kind: "answer", isCalled: false };
  return isAddressed(message, settings)
    ? { kind: "answer", isCalled: true }
    : { kind: "ignore", reason: "not-addressed" };
}

function isAddressed(
  { mentionsFamiliar, repliesToFamiliar, text }: SaidMessage,
  { speak, wakeWords }: Pick<Settings, "speak" | "wakeWords">,
): boolean {
  if (mentionsFamiliar || repliesToFamiliar) return true;
  return speak === "wake-words" && hasWakeWord(text, wakeWords);
}
