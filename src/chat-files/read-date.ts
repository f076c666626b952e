/** What has no time zone was written in one that the file does not tell: it is read as UTC. */
export function readDate(value: unknown): Date | undefined {
  if (typeof value === "number") return fromNumber(value);
  if (typeof value !== "string" || value.length > MAX_LENGTH) return undefined;
  const text = value.trim();
  if (/^\d+$/.test(text)) return fromNumber(Number(text));
  return fromIso(text) ?? fromHumanized(text) ?? fromWords(text);
}

const MAX_LENGTH = 64;

/** The end of the year 9999. */
const LAST_MS = 253_402_300_799_999;

/** Below that, a number counts seconds. */
const FIRST_MS = 100_000_000_000;

const ISO = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)(Z|[+-]\d{2}:?\d{2})?$/i;

/** "2023-7-10@14h32m15s123ms", with or without spaces, and the milliseconds. */
const HUMANIZED =
  /^(\d{4})-(\d{1,2})-(\d{1,2}) ?@ ?(\d{1,2})h ?(\d{1,2})m(?: ?(\d{1,2})s)?(?: ?(\d{1,3})ms)?$/;

/** "July 10, 2023 2:32pm" */
const WORDS =
  /^([a-z]{3,9})\.? (\d{1,2}),? (\d{4}),? (\d{1,2}):(\d{2})(?::(\d{2}))? ?([ap])\.?m\.?$/i;

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

function fromNumber(value: number): Date | undefined {
  return toDate(value < FIRST_MS ? value * 1_000 : value);
}

function fromIso(text: string): Date | undefined {
  const [, day, time, zone = "Z"] = ISO.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const withColon = zone.replace(/^([+-]\d{2})(\d{2})$/, "$1:$2");
  return toDate(Date.parse(`${day}T${time}${withColon.toUpperCase()}`));
}

function fromHumanized(text: string): Date | undefined {
  const match = HUMANIZED.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hours, minutes, seconds, ms] = match
    .slice(1)
    .map((part) => Number(part ?? 0));
  return toDate(utc([year, Number(month) - 1, day, hours, minutes, seconds, ms]));
}

function fromWords(text: string): Date | undefined {
  const match = WORDS.exec(text);
  if (match === null) return undefined;
  const [, name = "", day, year, hours, minutes, seconds, half = ""] = match;
  const month = MONTHS.indexOf(name.slice(0, 3).toLowerCase());
  if (month === -1) return undefined;
  const hour = (Number(hours) % 12) + (half.toLowerCase() === "p" ? 12 : 0);
  return toDate(utc([year, month, day, hour, minutes, seconds].map((part) => Number(part ?? 0))));
}

function utc(parts: readonly (number | undefined)[]): number {
  const [year = 0, month = 0, day = 1, hours = 0, minutes = 0, seconds = 0, ms = 0] = parts;
  return Date.UTC(year, month, day, hours, minutes, seconds, ms);
}

function toDate(ms: number): Date | undefined {
  return ms >= 0 && ms <= LAST_MS ? new Date(Math.trunc(ms)) : undefined;
}
