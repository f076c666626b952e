/** @type {Record<string, Intl.DateTimeFormatOptions>} */
const styles = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};

/** @type {[Intl.RelativeTimeFormatUnit, number][]} */
const units = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

/**
 * @param {Date} date
 * @param {string} style https://docs.discord.com/developers/reference#message-formatting-timestamp-styles
 */
export function formatTimestamp(date, style) {
  if (style !== "R") return date.toLocaleString(undefined, styles[style] ?? styles["f"]);
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const [unit, length] = units.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return new Intl.RelativeTimeFormat(undefined, { numeric: "auto" }).format(
    Math.trunc(seconds / length),
    unit,
  );
}

/** @param {Date} date The time of day, with the day where it is not today. */
export function formatMessageTime(date) {
  const isToday = date.toDateString() === new Date().toDateString();
  return date.toLocaleString(
    undefined,
    isToday ? styles["t"] : { dateStyle: "medium", timeStyle: "short" },
  );
}
