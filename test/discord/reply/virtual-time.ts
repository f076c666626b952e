import type { Schedule } from "../../../src/discord/reply/schedule.ts";

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock and timers that move only when they are told to. */
export class VirtualTime {
  #now = 1000;
  #timers: Timer[] = [];

  readonly now = (): number => this.#now;

  readonly schedule: Schedule = (afterMs, run) => {
    const timer = { at: this.#now + afterMs, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };

  /** Runs what falls due, in order, and lets everything that waits for it go on. */
  async advance(byMs: number): Promise<void> {
    const end = this.#now + byMs;
    for (;;) {
      await settle();
      const next = this.#timers.toSorted((one, other) => one.at - other.at)[0];
      if (next === undefined || next.at > end) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#now = Math.max(this.#now, next.at);
      next.run();
    }
    this.#now = end;
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
