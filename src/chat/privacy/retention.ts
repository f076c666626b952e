import type { EmbeddingPorts } from "../memory/turn-embeddings.ts";
import type { Clock, Engine, Log } from "../ports.ts";
import { forgetStale } from "./forget-stale.ts";
import type { KnownGuild, PrivacyStore, Step } from "./privacy-store.ts";

const DAY_MS = 24 * 3_600_000;

/** What there is of a server that Familiar has left is kept for so long: it may come back. */
const LEFT_DAYS = 30;

export interface RetentionDependencies {
  readonly clock: Pick<Clock, "date" | "wait">;
  readonly embedding?: EmbeddingPorts | undefined;
  readonly engine: Engine;
  readonly log: Log;
  readonly privacy: PrivacyStore;
  /** All servers that Familiar is in. */
  readonly guilds: () => readonly KnownGuild[];
  /** What is kept in memory of settings is no longer right. */
  readonly forgetSettings: () => void;
}

/** Takes away what servers do not want kept, and what belonged to servers that Familiar has left. */
export class Retention {
  readonly #dependencies: RetentionDependencies;

  constructor(dependencies: RetentionDependencies) {
    this.#dependencies = dependencies;
  }

  /** At once, and from then on once a day. Never rejects. */
  async keep(stop: AbortSignal): Promise<void> {
    const { clock, log } = this.#dependencies;
    while (!stop.aborted) {
      try {
        await this.run(stop);
      } catch (error) {
        if (!stop.aborted) log.error({ error }, "What is too old could not be taken away");
      }
      await clock.wait(DAY_MS, stop).catch(() => undefined);
    }
  }

  /** What is due now, in small steps; the rest of it, after a stop, the next time. */
  async run(stop: AbortSignal): Promise<void> {
    const { clock, forgetSettings, guilds, privacy } = this.#dependencies;
    const now = clock.date();
    // What was cut off the last time.
    await forgetStale(this.#dependencies);
    await privacy.noteGuilds(guilds(), now);
    for (const guildId of await privacy.guildsLeftBefore(daysBefore(now, LEFT_DAYS))) {
      await this.#take(stop, () => privacy.forgetGuild(guildId));
      forgetSettings();
    }
    for (const { days, guildId } of await privacy.retentions()) {
      const before = daysBefore(now, days);
      await this.#take(stop, () => privacy.expire(guildId, before));
    }
  }

  async #take(stop: AbortSignal, take: () => Promise<Step>): Promise<void> {
    const { log } = this.#dependencies;
    const conversations = new Set<number>();
    let isDone = false;
    while (!isDone && !stop.aborted) {
      const step = await take();
      for (const id of step.conversations) conversations.add(id);
      ({ isDone } = step);
    }
    await forgetStale(this.#dependencies);
    if (conversations.size > 0) {
      log.info({ conversations: conversations.size }, "Took away what is not to be kept");
    }
  }
}

function daysBefore(time: Date, days: number): Date {
  return new Date(time.getTime() - days * DAY_MS);
}
