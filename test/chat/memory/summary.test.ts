import { array, assert, integer, property } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  chooseMerge,
  MOST_PARTS,
  SUMMARY_SHARE,
  toPartTokens,
} from "../../../src/chat/memory/summary.ts";

const levels = (...given: readonly number[]) => given.map((level, name) => ({ level, name }));
const namesOf = (
  parts: ReturnType<typeof levels> | readonly { readonly name: number }[] | undefined,
) => parts?.map(({ name }) => name);

describe("a running summary", () => {
  it("stays as it is while it has few parts", () => {
    expect(chooseMerge(levels(0, 0, 0, 0))).toBeUndefined();
  });

  it("has its lowest parts merged, and of these the oldest", () => {
    expect(namesOf(chooseMerge(levels(0, 0, 0, 0, 0)))).toEqual([0, 1, 2]);
    expect(namesOf(chooseMerge(levels(2, 1, 0, 0, 0)))).toEqual([2, 3, 4]);
    expect(namesOf(chooseMerge(levels(1, 1, 1, 0, 0)))).toEqual([0, 1, 2]);
    expect(namesOf(chooseMerge(levels(2, 1, 1, 0, 0)))).toEqual([1, 2, 3]);
  });

  it("gets short enough by merging, whatever it is made of", () => {
    assert(
      property(array(integer({ min: 0, max: 5 }), { maxLength: 60 }), (given) => {
        let parts = given.map((level) => ({ level }));
        for (let merged = chooseMerge(parts); merged !== undefined; merged = chooseMerge(parts)) {
          const start = parts.indexOf(merged[0] ?? { level: -1 });
          expect(parts.slice(start, start + merged.length)).toEqual(merged);
          const level = Math.max(...merged.map((part) => part.level)) + 1;
          parts = parts.toSpliced(start, merged.length, { level });
        }
        expect(parts.length).toBeLessThanOrEqual(MOST_PARTS);
      }),
    );
  });

  it("sends no stretch of a long history through more than a few summaries", () => {
    let parts: { level: number }[] = [];
    for (let stretch = 0; stretch < 1_000; stretch += 1) {
      parts.push({ level: 0 });
      const merged = chooseMerge(parts);
      if (merged === undefined) continue;
      const start = parts.indexOf(merged[0] ?? { level: -1 });
      const level = Math.max(...merged.map((part) => part.level)) + 1;
      parts = parts.toSpliced(start, merged.length, { level });
    }
    expect(Math.max(...parts.map(({ level }) => level))).toBeLessThan(16);
  });

  it("fits into its share of a context with all its parts", () => {
    assert(
      property(integer({ min: 256, max: 1_048_576 }), (contextTokens) => {
        const most = contextTokens * SUMMARY_SHARE;
        expect(toPartTokens(contextTokens) * MOST_PARTS).toBeLessThanOrEqual(most);
      }),
    );
  });
});
