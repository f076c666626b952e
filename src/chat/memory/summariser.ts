import type { RowId } from "../conversation.ts";
import type { Clock, Log } from "../ports.ts";
import type { ReplyLine } from "../reply/reply-line.ts";
import { writeNextSummary } from "./write-summary.ts";
import type { SummaryDependencies } from "./write-summary.ts";
import type { Summary } from "./summary.ts";
import type { SummaryStore } from "./summary-store.ts";

/** So long has nobody waited or written: whoever reads a reply may well answer it. */
const QUIET_MS = 5_000;

/** Of a conversation whose summaries fail so often in a row, no more are tried. */
const MOST_FAILURES = 3;

/** Looked into at a start. */
const MOST_DUE = 200;

export interface SummariserDependencies extends SummaryDependencies {
  readonly clock: Pick<Clock, "wait">;
  readonly line: Pick<ReplyLine, "runIdle" | "untilIdle">;
  readonly log: Log;
  /** Default: 5 s. */
  readonly quietMs?: number | undefined;
}

/** What the conversations know of their summaries. */
export interface RunningSummaries extends Pick<SummaryStore, "adopt" | "read"> {
  /** Something may have left the window of a conversation, or what had left it was changed. */
  note(conversationId: RowId): void;
}

/**
 * Has what left the windows summarised, one stretch after the other, while nobody waits for a reply
 * or gets one. Whoever asks ends it at once; what was begun is then begun anew.
 */
export class Summariser implements RunningSummaries {
  readonly #dependencies: SummariserDependencies;
  /** The one that was looked into longest ago is first. */
  readonly #noted = new Set<RowId>();
  readonly #failures = new Map<RowId, number>();
  readonly #closing = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  #isWriting = false;

  constructor(dependencies: SummariserDependencies) {
    this.#dependencies = dependencies;
  }

  read(conversationId: RowId, which: "adopted" | "latest"): Promise<readonly Summary[]> {
    return this.#dependencies.summaries.read(conversationId, which);
  }

  adopt(conversationId: RowId, newest: RowId): Promise<void> {
    return this.#dependencies.summaries.adopt(conversationId, newest);
  }

  note(conversationId: RowId): void {
    if ((this.#failures.get(conversationId) ?? 0) >= MOST_FAILURES) return;
    this.#noted.add(conversationId);
    if (this.#isRunning || this.#isClosed) return;
    this.#isRunning = true;
    this.#running = this.#run();
  }

  /** Notes what was left to do when the process ended. */
  async noteDue(): Promise<void> {
    for (const id of await this.#dependencies.summaries.due(MOST_DUE)) this.note(id);
  }

  /** Resolves when what is being written has stopped. */
  async close(): Promise<void> {
    this.#closing.abort(new Error("The summariser is closed"));
    if (this.#isWriting) await this.#running;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #run(): Promise<void> {
    const { clock, line, quietMs = QUIET_MS } = this.#dependencies;
    for (let [next] = this.#noted; next !== undefined; [next] = this.#noted) {
      const conversationId = next;
      await line.untilIdle();
      await clock.wait(quietMs);
      if (this.#isClosed) return;
      this.#isWriting = true;
      await line.runIdle((signal) => this.#work(conversationId, signal));
      this.#isWriting = false;
      if (this.#isClosed) return;
    }
    this.#isRunning = false;
  }

  async #work(conversationId: RowId, idle: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([idle, this.#closing.signal]);
    this.#noted.delete(conversationId);
    try {
      const outcome = await writeNextSummary(this.#dependencies, conversationId, signal);
      if (outcome === "nothing-left") return;
      if (outcome === "failed") this.#fail(conversationId);
      else this.#failures.delete(conversationId);
      this.note(conversationId);
    } catch (error) {
      if (!signal.aborted) {
        this.#dependencies.log.warn({ error, conversationId }, "A summary failed");
        this.#fail(conversationId);
      }
      this.note(conversationId);
    }
  }

  #fail(conversationId: RowId): void {
    this.#failures.set(conversationId, (this.#failures.get(conversationId) ?? 0) + 1);
  }
}

/** Undefined where nothing is to be summarised. */
export function createSummariser(
  { summaries, ...given }: Given,
  how: Pick<SummariserDependencies, "line" | "quietMs" | "watchdog">,
): Summariser | undefined {
  return summaries === undefined ? undefined : new Summariser({ ...given, ...how, summaries });
}

interface Given extends Pick<SummariserDependencies, "clock" | "engine" | "log"> {
  readonly summaries?: SummaryStore | undefined;
}
