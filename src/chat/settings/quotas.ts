import type { GuildId, UserId } from "../ids.ts";
import type { Place } from "../place.ts";
import type { Clock } from "../ports.ts";
import { InvalidInput } from "../problem.ts";
import { toCharge } from "./charge.ts";
import type { ChargeableReply } from "./charge.ts";
import { isLimited, toUsage } from "./quota.ts";
import type { Usage, UsageStore } from "./quota.ts";
import type { SettingsLibrary } from "./settings-library.ts";

/** People who are remembered; of whom nothing was heard for longest goes first. */
const MAX_PEOPLE = 1_000;

export interface QuotaDependencies {
  readonly settings: Pick<SettingsLibrary, "quota">;
  readonly usages: UsageStore;
  readonly clock: Pick<Clock, "now">;
}

/** Keeps people to what they may use in a server. Direct messages are nobody's. */
export class Quotas {
  readonly #dependencies: QuotaDependencies;
  /** Replies that are being written, and so not counted yet. */
  readonly #writing = new Map<string, number>();
  /** Until when someone need not be told again. */
  readonly #told = new Map<string, number>();

  constructor(dependencies: QuotaDependencies) {
    this.#dependencies = dependencies;
  }

  async usage(guildId: GuildId, userId: UserId): Promise<Usage> {
    const { settings, usages } = this.#dependencies;
    const quota = await settings.quota(guildId);
    const counted = await usages.read(guildId, userId);
    return toUsage(counted, quota, this.#writing.get(keyOf(guildId, userId)));
  }

  /** When a person's next reply is free; undefined where it is now. */
  async freeAt(place: Place, userId: UserId): Promise<Date | undefined> {
    if (place.kind === "direct") return undefined;
    if (!isLimited(await this.#dependencies.settings.quota(place.guildId))) return undefined;
    const { freeInMs } = await this.usage(place.guildId, userId);
    return freeInMs > 0 ? new Date(Date.now() + freeInMs) : undefined;
  }

  /** @throws {InvalidInput} where a person has used up what they may */
  async assertFree(place: Place, userId: UserId): Promise<void> {
    const freeAt = await this.freeAt(place, userId);
    if (freeAt !== undefined) throw new InvalidInput({ kind: "quota-used-up", freeAt });
  }

  /** Whether a person is to be told that they must wait: once, until then. */
  isNews(place: Place, userId: UserId, freeAt: Date): boolean {
    const now = this.#dependencies.clock.now();
    const key = keyOf(place.kind === "direct" ? place.id : place.guildId, userId);
    if ((this.#told.get(key) ?? Number.NEGATIVE_INFINITY) > now) return false;
    this.#told.delete(key);
    this.#told.set(key, now + freeAt.getTime() - Date.now());
    const [oldest] = this.#told.keys();
    if (this.#told.size > MAX_PEOPLE && oldest !== undefined) this.#told.delete(oldest);
    return true;
  }

  /** Counts a reply that belongs to no conversation. */
  async count(reply: ChargeableReply): Promise<void> {
    const charge = toCharge(reply);
    if (charge !== undefined) await this.#dependencies.usages.add(charge);
  }

  /** A reply is being written for someone, until this is disposed of. */
  startWriting(place: Place, userId: UserId | undefined): Disposable {
    if (place.kind === "direct" || userId === undefined) return { [Symbol.dispose]: () => {} };
    const key = keyOf(place.guildId, userId);
    this.#writing.set(key, (this.#writing.get(key) ?? 0) + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#writing.get(key) ?? 0) - 1;
        if (left > 0) this.#writing.set(key, left);
        else this.#writing.delete(key);
      },
    };
  }
}

function keyOf(guildId: string, userId: UserId): string {
  return `${guildId} ${userId}`;
}
