import type { Clock } from "../ports.ts";
import { ReplyStopped } from "./reply-queue.ts";

/** Notices engines that give no sign of life for too long. One timer serves all replies. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #waits = new Set<Wait>();
  #isLooking = false;

  constructor(clock: Clock, limitMs: number) {
    this.#clock = clock;
    this.#limitMs = limitMs;
  }

  /**
   * Passes a stream on. The signal that `start` gets is aborted when the next event is overdue.
   *
   * @throws {ReplyStopped} `timeout` then, even where the stream is stuck and does not listen
   */
  async *watch<Event>(
    start: (overdue: AbortSignal) => AsyncIterable<Event>,
  ): AsyncGenerator<Event, void> {
    const overdue = new AbortController();
    const events = start(overdue.signal)[Symbol.asyncIterator]();
    let isEnded = false;
    try {
      for (;;) {
        const next = await this.#inTime(events.next(), overdue);
        isEnded = next.done === true;
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      const left = isEnded ? undefined : events.return?.();
      // A stuck stream never answers.
      if (overdue.signal.aborted) left?.catch(() => undefined);
      else await left;
    }
  }

  #inTime<Result>(promise: Promise<Result>, overdue: AbortController): Promise<Result> {
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        const stopped = new ReplyStopped("timeout");
        overdue.abort(stopped);
        reject(stopped);
      };
      const wait = { since: this.#clock.now(), giveUp };
      this.#waits.add(wait);
      const end = (): boolean => this.#waits.delete(wait);
      promise.finally(end).then(resolve, reject);
      void this.#look();
    });
  }

  /** Runs while anything is waited for, and wakes when the first wait would be overdue. */
  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    for (;;) {
      const nextMs = this.#giveUpOverdue();
      if (this.#waits.size === 0) break;
      await this.#clock.wait(nextMs);
    }
    this.#isLooking = false;
  }

  /** Returns how long the next look can wait. */
  #giveUpOverdue(): number {
    const now = this.#clock.now();
    let nextMs = this.#limitMs;
    for (const wait of this.#waits) {
      const leftMs = wait.since + this.#limitMs - now;
      if (leftMs > 0) {
        nextMs = Math.min(nextMs, leftMs);
        continue;
      }
      this.#waits.delete(wait);
      wait.giveUp();
    }
    return nextMs;
  }
}

interface Wait {
  readonly since: number;
  readonly giveUp: () => void;
}
