import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countCommonTokens,
  findDroppedTokens,
} from "../../../src/inference/llama/common-tokens.ts";

const numbers = (length: number, from: number): number[] =>
  Array.from({ length }, (_, index) => from + index);

describe("countCommonTokens", () => {
  it("counts up to the first difference or the shorter end", () => {
    expect(countCommonTokens([1, 2, 3], [1, 2, 4])).toBe(2);
    expect(countCommonTokens([1, 2], [1, 2, 3])).toBe(2);
    expect(countCommonTokens([], [1])).toBe(0);
  });
});

describe("findDroppedTokens", () => {
  const system = numbers(10, 1);
  const dropped = numbers(50, 100);
  const kept = numbers(80, 1_000);

  it("finds what left between the system prompt and the turns that stayed", () => {
    const fresh = [...system, ...kept, 7_000, 7_001];
    expect(findDroppedTokens([...system, ...dropped, ...kept], fresh)).toEqual({
      start: 10,
      end: 60,
      movedTokens: 80,
    });
  });

  it("leaves out an end that is no longer the same", () => {
    const old = [...system, ...dropped, ...kept, 5, 6];
    const found = findDroppedTokens(old, [...system, ...kept, 8]);
    expect(found).toMatchObject({ start: 10, end: 60, movedTokens: 80 });
  });

  it("finds nothing where nothing left, or too little stays", () => {
    expect(findDroppedTokens([...system, ...kept], [...system, ...kept, 9])).toBeUndefined();
    expect(
      findDroppedTokens([...system, ...dropped, ...kept.slice(0, 20)], [...system, ...kept]),
    ).toBeUndefined();
  });

  it("names a stretch without which the two begin alike", () => {
    const tokens = (most: number) => fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: most });
    fc.assert(
      fc.property(tokens(20), tokens(60), tokens(120), (beginning, gone, stays) => {
        const old = [...beginning, ...gone, ...stays];
        const fresh = [...beginning, ...stays];
        const found = findDroppedTokens(old, fresh);
        if (found === undefined) return;
        const moved = old.slice(found.end, found.end + found.movedTokens);
        const joined = [...old.slice(0, found.start), ...moved];
        expect(fresh.slice(0, joined.length)).toEqual(joined);
      }),
    );
  });
});
