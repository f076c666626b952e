import type { FinishReason } from "../conversation.ts";

/** Said under a reply that a crash or a restart cut off. */
export const INTERRUPTED_NOTICE = "⚠ Interrupted: I was restarted in the middle of this reply.";

/** The line under a reply that tells people why it ended, where that was not the model's choice. */
export function toNotice(
  reply: { readonly text: string; readonly reason: FinishReason },
  maxReplyTokens: number,
): string | undefined {
  switch (reply.reason) {
    case "stop":
      return reply.text.trim() === "" ? "The model had nothing to say." : undefined;
    case "length":
      return `✂ Cut at ${maxReplyTokens} tokens, the limit for one reply.`;
    case "context":
      return "✂ Cut: the model's context is full.";
    case "aborted":
      return "■ Stopped.";
    case "interrupted":
      return INTERRUPTED_NOTICE;
    case "failed":
      return "⚠ Something went wrong while I was writing this. Please try again.";
    case "unreachable":
      return undefined;
    default:
      return reply.reason satisfies never;
  }
}
