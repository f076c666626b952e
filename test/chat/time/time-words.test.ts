import { assert, date as dates, property, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { toHour, toLocalTime } from "../../../src/chat/time/local-time.ts";
import { expandTime, toTimeWords } from "../../../src/chat/time/time-words.ts";

const ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Apia"];
const ALL = "{{date}}, {{time}}, {{weekday}}, {{isodate}}, {{isotime}}";

describe("macros of time", () => {
  it.each([
    ["2026-11-23T14:05:00Z", "UTC", "November 23, 2026, 2:05 PM, Monday, 2026-11-23, 14:05"],
    [
      "2026-11-23T23:30:00Z",
      "Europe/Berlin",
      "November 24, 2026, 12:30 AM, Tuesday, 2026-11-24, 00:30",
    ],
    [
      "2026-07-01T16:00:00Z",
      "America/New_York",
      "July 1, 2026, 12:00 PM, Wednesday, 2026-07-01, 12:00",
    ],
  ])("tell %s in %s", (moment, zone, told) => {
    expect(expandTime(ALL, toTimeWords(new Date(moment), zone))).toBe(told);
  });

  it("are read in any case and with spaces, and all else stays", () => {
    const words = toTimeWords(new Date("2026-11-23T14:05:00Z"), "UTC");
    expect(expandTime("{{ Weekday }} {{DATE}} {{char}} {{constructor}} {{date", words)).toBe(
      "Monday November 23, 2026 {{char}} {{constructor}} {{date",
    );
    expect(expandTime(ALL, undefined)).toBe(ALL);
  });

  it("are the only things in a text that change", () => {
    const words = toTimeWords(new Date(0), "UTC");
    assert(
      property(string(), (text) => {
        expect(expandTime(text.replaceAll("{{", ""), words)).toBe(text.replaceAll("{{", ""));
      }),
    );
  });

  it("hold for an hour when the hour is told, whatever the zone", () => {
    const moments = dates({
      min: new Date("1990-01-01T00:00:00Z"),
      max: new Date("2090-01-01T00:00:00Z"),
      noInvalidDate: true,
    });
    assert(
      property(moments, (moment) => {
        for (const zone of ZONES) {
          const hour = toHour(moment, zone);
          expect(toLocalTime(hour, zone)).toMatchObject({
            hour: toLocalTime(moment, zone).hour,
            minute: 0,
          });
          expect(moment.getTime() - hour.getTime()).toBeLessThan(3_600_000);
          expect(toHour(hour, zone)).toEqual(hour);
        }
      }),
    );
  });
});
