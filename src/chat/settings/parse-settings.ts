import { readSetting } from "./setting-rules.ts";
import { SETTING_NAMES } from "./settings.ts";
import type { SettingsOverrides } from "./settings.ts";

/** What was stored once; each setting that may not be set so, or no longer, is left out. */
export function parseSettings(stored: unknown): SettingsOverrides {
  if (typeof stored !== "object" || stored === null) return {};
  const entries = SETTING_NAMES.flatMap((name) => {
    const value: unknown = Reflect.get(stored, name);
    const read = isTakenBack(value) ? undefined : readSetting(name, value);
    return read === undefined ? [] : [[name, read] as const];
  });
  return Object.fromEntries(entries) as SettingsOverrides;
}

/** Of a setting with parts, none is left. */
function isTakenBack(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return value === undefined || value === null;
  return !Array.isArray(value) && Object.keys(value).length === 0;
}
