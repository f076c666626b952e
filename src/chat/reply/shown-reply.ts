import type { FinishReason, LastReply, ReplyPart, ReplyVariant, RowId } from "../conversation.ts";
import type { ReplyControls, RewrittenReply, SavePart, ShownEnding } from "../reply-surface.ts";
import { toNotice } from "./notice.ts";
import type { NoticeSettings } from "./notice.ts";

/** Endings after which the model has more to say. */
const CUTS: ReadonlySet<FinishReason> = new Set([
  "length",
  "context",
  "parts",
  "timeout",
  "interrupted",
  "aborted",
  "repetition",
  "other-speaker",
]);

export interface ShownReplySettings extends NoticeSettings {
  readonly showThoughts: boolean;
}

/** A variant, and which of how many it is; the first is 1. */
export interface NumberedVariant extends Omit<ReplyVariant, "isActive"> {
  readonly number: number;
  readonly count: number;
}

export function wasCut({ reason, text }: Pick<ReplyVariant, "reason" | "text">): boolean {
  return CUTS.has(reason) && text.trim() !== "";
}

export function toControls(variant: NumberedVariant, isOutdated = false): ReplyControls {
  const { count, id, number } = variant;
  const numbers = { number, count };
  return {
    kind: "ended",
    replyId: id,
    canContinue: wasCut(variant),
    variant: numbers,
    isOutdated,
  };
}

/** A variant as people see it; what has no text has no controls. */
export function toShownEnding(variant: NumberedVariant, settings: ShownReplySettings): ShownEnding {
  const { reason, text } = variant;
  return {
    text,
    notice: toNotice(reason, settings),
    thoughts: settings.showThoughts ? variant.thoughts : undefined,
    controls: text === "" ? undefined : toControls(variant),
  };
}

/** The variant that people see. */
export function activeOf(last: LastReply): NumberedVariant {
  const at = last.variants.findIndex(({ isActive }) => isActive);
  const variant = variantAt(last, at);
  if (variant === undefined) throw new Error("A reply has no active variant");
  return variant;
}

export function variantAt({ variants }: LastReply, index: number): NumberedVariant | undefined {
  const variant = variants[index];
  return variant === undefined
    ? undefined
    : { ...variant, number: index + 1, count: variants.length };
}

/** The messages of a reply that is now shown otherwise. */
export function toRewritten(
  { controlsMessageId, parts }: LastReply,
  text: string,
  dropPart: RewrittenReply["dropPart"],
): RewrittenReply {
  const last = parts.at(-1)?.messageId;
  const isBeyond =
    last !== undefined && controlsMessageId !== undefined && isNewer(controlsMessageId, last);
  return { text, parts, lastMessageId: isBeyond ? controlsMessageId : undefined, dropPart };
}

/**
 * Views number their messages from 0 on; of a reply that has lost some, the stored numbers have gaps,
 * and stay as they are.
 */
export function keepIndexes(known: readonly ReplyPart[], savePart: SavePart): SavePart {
  const next = (known.at(-1)?.index ?? -1) + 1;
  return (part) => {
    const index = known[part.index]?.index ?? next + part.index - known.length;
    return savePart({ ...part, index });
  };
}

function isNewer(one: string, other: string): boolean {
  return BigInt(one) > BigInt(other);
}

/** Whether it is one of the variants of a reply. */
export function isOf({ variants }: LastReply, replyId: RowId): boolean {
  return variants.some(({ id }) => id === replyId);
}
