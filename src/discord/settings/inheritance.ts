import type { SettingName, Settings, SettingsOverrides } from "../../chat/settings/settings.ts";
import type { Sampling, SamplingOverrides } from "../../chat/sampling.ts";

/** Where a value comes from, as the panel of one scope tells it. */
export type ValueSource = "own" | "channel" | "persona" | "server" | "default";

/** What one scope sets itself. */
export interface Level {
  readonly source: "own" | "channel" | "server";
  readonly overrides: SettingsOverrides;
}

/** What there is to show and to inherit in the scope of a panel. */
export interface Inheritance {
  /** The scope's own first, then those above it. */
  readonly levels: readonly Level[];
  readonly defaults: Settings;
  /** What the owner's configuration says. */
  readonly sampling: Sampling;
  /** What the persona of the scope prefers; `{}` for a whole server. */
  readonly persona: SamplingOverrides;
}

export interface Sourced<Value> {
  readonly value: Value;
  readonly source: ValueSource;
}

export function findValue<Name extends SettingName>(
  { defaults, levels }: Pick<Inheritance, "defaults" | "levels">,
  name: Name,
): Sourced<Settings[Name]> {
  for (const { overrides, source } of levels) {
    const value = overrides[name];
    if (value !== undefined) return { value, source };
  }
  return { value: defaults[name], source: "default" };
}

/** What held if the scope set nothing itself. */
export function withoutOwn(inheritance: Inheritance): Inheritance {
  return { ...inheritance, levels: inheritance.levels.filter(({ source }) => source !== "own") };
}

export function isOwn({ levels }: Inheritance, name: SettingName): boolean {
  return levels.some(({ overrides, source }) => source === "own" && overrides[name] !== undefined);
}

/** A place's values go before its persona's, and those before the server's. */
export function findSampling<Name extends keyof Sampling>(
  { levels, persona, sampling }: Inheritance,
  name: Name,
): Sourced<Sampling[Name]> {
  const steps = levels.map(({ overrides, source }) => ({
    source,
    values: overrides.sampling ?? {},
  }));
  const ordered: readonly { source: ValueSource; values: SamplingOverrides }[] = [
    ...steps.filter(({ source }) => source !== "server"),
    { source: "persona", values: persona },
    ...steps.filter(({ source }) => source === "server"),
  ];
  for (const { source, values } of ordered) {
    const value = values[name];
    if (value !== undefined) return { value, source };
  }
  return { value: sampling[name], source: "default" };
}
