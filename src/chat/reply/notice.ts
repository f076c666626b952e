import type { FinishReason } from "../conversation.ts";
import type { Problem } from "../problem.ts";

/** What a reply waits for while it has no text. */
export type Waiting =
  /** For its turn; 1 is the next. */
  | { readonly kind: "queued"; readonly place: number }
  /** Its turn has just come. */
  | { readonly kind: "turn" }
  /** It is written once more. */
  | { readonly kind: "again" }
  /** The model has only thought so far. */
  | { readonly kind: "thinking" };

/** Why a reply ended, where that was not the model's choice, and what its sentence names. */
export type Notice =
  | { readonly kind: "length"; readonly maxReplyTokens: number }
  | { readonly kind: "parts"; readonly maxReplyParts: number }
  | { readonly kind: "timeout"; readonly seconds: number }
  | { readonly kind: PlainReason }
  | { readonly kind: "queue-full"; readonly of: "everyone" | "person" }
  | { readonly kind: "refused"; readonly problem: Problem };

type PlainReason =
  | "aborted"
  | "context"
  | "empty"
  | "failed"
  | "interrupted"
  | "other-speaker"
  | "repetition";

/** Under a reply that a crash or a restart cut off. */
export const INTERRUPTED_NOTICE: Notice = { kind: "interrupted" };

export interface NoticeSettings {
  readonly maxReplyTokens: number;
  readonly maxReplyParts: number;
  readonly replyTimeoutMs: number;
}

/** What people are told under a reply about its end. */
export function toNotice(
  reason: FinishReason,
  { maxReplyParts, maxReplyTokens, replyTimeoutMs }: NoticeSettings,
): Notice | undefined {
  if (reason === "stop" || reason === "unreachable") return undefined;
  if (reason === "length") return { kind: reason, maxReplyTokens };
  if (reason === "parts") return { kind: reason, maxReplyParts };
  if (reason !== "timeout") return { kind: reason };
  return { kind: reason, seconds: Math.round(replyTimeoutMs / 1_000) };
}
