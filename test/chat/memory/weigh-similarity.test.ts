import { describe, expect, it } from "vitest";
import { weighSimilarity } from "../../../src/chat/memory/weigh-similarity.ts";

function nearest(...similarities: readonly number[]) {
  const turns = similarities.map((similarity, position) => ({ position, stretch: 0, similarity }));
  return { turns, compared: 100, mean: 0.5, deviation: 0.1 };
}

describe("how far a turn stands out in what it means", () => {
  it("counts from two deviations above the mean to six", () => {
    const like = weighSimilarity(nearest(1.3, 1.1, 0.9, 0.71, 0.69, 0.2));
    const likeness = Array.from(like, ([position, turn]) => [position, turn.likeness]);
    expect(likeness).toEqual([
      [0, 1],
      [1, 1],
      [2, expect.closeTo(0.5)],
      [3, expect.closeTo(0.025)],
    ]);
  });

  it("is the same whatever a model's similarities are about", () => {
    const { turns, ...background } = nearest(0.9);
    const squeezed = turns.map(({ position, similarity, stretch }) => ({
      position,
      stretch,
      similarity: 0.8 + similarity / 10,
    }));
    const other = { ...background, turns: squeezed, mean: 0.85, deviation: 0.01 };
    expect(weighSimilarity(other).get(0)?.likeness).toBeCloseTo(0.5);
  });

  it("is not known among few turns, and where nothing was compared", () => {
    expect(weighSimilarity({ ...nearest(1), compared: 9 }).size).toBe(0);
    expect(weighSimilarity(undefined).size).toBe(0);
  });

  it("is nothing where all turns are the same", () => {
    expect(weighSimilarity({ ...nearest(0.5, 0.5), deviation: 0 }).size).toBe(0);
  });
});
