import { expect, it } from "vitest";
import { ownTimeZone, toTimeZone } from "../../../src/chat/time/time-zone.ts";

it.each([
  ["Europe/Berlin", "Europe/Berlin"],
  ["europe/berlin", "Europe/Berlin"],
  [" UTC ", "UTC"],
  ["Berlin", "Europe/Berlin"],
  ["new york", "America/New_York"],
  ["argentina/ushuaia", undefined],
  ["Ushuaia", "America/Argentina/Ushuaia"],
  ["Mars/Olympus_Mons", undefined],
  ["+02:00", undefined],
  ["", undefined],
  ["\0", undefined],
])("reads %j as %s", (text, zone) => {
  expect(toTimeZone(text)).toBe(zone);
});

it("reads every zone's own name as a zone with the same time", () => {
  const now = Date.UTC(2026, 10, 23);
  const show = (zone: string | undefined): string =>
    new Intl.DateTimeFormat("en", { timeZone: zone, timeStyle: "long" }).format(now);
  for (const zone of Intl.supportedValuesOf("timeZone")) {
    expect(show(toTimeZone(zone.toLowerCase()))).toBe(show(zone));
  }
});

it("always has one for the machine", () => {
  expect(toTimeZone(ownTimeZone())).toBe(ownTimeZone());
});
