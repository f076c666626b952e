import type {
  BatchItem,
  CustomBatchingPrioritizationStrategy,
  PrioritizedBatchItem,
} from "node-llama-cpp";

export interface BatchSettings {
  /** How many streams are writing: each has one token to evaluate in every step. */
  readonly liveStreams: () => number;
  /**
   * Prompt tokens that one step may take while others write. Fewer keep them smoother and make a
   * newcomer wait longer for its first token.
   */
  readonly promptTokensPerStep: number;
}

/** Turns of the event loop's microtasks; three were enough for eight streams. */
const MAX_WAITS = 16;

/**
 * Puts the tokens of all streams into as few passes over the weights as possible.
 *
 * - The library starts a step before the stream that was sampled last has queued again: an empty
 *   answer makes it ask once more, so all live streams come into the same step.
 * - Streams go before prompts, or a long prompt would stand in the way of everyone's next token.
 * - llama.cpp joins only sequences with increasing neighbouring ids: items are ordered by their
 *   priority, which must be the sequence's rank.
 */
export function createBatchStrategy(settings: BatchSettings): CustomBatchingPrioritizationStrategy {
  let waits = 0;
  return ({ items, size }) => {
    const streams = items.filter((item) => item.tokens.length === 1);
    if (streams.length < settings.liveStreams() && waits < MAX_WAITS) {
      waits += 1;
      return [];
    }
    waits = 0;
    const taken = streams.slice(0, size).map((item) => ({ item, processAmount: 1 }));
    const left = size - taken.length;
    const budget = taken.length > 0 ? Math.min(left, settings.promptTokensPerStep) : left;
    const prompts = items.filter((item) => item.tokens.length > 1);
    return [...taken, ...shareBudget(prompts, budget)].toSorted(
      (one, other) => one.item.evaluationPriority - other.item.evaluationPriority,
    );
  };
}

function shareBudget(prompts: readonly BatchItem[], budget: number): PrioritizedBatchItem[] {
  const shared: PrioritizedBatchItem[] = [];
  let left = budget;
  for (const [index, item] of prompts.entries()) {
    const share = Math.ceil(left / (prompts.length - index));
    const processAmount = Math.min(item.tokens.length, share);
    // The library would raise an amount of 0 to 1.
    if (processAmount > 0) shared.push({ item, processAmount });
    left -= processAmount;
  }
  return shared;
}
