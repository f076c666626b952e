import { assert, integer, property, uniqueArray } from "fast-check";
import { expect, test } from "vitest";
import { createBlankMessage } from "../../src/playground/world/message-record.ts";
import { MessageLog } from "../../src/playground/world/message-log.ts";
import { compareIds, Snowflakes, toTimestampMs } from "../../src/playground/world/snowflake.ts";
import { World } from "../../src/playground/world/world.ts";

const ids = uniqueArray(integer({ min: 1, max: 5000 }), { maxLength: 60 });

function fill(numbers: readonly number[]): MessageLog {
  const world = new World(() => 0);
  const log = new MessageLog();
  const channel = { id: "9" };
  for (const number of numbers)
    log.put({ ...createBlankMessage(world, channel, "1"), id: String(number) });
  return log;
}

test("pages are what a plain filter over the sorted messages gives, whatever the order of arrival", () => {
  assert(
    property(
      ids,
      integer({ min: 0, max: 5001 }),
      integer({ min: 1, max: 100 }),
      (all, at, limit) => {
        const log = fill(all);
        const sorted = all.toSorted((left, right) => left - right);
        const page = (request: object): number[] =>
          log.page("9", { limit, ...request }).map((message) => Number(message.id));
        const older = sorted.filter((id) => id < at);
        const newer = sorted.filter((id) => id > at);
        expect(page({ before: String(at) })).toEqual(older.slice(-limit).toReversed());
        expect(page({ after: String(at) })).toEqual(newer.slice(0, limit).toReversed());
        expect(page({})).toEqual(sorted.slice(-limit).toReversed());
      },
    ),
  );
});

test("a removed message is found no more, and the others still are", () => {
  assert(
    property(ids, (all) => {
      const log = fill(all);
      const [first, ...rest] = all;
      expect(log.remove("9", String(first))).toBe(first !== undefined);
      expect(log.find("9", String(first))).toBeUndefined();
      for (const id of rest) expect(log.find("9", String(id))?.id).toBe(String(id));
    }),
  );
});

test("ids grow even when the clock stands still or goes back, and tell their time", () => {
  let now = Date.UTC(2026, 0, 1);
  const snowflakes = new Snowflakes(() => now);
  const first = snowflakes.next();
  const second = snowflakes.next();
  now -= 60_000;
  const third = snowflakes.next();
  expect(compareIds(first, second)).toBeLessThan(0);
  expect(compareIds(second, third)).toBeLessThan(0);
  expect(toTimestampMs(first)).toBe(Date.UTC(2026, 0, 1));
});
