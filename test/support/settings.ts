import type { ThreadOpener } from "../../src/chat/place-ports.ts";
import { parseSettings } from "../../src/chat/settings/parse-settings.ts";
import type { UsageStore } from "../../src/chat/settings/quota.ts";
import { SettingsLibrary } from "../../src/chat/settings/settings-library.ts";
import type { SettingsStore } from "../../src/chat/settings/settings-store.ts";
import type { Settings, SettingsChange, SettingsScope } from "../../src/chat/settings/settings.ts";

/** Keeps settings in memory, and counts how often they are read. */
export class MemorySettings implements SettingsStore {
  readonly #stored = new Map<string, SettingsChange>();
  reads = 0;
  isAway = false;

  async read(scopes: readonly SettingsScope[]) {
    this.reads += 1;
    if (this.isAway) throw new Error("The database is away");
    return scopes.map(({ id, kind }) => parseSettings(this.#stored.get(`${kind} ${id}`)));
  }

  /** A setting with parts is replaced as a whole. */
  async change({ id, kind }: SettingsScope, change: SettingsChange): Promise<void> {
    const key = `${kind} ${id}`;
    this.#stored.set(key, { ...this.#stored.get(key), ...change });
  }
}

interface SettingsPorts {
  readonly settings: SettingsLibrary;
  readonly usages: UsageStore;
  readonly threads: ThreadOpener;
}

/**
 * What the domain needs for settings, where nothing is set yet. The model is told nothing of the time,
 * so that prompts hold what the test is about.
 */
export function createSettings(defaults: Partial<Settings> = {}): SettingsPorts {
  return {
    settings: new SettingsLibrary(new MemorySettings(), { tellTime: false, ...defaults }),
    usages: { read: async () => [], add: async () => {} },
    threads: { openFrom: async () => undefined },
  };
}
