const discordEpochMs = 1_420_070_400_000n;

/** Ids as Discord makes them: the time in the upper bits, so that sorting by id is sorting by time. */
export class Snowflakes {
  #last = 0n;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  next(): string {
    const fromClock = (BigInt(this.#now()) - discordEpochMs) << 22n;
    this.#last = fromClock > this.#last ? fromClock : this.#last + 1n;
    return this.#last.toString();
  }

  /** Makes every later id greater than `id`, even when the clock was set back meanwhile. */
  exceed(id: string): void {
    const value = BigInt(id);
    if (value > this.#last) this.#last = value;
  }
}

export function toTimestampMs(id: string): number {
  return Number((BigInt(id) >> 22n) + discordEpochMs);
}

export function toIsoTime(timeMs: number): string {
  return new Date(timeMs).toISOString().replace("Z", "000+00:00");
}

export function isSnowflake(text: string): boolean {
  return /^\d{1,20}$/.test(text);
}

/** Negative when `left` is older. Works on the text: decimal digits of equal length sort as numbers. */
export function compareIds(left: string, right: string): number {
  if (left.length !== right.length) return left.length - right.length;
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
