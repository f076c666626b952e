import type { Clock } from "./ports.ts";
import type { ReplyLine } from "./reply/reply-line.ts";

/** So long has nobody waited or written: whoever reads a reply may well answer it. */
const QUIET_MS = 5_000;

export interface IdleLoopDependencies {
  readonly clock: Pick<Clock, "wait">;
  readonly line: Pick<ReplyLine, "runIdle" | "untilIdle">;
  /** Default: 5 s. */
  readonly quietMs?: number | undefined;
}

export interface IdleTask {
  /** Milliseconds until there is something to do, 0 or less for now; undefined: there is nothing. */
  readonly dueIn: () => number | undefined;
  /** Ends soon after the signal is aborted: somebody asks, or the loop is closed. Never rejects. */
  readonly work: (signal: AbortSignal) => Promise<void>;
}

/** Does something again and again while nobody waits for a reply or gets one. */
export class IdleLoop {
  readonly #dependencies: IdleLoopDependencies;
  readonly #task: IdleTask;
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isWorking = false;

  constructor(dependencies: IdleLoopDependencies, task: IdleTask) {
    this.#dependencies = dependencies;
    this.#task = task;
  }

  /** There may be something to do. */
  wake(): void {
    if (this.#isRunning || this.isClosed) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  /** Resolves when what is being done has stopped. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("Nothing more is done while nobody asks"));
    if (this.#isWorking) await this.#running;
  }

  get isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** Aborted once it is closed. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  async #run(): Promise<void> {
    const { line, quietMs = QUIET_MS } = this.#dependencies;
    for (let ms = this.#task.dueIn(); ms !== undefined; ms = this.#task.dueIn()) {
      const isDue = ms <= 0;
      if (isDue) await line.untilIdle();
      await this.#wait(isDue ? quietMs : ms);
      if (this.isClosed) return;
      if (!isDue) continue;
      this.#isWorking = true;
      await line.runIdle((idle) => this.#task.work(AbortSignal.any([idle, this.#closing.signal])));
      this.#isWorking = false;
      if (this.isClosed) return;
    }
    this.#isRunning = false;
  }

  async #wait(ms: number): Promise<void> {
    await this.#dependencies.clock.wait(ms, this.#closing.signal).catch(() => undefined);
  }
}
