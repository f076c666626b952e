import { array, assert, integer, property } from "fast-check";
import { expect, it } from "vitest";
import { toRuns } from "../../../src/store/recall/position-runs.ts";

const positions = array(integer({ min: -50, max: 200 }));

it("puts neighbours into one run, and what is far apart into several", () => {
  expect(toRuns([])).toEqual([]);
  expect(toRuns([7, 5, 6, 6, 40, -3])).toEqual([
    { first: -3, last: -3 },
    { first: 5, last: 7 },
    { first: 40, last: 40 },
  ]);
});

it("reads over a few turns rather than look twice", () => {
  expect(toRuns([1, 5])).toEqual([{ first: 1, last: 5 }]);
  expect(toRuns([1, 6])).toHaveLength(2);
});

it("holds every position once, and few that nobody asked for", () => {
  assert(
    property(positions, (asked) => {
      const held = toRuns(asked).flatMap(({ first, last }) =>
        Array.from({ length: last - first + 1 }, (_, index) => first + index),
      );
      const distinct = new Set(asked);
      expect(new Set(held).size).toBe(held.length);
      expect([...distinct].every((position) => held.includes(position))).toBe(true);
      expect(held.length).toBeLessThanOrEqual(distinct.size * 4);
    }),
  );
});
