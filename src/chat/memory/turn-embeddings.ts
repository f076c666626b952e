import type { RowId } from "../conversation.ts";
import { IdleLoop } from "../idle-loop.ts";
import type { IdleLoopDependencies } from "../idle-loop.ts";
import type { Clock, Log } from "../ports.ts";
import type { Embedder } from "./embedder.ts";
import type { EmbeddingStore, NearestTurns } from "./embedding-store.ts";
import type { RecallQuestion } from "./recall-store.ts";

/** A reply waits for no more than this; then words alone are looked for. */
const PATIENCE_MS = 500;

/** After so long, what else is done while nobody asks has a turn. */
const MOST_WORK_MS = 20_000;

/** Of a conversation that fails so often in a row, no more is tried until the next start. */
const MOST_FAILURES = 3;

/** Looked into at a start. */
const MOST_DUE = 200;

/** Below all positions. */
const LOWEST = -(2 ** 31);

/** Turns that are compared further with a question, at most. */
const MOST_NEAREST = 200;

export interface EmbeddingPorts {
  readonly embedder: Embedder;
  readonly embeddings: EmbeddingStore;
}

export interface TurnEmbeddingsDependencies extends EmbeddingPorts, IdleLoopDependencies {
  readonly clock: Pick<Clock, "now" | "wait">;
  readonly log: Log;
}

/** What the conversations know of the embeddings of their turns. */
export interface RunningEmbeddings {
  /** Turns may have left the view of a conversation; with "changed", earlier ones may be others now. */
  note(conversationId: RowId, what?: "changed"): void;
  /**
   * The turns that are most like a question. Undefined where that takes longer than half a second, or
   * fails. Never rejects.
   */
  nearest(question: RecallQuestion): Promise<NearestTurns | undefined>;
}

/** What of a conversation is still to be looked into: from `from` on and before `before`. */
interface Stretch {
  readonly from: number;
  readonly before: number | undefined;
  /** After the last position that was looked at since it was noted. */
  readonly end: number | undefined;
}

/**
 * Has turns that left the view embedded, a few at a time, while nobody waits for a reply or gets one.
 * Whoever asks ends it after the text under way; what was stored until then stays.
 */
export class TurnEmbeddings implements RunningEmbeddings {
  readonly #dependencies: TurnEmbeddingsDependencies;
  readonly #noted = new Map<RowId, Stretch>();
  /** Turns before this position have been looked into. */
  readonly #doneBefore = new Map<RowId, number>();
  readonly #failures = new Map<RowId, number>();
  readonly #loop: IdleLoop;

  constructor(dependencies: TurnEmbeddingsDependencies) {
    this.#dependencies = dependencies;
    this.#loop = new IdleLoop(dependencies, {
      dueIn: () => (this.#noted.size === 0 ? undefined : 0),
      work: (signal) => this.#work(signal),
    });
  }

  note(conversationId: RowId, what?: "changed"): void {
    if (what === "changed") {
      this.#dependencies.embeddings.release(conversationId);
      this.#doneBefore.delete(conversationId);
    }
    if ((this.#failures.get(conversationId) ?? 0) >= MOST_FAILURES) return;
    const from = this.#doneBefore.get(conversationId) ?? LOWEST;
    this.#noted.set(conversationId, { from, before: undefined, end: undefined });
    this.#loop.wake();
  }

  /** Notes what was left to do when the process ended. */
  async noteDue(): Promise<void> {
    for (const id of await this.#dependencies.embeddings.due(MOST_DUE)) this.note(id);
  }

  async nearest(question: RecallQuestion): Promise<NearestTurns | undefined> {
    const { clock, log } = this.#dependencies;
    const late = new AbortController();
    const patience = new AbortController();
    const looking = this.#look(question, late.signal).catch((error: unknown) => {
      if (!late.signal.aborted && !this.#loop.isClosed)
        log.warn({ error }, "Old turns are looked for by their words alone");
      return undefined;
    });
    const waiting = clock.wait(PATIENCE_MS, patience.signal).then(
      () => undefined,
      () => undefined,
    );
    const found = await Promise.race([looking, waiting]);
    patience.abort();
    late.abort();
    return found;
  }

  /** Resolves when the text that is being embedded is. */
  async close(): Promise<void> {
    await this.#loop.close();
  }

  async #look(question: RecallQuestion, late: AbortSignal): Promise<NearestTurns> {
    const { embedder, embeddings } = this.#dependencies;
    const { before, conversationId, text } = question;
    const signal = AbortSignal.any([late, this.#loop.closing]);
    const [embedding = new Float32Array()] = await embedder.embed([text], "question", signal);
    signal.throwIfAborted();
    return await embeddings.nearest({ conversationId, embedding, before, limit: MOST_NEAREST });
  }

  /** One conversation after the other, until all is done, somebody asks or it is others' turn. */
  async #work(signal: AbortSignal): Promise<void> {
    const { clock } = this.#dependencies;
    const until = clock.now() + MOST_WORK_MS;
    for (let [next] = this.#noted; next !== undefined; [next] = this.#noted) {
      if (signal.aborted || clock.now() >= until) return;
      const [conversationId, stretch] = next;
      try {
        const left = await this.#embedSome(conversationId, stretch, signal);
        this.#goOn(conversationId, stretch, left);
        this.#failures.delete(conversationId);
      } catch (error) {
        if (signal.aborted) return;
        this.#fail(conversationId, error);
      }
    }
  }

  /** Resolves with what is left to do; undefined where nothing is. */
  async #embedSome(
    conversationId: RowId,
    { before, end, from }: Stretch,
    signal: AbortSignal,
  ): Promise<Stretch | undefined> {
    const { embedder, embeddings } = this.#dependencies;
    const { looked, turns } = await embeddings.pending(conversationId, { from, before });
    if (looked === undefined) {
      if (end !== undefined) this.#doneBefore.set(conversationId, end);
      return undefined;
    }
    const texts = turns.map(({ text }) => text);
    const made = await embedder.embed(texts, "turn", signal);
    const embedded = turns.flatMap(({ position, revision }, index) => {
      const embedding = made[index];
      return embedding === undefined ? [] : [{ position, revision, embedding }];
    });
    if (embedded.length > 0) await embeddings.keep(conversationId, embedded);
    return { from, before: looked.from, end: end ?? looked.end };
  }

  /** What was noted anew meanwhile begins with its newest turn again. */
  #goOn(conversationId: RowId, done: Stretch, left: Stretch | undefined): void {
    if (this.#noted.get(conversationId) !== done) return;
    this.#noted.delete(conversationId);
    if (left !== undefined) this.#noted.set(conversationId, left);
  }

  #fail(conversationId: RowId, error: unknown): void {
    this.#dependencies.log.warn({ error, conversationId }, "Embedding turns failed");
    this.#failures.set(conversationId, (this.#failures.get(conversationId) ?? 0) + 1);
    this.#noted.delete(conversationId);
    this.note(conversationId);
  }
}

/** Undefined where there is no embedding model. */
export function createTurnEmbeddings(
  { embedding, ...given }: Given,
  how: Pick<TurnEmbeddingsDependencies, "line" | "quietMs">,
): TurnEmbeddings | undefined {
  return embedding === undefined
    ? undefined
    : new TurnEmbeddings({ ...given, ...how, ...embedding });
}

interface Given extends Pick<TurnEmbeddingsDependencies, "clock" | "log"> {
  readonly embedding?: EmbeddingPorts | undefined;
}
