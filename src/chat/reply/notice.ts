import type { FinishReason } from "../conversation.ts";

/** Said under a reply that a crash or a restart cut off. */
export const INTERRUPTED_NOTICE = "⚠ Interrupted: I was restarted in the middle of this reply.";

/** Said in the place of a reply whose turn has just come. */
export const TURN_SENTENCE = "⏳ It is your turn: I am reading.";

/** Said in the place of a reply that is written once more. */
export const AGAIN_SENTENCE = "↻ Once more…";

/** Said in the place of a reply while the model has only thought so far. */
export const THINKING_SENTENCE = "💭 Thinking…";

export interface NoticeSettings {
  readonly maxReplyTokens: number;
  readonly maxReplyParts: number;
  readonly replyTimeoutMs: number;
}

/** Said in the place of a reply that waits; 1 is the next. */
export function toPlaceSentence(place: number): string {
  return place === 1 ? "⏳ You are next in the queue." : `⏳ You are number ${place} in the queue.`;
}

type Notice = string | undefined | ((settings: NoticeSettings) => string);

const NOTICES: Readonly<Record<FinishReason, Notice>> = {
  stop: undefined,
  length: ({ maxReplyTokens }) =>
    `✂ Cut at ${maxReplyTokens} tokens, the limit for one reply. Say “go on” and I will.`,
  parts: ({ maxReplyParts }) =>
    `✂ Cut at ${count(maxReplyParts, "message")}, the limit for one reply. Say “go on” and I will.`,
  context:
    "✂ Cut: the model's context is full. Say “go on” and I will, without the oldest messages.",
  repetition: "✂ Stopped: I was repeating myself. Say “go on”, or ask another way.",
  "other-speaker":
    "✂ Stopped where I began to speak for someone else. Say “go on”, or speak for yourself.",
  empty: "The model had nothing to say. Ask again or put it another way.",
  timeout: ({ replyTimeoutMs }) =>
    `⚠ Stopped: the model gave no sign of life for ${count(Math.round(replyTimeoutMs / 1_000), "second")}. Please try again.`,
  aborted: "■ Stopped.",
  interrupted: INTERRUPTED_NOTICE,
  unreachable: undefined,
  failed: "⚠ Something went wrong while I was writing this. Please try again.",
};

/**
 * The line under a reply that tells people why it ended, where that was not the model's choice, and
 * how it can go on.
 */
export function toNotice(reason: FinishReason, settings: NoticeSettings): string | undefined {
  const notice = NOTICES[reason];
  return typeof notice === "function" ? notice(settings) : notice;
}

function count(amount: number, unit: string): string {
  return amount === 1 ? `1 ${unit}` : `${amount} ${unit}s`;
}
