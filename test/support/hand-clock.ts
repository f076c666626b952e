import { once, EventEmitter } from "node:events";
import type { Clock } from "../../src/chat/ports.ts";

interface Waiter {
  readonly ms: number;
  readonly resolve: () => void;
}

/** A Monday, at 14:05 in UTC. */
const STARTED_AT = Date.UTC(2026, 10, 23, 14, 5);

/** A clock that stands still until the test moves it. */
export class HandClock implements Clock {
  readonly #waiters: Waiter[] = [];
  readonly #events = new EventEmitter();
  #now = 0;

  now(): number {
    return this.#now;
  }

  wait(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiter = { ms, resolve };
      const stop = (): void => {
        const at = this.#waiters.indexOf(waiter);
        if (at !== -1) this.#waiters.splice(at, 1);
        reject(signal?.reason);
      };
      if (signal?.aborted === true) {
        reject(signal.reason);
        return;
      }
      this.#waiters.push(waiter);
      signal?.addEventListener("abort", stop, { once: true });
      this.#events.emit("wait");
    });
  }

  date(): Date {
    return new Date(STARTED_AT + this.#now);
  }

  advance(ms: number): void {
    this.#now += ms;
  }

  /** Comes back, as soon as somebody waits, with how long; that time is then over. */
  async passWait(): Promise<number> {
    if (this.#waiters.length === 0) await once(this.#events, "wait");
    const [waiter] = this.#waiters.splice(0, 1);
    if (waiter === undefined) throw new Error("Nobody waits");
    this.advance(waiter.ms);
    waiter.resolve();
    return waiter.ms;
  }

  get waiting(): number {
    return this.#waiters.length;
  }
}
