import type { SettingsChange, SettingsOverrides, SettingsScope } from "./settings.ts";

/** As the conversations' store does, every method rejects with `store-failed` or `store-unreachable`. */
export interface SettingsStore {
  /** What each of the scopes sets itself, in their order. */
  read(scopes: readonly SettingsScope[]): Promise<readonly SettingsOverrides[]>;
  /** Changes what is named, and nothing else that someone may be changing at the same time. */
  change(scope: SettingsScope, change: SettingsChange): Promise<void>;
}
