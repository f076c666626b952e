import type { Clock } from "../../chat/ports.ts";
import { RateBucket, type Urgency } from "./rate-bucket.ts";
import {
  isGlobalRefusal,
  type Lane,
  laneOf,
  readBucketReport,
  type SeenResponse,
} from "./rate-headers.ts";
import type { Schedule } from "./schedule.ts";

export interface PacedRequest {
  readonly method: "POST" | "PATCH";
  /** The channel or the webhook whose limits it uses. */
  readonly limitedBy: string;
  readonly urgency: Urgency;
}

interface Waiter extends PacedRequest {
  readonly grant: (bucket: RateBucket) => void;
}

/** A request that the REST client held back by itself, knowing more than the pace does. */
interface HeldRequest {
  readonly method: string;
  readonly url: string;
  readonly global: boolean;
  readonly timeToReset: number;
}

/** Discord allows a bot 50 requests a second; the rest is left to everything that is no reply. */
const GLOBAL_PER_SECOND: Readonly<Record<Urgency, number>> = { draft: 35, next: 42, final: 45 };
const GLOBAL_WINDOW_MS = 1000;
const URGENCIES: readonly Urgency[] = ["final", "next", "draft"];
/** More buckets than this are cleared of those that say nothing any more. */
const BUCKETS_KEPT = 1000;

/**
 * Decides when the next message of a stream is sent or edited. All streams of a channel or a webhook
 * share its limits, and take turns in the order in which they asked; nothing here ever waits for a
 * refusal.
 */
export class ChannelPace {
  readonly #clock: Pick<Clock, "now">;
  readonly #schedule: Schedule;
  readonly #buckets = new Map<Lane, RateBucket>();
  /** By Discord's own name for a bucket: two lanes of a channel may share one. */
  readonly #named = new Map<string, RateBucket>();
  #waiters: Waiter[] = [];
  #sentAt: number[] = [];
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #callOff: (() => void) | undefined;

  constructor(clock: Pick<Clock, "now">, schedule: Schedule) {
    this.#clock = clock;
    this.#schedule = schedule;
  }

  /**
   * Resolves when the request may be sent; what it resolves with is to be disposed of once the
   * answer is there. Rejects with the signal's reason when that is aborted first.
   */
  take(request: PacedRequest, signal: AbortSignal): Promise<Disposable> {
    return new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(signal.reason);
        return;
      }
      const leave = (): void => {
        this.#waiters = this.#waiters.filter((other) => other !== waiter);
        reject(signal.reason);
        this.#grantTurns();
      };
      const waiter: Waiter = {
        ...request,
        grant: (bucket) => {
          signal.removeEventListener("abort", leave);
          resolve(this.#createTurn(bucket));
        },
      };
      signal.addEventListener("abort", leave, { once: true });
      this.#waiters.push(waiter);
      this.#grantTurns();
    });
  }

  /** To be told of every response, whoever made the request. */
  observe(response: SeenResponse): void {
    const now = this.#clock.now();
    const report = readBucketReport(response);
    if (isGlobalRefusal(response)) {
      this.#pausedUntil = now + (report.retryAfterMs ?? GLOBAL_WINDOW_MS);
    } else {
      const lane = laneOf(response.method.toUpperCase(), response.path);
      if (lane === undefined) return;
      this.#nameBucket(lane, response.headers.get("x-ratelimit-bucket"));
      this.#bucketOf(lane).report(report, now);
    }
    this.#grantTurns();
  }

  observeHeld({ method, url, global, timeToReset }: HeldRequest): void {
    const now = this.#clock.now();
    const lane = laneOf(method.toUpperCase(), url);
    if (global) this.#pausedUntil = Math.max(this.#pausedUntil, now + timeToReset);
    if (global || lane === undefined) return;
    const unknown = { limit: undefined, remaining: undefined, resetAfterMs: undefined };
    this.#bucketOf(lane).report({ ...unknown, retryAfterMs: timeToReset }, now);
  }

  #createTurn(bucket: RateBucket): Disposable {
    return {
      [Symbol.dispose]: () => {
        bucket.release();
        this.#grantTurns();
      },
    };
  }

  #grantTurns(): void {
    this.#callOff?.();
    this.#callOff = undefined;
    const now = this.#clock.now();
    this.#sentAt = this.#sentAt.filter((sentAt) => sentAt > now - GLOBAL_WINDOW_MS);
    const dueAt = Math.min(
      ...URGENCIES.flatMap((urgency) =>
        this.#waiters
          .filter((waiter) => waiter.urgency === urgency)
          .map((waiter) => this.#grantOrWait(waiter, now)),
      ),
    );
    if (!Number.isFinite(dueAt)) return;
    this.#callOff = this.#schedule(Math.max(0, Math.ceil(dueAt - now)), () => this.#grantTurns());
  }

  /** Returns when to look at this request again: never, when it may go or its bucket is busy. */
  #grantOrWait(waiter: Waiter, now: number): number {
    const bucket = this.#bucketOf(`${waiter.method}:${waiter.limitedBy}`);
    const dueAt = Math.max(bucket.dueAt(waiter.urgency, now), this.#globalDueAt(waiter.urgency));
    if (dueAt > now) return dueAt;
    this.#waiters = this.#waiters.filter((other) => other !== waiter);
    this.#sentAt.push(now);
    bucket.take(now);
    waiter.grant(bucket);
    return Number.POSITIVE_INFINITY;
  }

  #globalDueAt(urgency: Urgency): number {
    const blocking = this.#sentAt.at(-GLOBAL_PER_SECOND[urgency]);
    const freeAt = blocking === undefined ? Number.NEGATIVE_INFINITY : blocking + GLOBAL_WINDOW_MS;
    return Math.max(freeAt, this.#pausedUntil);
  }

  #bucketOf(lane: Lane): RateBucket {
    const known = this.#buckets.get(lane);
    if (known !== undefined) return known;
    this.#forgetIdle();
    const bucket = new RateBucket();
    this.#buckets.set(lane, bucket);
    return bucket;
  }

  #nameBucket(lane: Lane, name: string | null): void {
    if (name === null) return;
    const fullName = `${name}:${lane.slice(lane.indexOf(":"))}`;
    const bucket = this.#named.get(fullName) ?? this.#bucketOf(lane);
    this.#named.set(fullName, bucket);
    this.#buckets.set(lane, bucket);
  }

  #forgetIdle(): void {
    if (this.#buckets.size < BUCKETS_KEPT) return;
    const now = this.#clock.now();
    for (const [lane, bucket] of this.#buckets) {
      if (bucket.isIdle(now)) this.#buckets.delete(lane);
    }
    for (const [name, bucket] of this.#named) {
      if (bucket.isIdle(now)) this.#named.delete(name);
    }
  }
}
