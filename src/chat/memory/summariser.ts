import type { RowId } from "../conversation.ts";
import { IdleLoop } from "../idle-loop.ts";
import type { IdleLoopDependencies } from "../idle-loop.ts";
import type { Log } from "../ports.ts";
import { writeNextSummary } from "./write-summary.ts";
import type { SummaryDependencies } from "./write-summary.ts";
import type { Summary } from "./summary.ts";
import type { SummaryStore } from "./summary-store.ts";

/** Of a conversation whose summaries fail so often in a row, no more are tried. */
const MOST_FAILURES = 3;

/** Looked into at a start. */
const MOST_DUE = 200;

export interface SummariserDependencies extends SummaryDependencies, IdleLoopDependencies {
  readonly log: Log;
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
  readonly #loop: IdleLoop;

  constructor(dependencies: SummariserDependencies) {
    this.#dependencies = dependencies;
    this.#loop = new IdleLoop(dependencies, {
      dueIn: () => (this.#noted.size === 0 ? undefined : 0),
      work: (signal) => this.#work(signal),
    });
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
    this.#loop.wake();
  }

  /** Notes what was left to do when the process ended. */
  async noteDue(): Promise<void> {
    for (const id of await this.#dependencies.summaries.due(MOST_DUE)) this.note(id);
  }

  /** Resolves when what is being written has stopped. */
  async close(): Promise<void> {
    await this.#loop.close();
  }

  async #work(signal: AbortSignal): Promise<void> {
    const [conversationId] = this.#noted;
    if (conversationId === undefined) return;
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
