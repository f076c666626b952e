import type { BatchItem, Token } from "node-llama-cpp";
import { describe, expect, it } from "vitest";
import { createBatchStrategy } from "../../../src/inference/llama/batch-strategy.ts";

const item = (tokens: number, rank: number): BatchItem => ({
  tokens: Array.from({ length: tokens }, () => 1 as Token),
  logits: [],
  evaluationPriority: rank as BatchItem["evaluationPriority"],
});
const amounts = (chosen: ReturnType<ReturnType<typeof createBatchStrategy>>): number[][] =>
  chosen.map((one) => [one.item.evaluationPriority, one.processAmount]);
const strategyFor = (liveStreams: number) =>
  createBatchStrategy({ liveStreams: () => liveStreams, promptTokensPerStep: 128 });

describe("createBatchStrategy", () => {
  it("orders by rank, whoever came first", () => {
    const items = [item(1, 3), item(1, 1), item(1, 2)];
    expect(amounts(strategyFor(3)({ items, size: 512 }))).toEqual([
      [1, 1],
      [2, 1],
      [3, 1],
    ]);
  });

  it("waits for the streams that are still being sampled, but not for ever", () => {
    const strategy = strategyFor(2);
    const items = [item(1, 1)];
    const answers = Array.from({ length: 40 }, () => strategy({ items, size: 512 }).length);
    expect(answers[0]).toBe(0);
    expect(answers.filter((length) => length === 1)).toHaveLength(2);
  });

  it("takes streams before prompts, and little of a prompt while others write", () => {
    const items = [item(2_000, 1), item(1, 2)];
    expect(amounts(strategyFor(1)({ items, size: 512 }))).toEqual([
      [1, 128],
      [2, 1],
    ]);
  });

  it("gives prompts the whole batch when nobody writes, in fair shares", () => {
    const items = [item(40, 1), item(2_000, 2), item(2_000, 3)];
    expect(amounts(strategyFor(0)({ items, size: 512 }))).toEqual([
      [1, 40],
      [2, 236],
      [3, 236],
    ]);
  });

  it("leaves out what has no place in the batch", () => {
    const items = [item(1, 1), item(1, 2), item(90, 3)];
    expect(amounts(strategyFor(2)({ items, size: 2 }))).toEqual([
      [1, 1],
      [2, 1],
    ]);
  });
});
