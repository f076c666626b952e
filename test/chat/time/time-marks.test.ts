import { array, assert, constantFrom, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { toTimeMarks } from "../../../src/chat/time/time-marks.ts";
import type { TimedTurn } from "../../../src/chat/time/time-marks.ts";

const MINUTE_MS = 60_000;

function said(...moments: readonly string[]): TimedTurn[] {
  return moments.map((moment) => ({ role: "user", saidAt: new Date(moment) }));
}

function replied(moment: string): TimedTurn {
  return { role: "assistant", saidAt: new Date(moment) };
}

describe("what tells the time", () => {
  it("is the day before the first turn, and nothing while people talk", () => {
    const turns = [
      ...said("2026-11-23T14:05:00Z"),
      replied("2026-11-23T14:05:10Z"),
      ...said("2026-11-23T16:04:59Z"),
    ];
    expect(toTimeMarks(turns, "UTC")).toEqual(["[Monday, 23 November 2026]", undefined, undefined]);
  });

  it.each([
    ["2026-11-23T16:05:00Z", "[2 hours later: Monday, 23 November 2026, 16:05]"],
    ["2026-11-24T09:00:00Z", "[18 hours later: Tuesday, 24 November 2026, 09:00]"],
    ["2026-11-24T14:05:00Z", "[1 day later: Tuesday, 24 November 2026, 14:05]"],
    ["2026-11-26T09:00:00Z", "[3 days later: Thursday, 26 November 2026, 09:00]"],
    ["2027-01-22T09:00:00Z", "[2 months later: Friday, 22 January 2027, 09:00]"],
    ["2030-11-23T14:05:00Z", "[4 years later: Saturday, 23 November 2030, 14:05]"],
  ])("is how long ago the turn before was, and when: %s", (moment, mark) => {
    expect(toTimeMarks(said("2026-11-23T14:05:00Z", moment), "UTC")[1]).toBe(mark);
  });

  it("is the moment at which another day has begun where they are", () => {
    const turns = said("2026-11-23T22:50:00Z", "2026-11-23T23:10:00Z");
    expect(toTimeMarks(turns, "UTC")[1]).toBeUndefined();
    expect(toTimeMarks(turns, "Europe/Berlin")[1]).toBe("[Tuesday, 24 November 2026, 00:10]");
  });

  it.each([
    ["2026-03-29T00:30:00Z", "2026-03-29T01:30:00Z", undefined],
    ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z", undefined],
    [
      "2026-03-28T23:30:00Z",
      "2026-03-29T01:40:00Z",
      "[2 hours later: Sunday, 29 March 2026, 03:40]",
    ],
    [
      "2026-10-24T21:30:00Z",
      "2026-10-25T22:30:00Z",
      "[1 day later: Sunday, 25 October 2026, 23:30]",
    ],
  ])("counts what really passed when clocks change: %s, %s", (one, other, mark) => {
    expect(toTimeMarks(said(one, other), "Europe/Berlin")[1]).toBe(mark);
  });

  it("never stands before a reply, and counts from what people said", () => {
    const turns = [
      ...said("2026-11-23T14:05:00Z"),
      replied("2026-11-26T09:00:00Z"),
      ...said("2026-11-26T09:05:00Z"),
    ];
    expect(toTimeMarks(turns, "UTC").slice(1)).toEqual([
      undefined,
      "[3 days later: Thursday, 26 November 2026, 09:05]",
    ]);
  });

  it("counts from a greeting where nobody has spoken yet", () => {
    const turns = [replied("2026-11-23T14:05:00Z"), ...said("2026-11-25T14:05:00Z")];
    expect(toTimeMarks(turns, "UTC")).toEqual([
      "[Monday, 23 November 2026]",
      "[2 days later: Wednesday, 25 November 2026, 14:05]",
    ]);
  });

  it("takes no notice of what was said before and came late", () => {
    const turns = said("2026-11-23T14:05:00Z", "2026-11-20T10:00:00Z", "2026-11-23T14:06:00Z");
    expect(toTimeMarks(turns, "UTC").slice(1)).toEqual([undefined, undefined]);
  });
});

const zones = constantFrom("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata");
const steps = record({
  role: constantFrom("user" as const, "assistant" as const),
  minutes: integer({ min: 0, max: 4_000 }),
});
const histories = array(steps, { minLength: 2, maxLength: 30 }).map((all) => {
  let time = Date.UTC(2026, 9, 20);
  return all.map(({ minutes, role }): TimedTurn => {
    time += minutes * MINUTE_MS;
    return { role, saidAt: new Date(time) };
  });
});

it("stays when more is said", () => {
  assert(
    property(histories, zones, integer({ min: 1, max: 30 }), (turns, zone, length) => {
      const earlier = toTimeMarks(turns.slice(0, length), zone);
      expect(toTimeMarks(turns, zone).slice(0, length)).toEqual(earlier);
    }),
  );
});

it("stays when the oldest turns leave, but for what is first then", () => {
  assert(
    property(histories, zones, integer({ min: 1, max: 29 }), (turns, zone, trimmed) => {
      // A history that was trimmed begins with a person.
      const start = turns.findIndex(({ role }, index) => index >= trimmed && role === "user");
      if (start === -1) return;
      const [first, ...rest] = toTimeMarks(turns.slice(start), zone);
      expect(rest).toEqual(toTimeMarks(turns, zone).slice(start + 1));
      expect(first).toMatch(/^\[[A-Z][a-z]+day, \d+ [A-Z][a-z]+ \d{4}\]$/);
    }),
  );
});
