import { toLocalTime, toTwoDigits } from "./local-time.ts";

/** What stands in the place of the macros of time that authors write, by the names of these. */
export interface TimeWords {
  readonly date: string;
  readonly time: string;
  readonly weekday: string;
  readonly isodate: string;
  readonly isotime: string;
}

const MACRO = /\{\{\s*([a-z]+)\s*\}\}/gi;

/** As other programs for character cards write them. */
export function toTimeWords(date: Date, zone: string): TimeWords {
  const { day, hour, minute, month, monthName, weekday, year } = toLocalTime(date, zone);
  const minutes = toTwoDigits(minute);
  return {
    date: `${monthName} ${day}, ${year}`,
    time: `${hour % 12 === 0 ? 12 : hour % 12}:${minutes} ${hour < 12 ? "AM" : "PM"}`,
    weekday,
    isodate: `${String(year).padStart(4, "0")}-${toTwoDigits(month)}-${toTwoDigits(day)}`,
    isotime: `${toTwoDigits(hour)}:${minutes}`,
  };
}

/** Puts the time in the place of `{{date}}` and its like; without words they stay as they are. */
export function expandTime(text: string, words: TimeWords | undefined): string {
  if (words === undefined) return text;
  const texts: ReadonlyMap<string, string> = new Map(Object.entries(words));
  return text.replaceAll(
    MACRO,
    (written: string, name: string) => texts.get(name.toLowerCase()) ?? written,
  );
}
