const UNITS = ["bytes", "kB", "MB", "GB"] as const;
const STEP = 1_000;

/** "512 bytes", "3.5 MB", "4.4 GB": decimal units, as file managers and model pages give sizes. */
export function formatBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= STEP && unit < UNITS.length - 1) {
    value /= STEP;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ""}`;
}
