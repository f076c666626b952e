const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** What clocks and calendars in a time zone show. */
export interface LocalTime {
  readonly year: number;
  /** From 1 on. */
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly weekday: string;
  readonly monthName: string;
  /** Counts the days: the next one has the next number. */
  readonly dayNumber: number;
}

/** Making one takes far longer than using it. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** `zone` must be one that exists. */
export function toLocalTime(date: Date, zone: string): LocalTime {
  const parts = formatOf(zone).formatToParts(date);
  const valueOf = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((part) => part.type === type)?.value ?? "";
  const [year, month, day] = [
    valueOf("year"),
    MONTHS.indexOf(valueOf("month")) + 1,
    valueOf("day"),
  ];
  return {
    year: Number(year),
    month,
    day: Number(day),
    hour: Number(valueOf("hour")),
    minute: Number(valueOf("minute")),
    weekday: valueOf("weekday"),
    monthName: valueOf("month"),
    dayNumber: Date.UTC(Number(year), month - 1, Number(day)) / DAY_MS,
  };
}

const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "long",
    day: "numeric",
    weekday: "long",
    hour: "2-digit",
    minute: "2-digit",
  });
  formats.set(zone, format);
  return format;
}

// Put together by hand: what a format for all of it gives changes with the version of its data.

/** `Monday, 23 November 2026` */
export function describeDay({ day, monthName, weekday, year }: LocalTime): string {
  return `${weekday}, ${day} ${monthName} ${year}`;
}

/** `Monday, 23 November 2026, 14:05` */
export function describeMoment(time: LocalTime): string {
  return `${describeDay(time)}, ${toTwoDigits(time.hour)}:${toTwoDigits(time.minute)}`;
}

export function toTwoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** The beginning of the hour, as clocks there show it. */
export function toHour(date: Date, zone: string): Date {
  const { minute } = toLocalTime(date, zone);
  const time = date.getTime();
  return new Date(time - minute * MINUTE_MS - (((time % MINUTE_MS) + MINUTE_MS) % MINUTE_MS));
}
