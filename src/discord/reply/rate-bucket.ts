/** How soon a request should go, and what it may use up. */
export type Urgency =
  /** One of many: spread evenly over the bucket's window, leaving one request in reserve. */
  | "draft"
  /** At once, but never the reserve. */
  | "next"
  /** At once, the reserve included. */
  | "final";

/** What a response says about its bucket; undefined where it says nothing. */
export interface BucketReport {
  readonly limit: number | undefined;
  readonly remaining: number | undefined;
  readonly resetAfterMs: number | undefined;
  /** Set when the request was refused. */
  readonly retryAfterMs: number | undefined;
}

/** What has been seen of Discord's messages; holds until a response says otherwise. */
const ASSUMED_LIMIT = 5;
const ASSUMED_WINDOW_MS = 5000;
/** For clocks that disagree about when a window ends. */
const MARGIN_MS = 100;
/** People see no more than this, however much a server allows. */
const SHORTEST_DRAFT_INTERVAL_MS = 200;
const SMALLEST_LIMIT_WITH_RESERVE = 3;

/**
 * One of Discord's rate limits, as far as its responses show it. Requests go one at a time, so that
 * each is decided on the newest answer.
 *
 * @see https://docs.discord.com/developers/topics/rate-limits
 */
export class RateBucket {
  #limit = ASSUMED_LIMIT;
  #remaining = ASSUMED_LIMIT;
  #windowMs = ASSUMED_WINDOW_MS;
  #resetAt = Number.NEGATIVE_INFINITY;
  #lastTakenAt = Number.NEGATIVE_INFINITY;
  #isBusy = false;

  /** When a request may go; infinity while one is under way. */
  dueAt(urgency: Urgency, now: number): number {
    if (this.#isBusy) return Number.POSITIVE_INFINITY;
    const pausedUntil = urgency === "draft" ? this.#lastTakenAt + SHORTEST_DRAFT_INTERVAL_MS : now;
    if (now >= this.#resetAt) return pausedUntil;
    const usable = this.#remaining - (urgency === "final" ? 0 : this.#reserve);
    if (usable <= 0) return this.#resetAt;
    return urgency === "draft" ? Math.max(pausedUntil, this.#spread(usable)) : now;
  }

  take(now: number): void {
    if (now >= this.#resetAt) {
      this.#remaining = this.#limit;
      this.#resetAt = now + this.#windowMs + MARGIN_MS;
    }
    this.#remaining -= 1;
    this.#lastTakenAt = now;
    this.#isBusy = true;
  }

  release(): void {
    this.#isBusy = false;
  }

  report(report: BucketReport, now: number): void {
    const { limit, remaining, resetAfterMs, retryAfterMs } = report;
    if (limit !== undefined) this.#limit = Math.max(1, limit);
    if (remaining !== undefined) this.#remaining = remaining;
    if (resetAfterMs !== undefined) {
      this.#resetAt = now + resetAfterMs + MARGIN_MS;
      if (remaining === this.#limit - 1) this.#windowMs = resetAfterMs;
    }
    if (retryAfterMs !== undefined) {
      this.#remaining = 0;
      this.#resetAt = now + retryAfterMs + MARGIN_MS;
    }
  }

  /** Nothing is known of it that a new one would not assume. */
  isIdle(now: number): boolean {
    return !this.#isBusy && now >= this.#resetAt;
  }

  get #reserve(): number {
    return this.#limit >= SMALLEST_LIMIT_WITH_RESERVE ? 1 : 0;
  }

  /** The usable requests and the first of the next window, at equal distances. */
  #spread(usable: number): number {
    const from = Number.isFinite(this.#lastTakenAt) ? this.#lastTakenAt : this.#resetAt;
    return from + Math.max(0, this.#resetAt - from) / (usable + 1);
  }
}
