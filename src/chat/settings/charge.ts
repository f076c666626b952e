import type { FinishReason, ReplyUsage } from "../conversation.ts";
import type { UserId } from "../ids.ts";
import type { Place } from "../place.ts";
import type { ReplyCharge } from "../ports.ts";

/** Endings that are not the asker's doing, and count against no quota. */
const FREE: ReadonlySet<FinishReason> = new Set([
  "empty",
  "failed",
  "interrupted",
  "timeout",
  "unreachable",
]);

export interface ChargeableReply {
  readonly place: Place;
  readonly askedBy: UserId | undefined;
  readonly written: { readonly reason: FinishReason; readonly usage: ReplyUsage | undefined };
  /** Of its text, for a reply that ended before the engine brought any numbers. */
  readonly textTokens: number;
}

/** What a reply takes from its asker's quota; undefined where it takes nothing. */
export function toCharge(reply: ChargeableReply): ReplyCharge | undefined {
  const { askedBy, place, textTokens, written } = reply;
  const { reason, usage } = written;
  if (place.kind === "direct" || askedBy === undefined || FREE.has(reason)) return undefined;
  const tokens =
    usage === undefined ? textTokens : usage.promptTokens - usage.reusedTokens + usage.replyTokens;
  return { guildId: place.guildId, userId: askedBy, tokens };
}
