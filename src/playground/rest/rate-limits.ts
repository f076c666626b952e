import { createHash } from "node:crypto";
import type { Limits, Window } from "../limits.ts";

/** False once the window's requests are used up; a new window opens with the first request after it. */
export function createWindowCounter(window: Window): () => boolean {
  let endsAt = 0;
  let used = 0;
  return () => {
    if (Date.now() >= endsAt) {
      endsAt = Date.now() + window.perMs;
      used = 0;
    }
    used += 1;
    return used <= window.requests;
  };
}

export interface LimitedRequest {
  readonly userId: string;
  /** Method and path pattern: all that share it share a bucket. */
  readonly route: string;
  /** The channel, guild or webhook: buckets of different ones are separate. */
  readonly majorId: string;
  readonly window: Window;
  /** Interaction endpoints do not count towards the global limit. */
  readonly countsGlobally: boolean;
}

export interface LimitDecision {
  readonly kind: "allowed" | "route-limited" | "global-limited";
  readonly retryAfterMs: number;
  readonly headers: Readonly<Record<string, string>>;
}

interface Bucket {
  endsAt: number;
  used: number;
}

/** topics/rate-limits: buckets of fixed windows that open with their first request. */
export class RateLimits {
  readonly #limits: Limits;
  readonly #now: () => number;
  readonly #buckets = new Map<string, Bucket>();
  #nextSweepAt = 0;

  constructor(limits: Limits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  decide(request: LimitedRequest): LimitDecision {
    this.#sweep();
    const { userId, route, majorId, window } = request;
    if (request.countsGlobally) {
      const global = this.#take(`global:${userId}`, this.#limits.global);
      if (global.retryAfterMs > 0)
        return {
          kind: "global-limited",
          retryAfterMs: global.retryAfterMs,
          headers: { "X-RateLimit-Global": "true", "X-RateLimit-Scope": "global" },
        };
    }
    const taken = this.#take(`${userId}:${route}:${majorId}`, window);
    const headers = toHeaders(route, window, taken);
    return taken.retryAfterMs > 0
      ? {
          kind: "route-limited",
          retryAfterMs: taken.retryAfterMs,
          headers: { ...headers, "X-RateLimit-Scope": "user" },
        }
      : { kind: "allowed", retryAfterMs: 0, headers };
  }

  #take(key: string, window: Window): Taken {
    const now = this.#now();
    const known = this.#buckets.get(key);
    const bucket = known === undefined || known.endsAt <= now ? open(now, window) : known;
    this.#buckets.set(key, bucket);
    const exhausted = bucket.used >= window.requests;
    if (!exhausted) bucket.used += 1;
    return {
      endsAt: bucket.endsAt,
      remaining: window.requests - bucket.used,
      resetAfterMs: bucket.endsAt - now,
      retryAfterMs: exhausted ? bucket.endsAt - now : 0,
    };
  }

  #sweep(): void {
    const now = this.#now();
    if (now < this.#nextSweepAt) return;
    this.#nextSweepAt = now + 60_000;
    for (const [key, bucket] of this.#buckets) if (bucket.endsAt <= now) this.#buckets.delete(key);
  }
}

interface Taken {
  readonly endsAt: number;
  readonly remaining: number;
  readonly resetAfterMs: number;
  /** 0 when the request may pass. */
  readonly retryAfterMs: number;
}

function open(now: number, window: Window): Bucket {
  return { endsAt: now + window.perMs, used: 0 };
}

function toHeaders(route: string, window: Window, taken: Taken): Record<string, string> {
  return {
    "X-RateLimit-Bucket": createHash("md5").update(route).digest("hex"),
    "X-RateLimit-Limit": String(window.requests),
    "X-RateLimit-Remaining": String(taken.remaining),
    "X-RateLimit-Reset": (taken.endsAt / 1000).toFixed(3),
    "X-RateLimit-Reset-After": (taken.resetAfterMs / 1000).toFixed(3),
  };
}
