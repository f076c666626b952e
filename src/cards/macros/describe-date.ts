import type { MacroContext } from "./macro-context.ts";

/** Undefined: no macro of this name, or no date to tell. */
export function describeDate(
  name: string,
  { date, timeZone }: Pick<MacroContext, "date" | "timeZone">,
): string | undefined {
  const format = toFormat(name);
  if (date === undefined || format === undefined) return undefined;
  const { locale, ...options } = format;
  const zone = timeZone === undefined ? {} : { timeZone };
  const text = new Intl.DateTimeFormat(locale, { ...options, ...zone }).format(date);
  // Newer data of the language put a narrow space before AM and PM.
  return text.replaceAll("\u202F", " ");
}

interface DateFormat extends Intl.DateTimeFormatOptions {
  readonly locale: string;
}

function toFormat(name: string): DateFormat | undefined {
  switch (name) {
    case "date":
      return { locale: "en-US", dateStyle: "long" };
    case "time":
      return { locale: "en-US", timeStyle: "short" };
    case "weekday":
      return { locale: "en-US", weekday: "long" };
    case "isodate":
      // Sweden writes dates as the standard does.
      return { locale: "sv-SE", dateStyle: "short" };
    case "isotime":
      return { locale: "sv-SE", timeStyle: "short" };
    default:
      return undefined;
  }
}
