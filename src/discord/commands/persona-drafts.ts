import type { Clock } from "../../chat/ports.ts";

const KEPT_MS = 15 * 60_000;

/** The oldest goes first. One has at most five fields of 4,000 characters. */
const MAX_DRAFTS = 100;

/** A form that was refused, as someone had filled it in. */
export interface PersonaDraft {
  readonly userId: string;
  /** The form's custom id. */
  readonly formId: string;
  /** By the ids of the fields. */
  readonly typed: ReadonlyMap<string, string>;
  /** The fields whose present text no form can hold. */
  readonly tooLong: ReadonlySet<string>;
}

interface KeptDraft {
  readonly draft: PersonaDraft;
  readonly until: number;
}

/** What people typed into refused forms, in memory alone and for a while. */
export class PersonaDrafts {
  readonly #clock: Pick<Clock, "now">;
  readonly #kept = new Map<string, KeptDraft>();

  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  keep(key: string, draft: PersonaDraft): void {
    this.#forgetOld();
    this.#kept.set(key, { draft, until: this.#clock.now() + KEPT_MS });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_DRAFTS && oldest !== undefined) this.#kept.delete(oldest);
  }

  /** Undefined where it is too late, or where it is someone else's. */
  find(key: string, userId: string): PersonaDraft | undefined {
    this.#forgetOld();
    const draft = this.#kept.get(key)?.draft;
    return draft?.userId === userId ? draft : undefined;
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    for (const [key, { until }] of this.#kept) if (until <= now) this.#kept.delete(key);
  }
}
