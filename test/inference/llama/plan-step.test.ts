import fc from "fast-check";
import { expect, it } from "vitest";
import { planStep } from "../../../src/inference/llama/plan-step.ts";

const SETTINGS = { batchTokens: 512, promptTokensPerStep: 128 };
const sum = (numbers: readonly number[]): number => numbers.reduce((all, each) => all + each, 0);

it("takes little of a prompt while others write", () => {
  expect(planStep([0, 2_000, 0], SETTINGS)).toEqual([0, 128, 0]);
});

it("gives prompts the whole batch when nobody writes, in fair shares", () => {
  expect(planStep([40, 2_000, 2_000], SETTINGS)).toEqual([40, 236, 236]);
});

it("lets a short prompt through beside a long one", () => {
  expect(planStep([2_000, 30, 0], SETTINGS)).toEqual([98, 30, 0]);
});

it("never exceeds the batch or the budget, and always goes on", () => {
  const unread = fc.array(fc.oneof(fc.constant(0), fc.nat(4_000)), { minLength: 1, maxLength: 16 });
  fc.assert(
    fc.property(unread, fc.integer({ min: 1, max: 600 }), (waiting, promptTokensPerStep) => {
      const shares = planStep(waiting, { batchTokens: 512, promptTokensPerStep });
      const writers = waiting.filter((tokens) => tokens === 0).length;
      const room = 512 - writers;
      const budget = writers > 0 ? Math.min(room, promptTokensPerStep) : room;
      expect(sum(shares)).toBeLessThanOrEqual(budget);
      for (const [index, share] of shares.entries())
        expect(share).toBeLessThanOrEqual(waiting[index] ?? 0);
      expect(sum(shares) > 0).toBe(writers < waiting.length);
    }),
  );
});
