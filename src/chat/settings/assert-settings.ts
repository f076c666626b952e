import { InvalidInput } from "../problem.ts";
import { assertSampling } from "../sampling.ts";
import type { SamplingOverrides } from "../sampling.ts";
import { readSetting } from "./setting-rules.ts";
import { SETTING_NAMES } from "./settings.ts";
import type { SettingName, SettingsChange, SettingsScope } from "./settings.ts";

const OF_SERVERS: ReadonlySet<SettingName> = new Set([
  "channels",
  "quota",
  "timeZone",
  "retentionDays",
  "learning",
]);

/** @throws {InvalidInput} for a value that cannot be set, or not there */
export function assertSettings(scope: SettingsScope, change: SettingsChange): void {
  for (const name of SETTING_NAMES) {
    const value = change[name];
    if (value === undefined) continue;
    if (scope.kind !== "guild" && OF_SERVERS.has(name)) {
      throw new InvalidInput({ kind: "setting-of-server" });
    }
    if (readSetting(name, value) === undefined) {
      throw new InvalidInput({ kind: "setting-malformed", name });
    }
  }
  assertSampling(withoutTakenBack(change.sampling));
}

function withoutTakenBack(sampling: SettingsChange["sampling"]): SamplingOverrides {
  const given = Object.entries(sampling ?? {}).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as SamplingOverrides;
}
