import type { ChannelId, GuildId } from "../ids.ts";
import type { Place } from "../place.ts";
import { assertSettings } from "./assert-settings.ts";
import { mergeSettings } from "./merge-settings.ts";
import { DEFAULT_SETTINGS } from "./settings.ts";
import type {
  EffectiveSettings,
  Quota,
  Settings,
  SettingsChange,
  SettingsOverrides,
  SettingsScope,
} from "./settings.ts";
import type { SettingsStore } from "./settings-store.ts";

/** Scopes kept in memory; the ones that were used longest ago go first. */
const MAX_KEPT = 5_000;

/**
 * What is set for servers, channels and threads. It keeps what it has read, so that a message costs
 * no query: nobody else may change the settings of its database.
 */
export class SettingsLibrary {
  readonly #store: SettingsStore;
  readonly #defaults: Settings;
  readonly #kept = new Map<string, Promise<SettingsOverrides>>();

  constructor(store: SettingsStore, defaults: Partial<Settings> = {}) {
    this.#store = store;
    this.#defaults = { ...DEFAULT_SETTINGS, ...defaults };
  }

  /** What holds where nobody sets anything. */
  get defaults(): Settings {
    return this.#defaults;
  }

  /** What holds in a place: its own, else its channel's, else its server's, else the default. */
  async effective(place: Place): Promise<EffectiveSettings> {
    const own = { kind: "place", id: place.id } as const;
    const [ofPlace = {}, ofParent = {}, ofGuild = {}] = await this.#read([
      own,
      place.kind === "thread" ? { kind: "place", id: place.parentId } : undefined,
      place.kind === "direct" ? undefined : { kind: "guild", id: place.guildId },
    ]);
    return mergeSettings({ place: ofPlace, parent: ofParent, guild: ofGuild }, this.#defaults);
  }

  /** What a scope sets itself. */
  async overrides(scope: SettingsScope): Promise<SettingsOverrides> {
    const [overrides = {}] = await this.#read([scope]);
    return overrides;
  }

  /**
   * Holds from the next message on.
   *
   * @throws {FamiliarError} `input-invalid` for a value that cannot be set
   */
  async change(scope: SettingsScope, change: SettingsChange): Promise<void> {
    assertSettings(scope, change);
    try {
      await this.#store.change(scope, change);
    } finally {
      this.#kept.delete(keyOf(scope));
    }
  }

  /** What one person may use in a server. */
  async quota(guildId: GuildId): Promise<Quota> {
    const { quota } = await this.overrides({ kind: "guild", id: guildId });
    return quota ?? this.#defaults.quota;
  }

  /** What is set for the place has changed otherwise: it is gone, or has just been forked. */
  forget(placeId: ChannelId): void {
    this.#kept.delete(keyOf({ kind: "place", id: placeId }));
  }

  /** What is set has changed otherwise, for a whole server. */
  forgetAll(): void {
    this.#kept.clear();
  }

  async #read(
    scopes: readonly (SettingsScope | undefined)[],
  ): Promise<readonly (SettingsOverrides | undefined)[]> {
    const missing = scopes
      .filter((scope) => scope !== undefined)
      .filter((scope) => !this.#kept.has(keyOf(scope)));
    if (missing.length > 0) this.#fetch(missing);
    return await Promise.all(
      scopes.map(async (scope) => (scope === undefined ? undefined : await this.#touch(scope))),
    );
  }

  #fetch(scopes: readonly SettingsScope[]): void {
    const reading = this.#store.read(scopes);
    for (const [index, scope] of scopes.entries()) {
      const key = keyOf(scope);
      const overrides = reading.then((read) => read[index] ?? {});
      this.#kept.set(key, overrides);
      overrides.catch(() => {
        if (this.#kept.get(key) === overrides) this.#kept.delete(key);
      });
    }
  }

  #touch(scope: SettingsScope): Promise<SettingsOverrides> | undefined {
    const key = keyOf(scope);
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return kept;
  }
}

function keyOf({ id, kind }: SettingsScope): string {
  return `${kind} ${id}`;
}
