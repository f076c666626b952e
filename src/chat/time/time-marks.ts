import { describeDay, describeMoment, toLocalTime } from "./local-time.ts";
import type { LocalTime } from "./local-time.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A shorter silence is part of a conversation. */
const SHORTEST_GAP_MS = 2 * HOUR_MS;

const MOST_DAYS = 60;
const MOST_MONTHS = 24;
const DAYS_OF_MONTH = 30.44;
const DAYS_OF_YEAR = 365.25;

export interface TimedTurn {
  readonly role: "user" | "assistant";
  readonly saidAt: Date;
}

/**
 * What tells the time before each turn, undefined where nothing does: the day before the first one;
 * the moment before what a person says hours after the turns so far, or on another day. It depends
 * on the times of two turns alone, so that it stays when others come. Familiar's own turns have none:
 * when a reply was written says little, and the model would learn to write marks.
 */
export function toTimeMarks(turns: readonly TimedTurn[], zone: string): (string | undefined)[] {
  let before: Date | undefined;
  return turns.map(({ role, saidAt }, index) => {
    const since = before;
    if (role === "user" || index === 0) before = latest(before, saidAt);
    if (since === undefined) return `[${describeDay(toLocalTime(saidAt, zone))}]`;
    return role === "user" ? toGapMark(since, saidAt, zone) : undefined;
  });
}

/** What was said before may be stored later. */
function latest(one: Date | undefined, other: Date): Date {
  return one !== undefined && one > other ? one : other;
}

function toGapMark(since: Date, saidAt: Date, zone: string): string | undefined {
  const passedMs = saidAt.getTime() - since.getTime();
  if (passedMs <= 0) return undefined;
  const [from, to] = [toLocalTime(since, zone), toLocalTime(saidAt, zone)];
  if (passedMs >= SHORTEST_GAP_MS) {
    return `[${describePassed(passedMs, from, to)} later: ${describeMoment(to)}]`;
  }
  return to.dayNumber > from.dayNumber ? `[${describeMoment(to)}]` : undefined;
}

/** Days as a calendar counts them: from a Friday to a Monday it is three. */
function describePassed(passedMs: number, from: LocalTime, to: LocalTime): string {
  if (passedMs < DAY_MS) return toAmount(Math.floor(passedMs / HOUR_MS), "hour");
  const days = Math.max(1, to.dayNumber - from.dayNumber);
  if (days < MOST_DAYS) return toAmount(days, "day");
  const months = Math.round(days / DAYS_OF_MONTH);
  if (months < MOST_MONTHS) return toAmount(months, "month");
  return toAmount(Math.round(days / DAYS_OF_YEAR), "year");
}

function toAmount(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
