import { SETTING_NAMES } from "./settings.ts";
import type {
  EffectiveSettings,
  SettingName,
  Settings,
  SettingsOverrides,
  SettingsSource,
} from "./settings.ts";

/** What a place sets, the channel that it hangs under, and their server. */
export interface SettingsLayers {
  readonly place: SettingsOverrides;
  readonly parent: SettingsOverrides;
  readonly guild: SettingsOverrides;
}

const NEAREST_FIRST = ["place", "parent", "guild"] as const;

export function mergeSettings(layers: SettingsLayers, defaults: Settings): EffectiveSettings {
  const { guild, parent, place } = layers;
  const sampling = {
    place: place.sampling ?? {},
    parent: parent.sampling ?? {},
    guild: guild.sampling ?? {},
  };
  return {
    values: {
      ...defaults,
      ...guild,
      ...parent,
      ...place,
      sampling: { ...defaults.sampling, ...sampling.guild, ...sampling.parent, ...sampling.place },
    },
    sources: toSources(layers),
    sampling,
  };
}

function toSources(layers: SettingsLayers): Readonly<Record<SettingName, SettingsSource>> {
  const sourceOf = (name: SettingName): SettingsSource =>
    NEAREST_FIRST.find((layer) => layers[layer][name] !== undefined) ?? "default";
  const entries = SETTING_NAMES.map((name) => [name, sourceOf(name)] as const);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it has an entry for every name
  return Object.fromEntries(entries) as Record<SettingName, SettingsSource>;
}
