const MONTHS: readonly string[] = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

/** "8 May", "8th of May", "May 8"; march and may in small letters are verbs. */
const MONTH = new RegExp(
  String.raw`(?<before>\b\d{1,2}(?:st|nd|rd|th)?\s+(?:of\s+)?)?\b(?<month>${MONTHS.map(toPattern).join("|")})\b(?<after>\s+\d{1,2}(?!\d))?`,
  "g",
);

const YEAR = /\b(?:19|20)\d{2}\b/g;
const ISO_DATE = /\b(?<year>(?:19|20)\d{2})-(?<month>0[1-9]|1[0-2])(?:-(?<day>[0-3]\d))?\b/g;

export interface AskedDates {
  /** From 1 to 12. */
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
}

/** The months, years and days that a question names in numbers or in English. */
export function parseAskedDates(text: string): AskedDates {
  const months = new Set<number>();
  const days = new Set<number>();
  for (const { groups = {} } of text.matchAll(MONTH)) {
    months.add(MONTHS.indexOf((groups["month"] ?? "").toLowerCase()) + 1);
    addNumber(days, groups["before"] ?? groups["after"]);
  }
  for (const { groups = {} } of text.matchAll(ISO_DATE)) {
    addNumber(months, groups["month"]);
    addNumber(days, groups["day"]);
  }
  const years = Array.from(text.matchAll(YEAR), ([year]) => Number(year));
  return { months, years: new Set(years), days };
}

/** How well a moment fits: 0 not at all, or where no date is asked for; 2 where the day fits too. */
export function fitOf({ days, months, years }: AskedDates, moment: Date): number {
  if (months.size === 0 && years.size === 0) return 0;
  if (months.size > 0 && !months.has(moment.getUTCMonth() + 1)) return 0;
  if (years.size > 0 && !years.has(moment.getUTCFullYear())) return 0;
  return days.has(moment.getUTCDate()) ? 2 : 1;
}

function toPattern(month: string): string {
  const initial = month.slice(0, 1).toUpperCase();
  const isVerb = month === "march" || month === "may";
  return (isVerb ? initial : `[${initial}${initial.toLowerCase()}]`) + month.slice(1);
}

function addNumber(numbers: Set<number>, text: string | undefined): void {
  const number = Number.parseInt(text?.trim() ?? "", 10);
  if (number >= 1 && number <= 31) numbers.add(number);
}
