import type { RowId } from "../conversation.ts";
import type { MessageId } from "../ids.ts";
import type { Clock } from "../ports.ts";
import { IdleLoop } from "../idle-loop.ts";
import type { IdleLoopDependencies } from "../idle-loop.ts";
import { learnNext } from "./learn-stretch.ts";
import type { LearnDependencies } from "./learn-stretch.ts";
import { showStale } from "./show-stale.ts";

const MINUTE_MS = 60_000;

/** So long is nothing said in a place before anyone is asked there what to remember. */
const PAUSE_MS = 10 * MINUTE_MS;

/** Where people never pause, it is done all the same after so many pauses' time. */
const LONGEST_PAUSES = 12;

const TIDY_MS = 60 * MINUTE_MS;

/** Undecided proposals are gone then. */
const EXPIRY_MS = 7 * 24 * 60 * MINUTE_MS;

/** Of a conversation from which so many attempts in a row failed, no more are made. */
const MOST_FAILURES = 3;

/** Looked into at a start. */
const MOST_DUE = 200;
const DUE_MS = 24 * 60 * MINUTE_MS;

export interface LearnerDependencies extends LearnDependencies, IdleLoopDependencies {
  readonly clock: Clock;
  /** Default: 10 minutes. */
  readonly pauseMs?: number | undefined;
}

/** What conversations tell of themselves. */
export interface RunningLearner {
  /** Something was said or answered in a conversation. */
  note(conversationId: RowId): void;
  /** Something that a proposal may rest on was changed or taken back, or is decided. */
  refresh(): Promise<void>;
  /** People or moderators deleted messages, any. */
  dropMessages(messageIds: readonly MessageId[]): Promise<void>;
}

interface Noted {
  /** By the clock: when it was first noted, and when its pause is over. */
  readonly since: number;
  readonly dueAt: number;
}

/**
 * Learns from what people who consent have said, one stretch after the other, when they pause and
 * while nobody waits for a reply or gets one. Whoever asks ends it at once; it is then begun anew.
 */
export class Learner implements RunningLearner {
  readonly #dependencies: LearnerDependencies;
  readonly #noted = new Map<RowId, Noted>();
  readonly #failures = new Map<RowId, number>();
  readonly #loop: IdleLoop;
  #refreshing: Promise<void> = Promise.resolve();
  #isStarted = false;

  constructor(dependencies: LearnerDependencies) {
    this.#dependencies = dependencies;
    this.#loop = new IdleLoop(dependencies, {
      dueIn: () => this.#dueIn(),
      work: (signal) => this.#work(signal),
    });
  }

  note(conversationId: RowId): void {
    if ((this.#failures.get(conversationId) ?? 0) >= MOST_FAILURES || this.#loop.isClosed) return;
    const now = this.#dependencies.clock.now();
    const { since = now } = this.#noted.get(conversationId) ?? {};
    const dueAt = Math.min(now + this.#pauseMs, since + LONGEST_PAUSES * this.#pauseMs);
    this.#add(conversationId, { since, dueAt });
  }

  /** Notes what was left to do when the process ended, and looks after the proposals from now on. */
  async start(): Promise<void> {
    const { clock, learning, log } = this.#dependencies;
    if (!this.#isStarted) {
      this.#isStarted = true;
      await learning.dropUnshown();
      void this.#tidy().catch((error: unknown) => {
        if (!this.#loop.isClosed) log.error({ error }, "Proposals are no longer looked after");
      });
    }
    const since = new Date(clock.date().getTime() - DUE_MS);
    for (const id of await learning.due(since, MOST_DUE)) this.note(id);
  }

  async refresh(): Promise<void> {
    this.#refreshing = this.#refreshing.then(() => this.#refresh());
    await this.#refreshing;
  }

  async dropMessages(messageIds: readonly MessageId[]): Promise<void> {
    await this.#dependencies.learning.dropMessages(messageIds);
  }

  /** Resolves when what is being written or shown has stopped. */
  async close(): Promise<void> {
    await this.#loop.close();
    await this.#refreshing;
  }

  get #pauseMs(): number {
    return this.#dependencies.pauseMs ?? PAUSE_MS;
  }

  #add(conversationId: RowId, noted: Noted): void {
    this.#noted.set(conversationId, noted);
    this.#loop.wake();
  }

  #dueIn(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.dueAt - this.#dependencies.clock.now();
  }

  /** Whose pause is over first. */
  #next(): (Noted & { readonly id: RowId }) | undefined {
    const all = Array.from(this.#noted, ([id, noted]) => Object.assign({ id }, noted));
    return all.toSorted((one, other) => one.dueAt - other.dueAt)[0];
  }

  async #wait(ms: number): Promise<void> {
    const { clock } = this.#dependencies;
    await clock.wait(ms, this.#loop.closing).catch(() => undefined);
  }

  async #work(signal: AbortSignal): Promise<void> {
    const next = this.#next();
    if (next === undefined) return;
    const { clock, log } = this.#dependencies;
    const { id, since } = next;
    const now = clock.now();
    this.#noted.delete(id);
    try {
      const outcome = await learnNext(this.#dependencies, id, signal);
      this.#failures.delete(id);
      if (outcome === "nothing-left") return;
      this.#add(id, { since: now, dueAt: now });
      // Someone may have taken it back while they were being asked.
      if (outcome === "learned") await this.refresh();
    } catch (error) {
      if (signal.aborted) {
        this.#add(id, { since, dueAt: now });
        return;
      }
      log.warn({ error, conversationId: id }, "Nothing could be learned from a conversation");
      this.#failures.set(id, (this.#failures.get(id) ?? 0) + 1);
      this.note(id);
    }
  }

  async #refresh(): Promise<void> {
    const { learning, log, proposals } = this.#dependencies;
    try {
      if (!this.#loop.isClosed) await showStale({ learning, proposals });
    } catch (error) {
      log.error({ error }, "Proposals could not be shown as they are");
    }
  }

  async #tidy(): Promise<void> {
    const { clock, learning, log } = this.#dependencies;
    while (!this.#loop.isClosed) {
      try {
        await learning.expire(new Date(clock.date().getTime() - EXPIRY_MS));
      } catch (error) {
        log.error({ error }, "Proposals could not expire");
      }
      await this.refresh();
      await this.#wait(TIDY_MS);
    }
  }
}
