import type { CustomBatchingPrioritizationStrategy } from "node-llama-cpp";

/**
 * Takes everything that was queued, in the order of the slots: llama.cpp joins only sequences with
 * increasing neighbouring ids into one pass over the weights. An item's priority must be its slot's
 * rank. What is queued for one step never exceeds the batch: see {@link planStep}.
 */
export const inSlotOrder: CustomBatchingPrioritizationStrategy = ({ items }) =>
  items
    .toSorted((one, other) => one.evaluationPriority - other.evaluationPriority)
    .map((item) => ({ item, processAmount: item.tokens.length }));
