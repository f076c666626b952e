import type { FinishReason, ReplyUsage } from "../conversation.ts";

/** How many replies the figures look back on. */
const REMEMBERED = 100;

export interface EndedReply {
  /** Undefined where the model never came to it. */
  readonly usage: ReplyUsage | undefined;
  /** How long it waited for a place. */
  readonly waitedMs: number;
  readonly reason: FinishReason;
}

/** Replies as they stand at this moment. */
export interface RepliesNow {
  readonly running: number;
  readonly waiting: number;
  readonly parallelReplies: number;
}

/**
 * For operators: how the last 100 replies went. A figure is undefined while there is nothing that
 * it could be measured on.
 */
export interface ReplyNumbersView extends RepliesNow {
  /** Of one reply, after its first token; all replies together. */
  readonly tokensPerSecond: number | undefined;
  readonly firstTokenMs: { readonly median: number; readonly p95: number } | undefined;
  readonly waitMs: { readonly median: number; readonly longest: number } | undefined;
  readonly promptTokens: PromptTokens | undefined;
  /** Since the start. */
  readonly endings: ReadonlyMap<FinishReason, number>;
}

interface PromptTokens {
  readonly reused: number;
  readonly evaluated: number;
  /** Reused of all, 0 to 1. */
  readonly reusedShare: number;
}

/** Keeps what the figures need, at a constant cost for each reply; reading sorts it. */
export class ReplyNumbers {
  readonly #last: EndedReply[] = [];
  readonly #endings = new Map<FinishReason, number>();
  #ended = 0;

  ended(reply: EndedReply): void {
    this.#last[this.#ended % REMEMBERED] = reply;
    this.#ended += 1;
    this.#endings.set(reply.reason, (this.#endings.get(reply.reason) ?? 0) + 1);
  }

  read({ parallelReplies, running, waiting }: RepliesNow): ReplyNumbersView {
    const usages = this.#last.flatMap(({ usage }) => (usage === undefined ? [] : [usage]));
    return {
      running,
      waiting,
      parallelReplies,
      tokensPerSecond: toSpeed(usages),
      firstTokenMs: toFirstTokenMs(usages),
      waitMs: toWaitMs(this.#last),
      promptTokens: toPromptTokens(usages),
      endings: new Map(this.#endings),
    };
  }
}

/** The first token belongs to the time before it. */
function toSpeed(usages: readonly ReplyUsage[]): number | undefined {
  let tokens = 0;
  let writingMs = 0;
  for (const { firstTokenMs, replyTokens, totalMs } of usages) {
    if (replyTokens < 2) continue;
    tokens += replyTokens - 1;
    writingMs += totalMs - firstTokenMs;
  }
  return writingMs > 0 ? (tokens * 1_000) / writingMs : undefined;
}

function toFirstTokenMs(usages: readonly ReplyUsage[]): ReplyNumbersView["firstTokenMs"] {
  const sorted = sort(
    usages.filter(({ replyTokens }) => replyTokens > 0).map(({ firstTokenMs }) => firstTokenMs),
  );
  const median = quantileOf(sorted, 0.5);
  const p95 = quantileOf(sorted, 0.95);
  return median === undefined || p95 === undefined ? undefined : { median, p95 };
}

function toWaitMs(replies: readonly EndedReply[]): ReplyNumbersView["waitMs"] {
  const sorted = sort(replies.map(({ waitedMs }) => waitedMs));
  const median = quantileOf(sorted, 0.5);
  const longest = sorted.at(-1);
  return median === undefined || longest === undefined ? undefined : { median, longest };
}

function toPromptTokens(usages: readonly ReplyUsage[]): PromptTokens | undefined {
  let all = 0;
  let reused = 0;
  for (const { promptTokens, reusedTokens } of usages) {
    all += promptTokens;
    reused += reusedTokens;
  }
  if (all === 0) return undefined;
  return { reused, evaluated: all - reused, reusedShare: reused / all };
}

function sort(values: readonly number[]): number[] {
  return values.toSorted((a, b) => a - b);
}

/** The smallest value that at least this share of all does not exceed. */
function quantileOf(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)];
}
