import { once, EventEmitter } from "node:events";
import type { Clock } from "../../src/chat/ports.ts";

interface Waiter {
  readonly ms: number;
  readonly resolve: () => void;
}

/** A clock that stands still until the test moves it. */
export class HandClock implements Clock {
  readonly #waiters: Waiter[] = [];
  readonly #events = new EventEmitter();
  #now = 0;

  now(): number {
    return this.#now;
  }

  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waiters.push({ ms, resolve });
      this.#events.emit("wait");
    });
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
