import { mergeSampling } from "../sampling.ts";
import type { Sampling, SamplingOverrides } from "../sampling.ts";
import type { SamplingLayers } from "./settings.ts";

/** Where a value comes from, nearest first. `default` is the owner's configuration. */
export type SamplingSource = "place" | "parent" | "persona" | "guild" | "default";

export interface SamplingParts {
  readonly layers: SamplingLayers;
  /** What the persona of the place prefers. */
  readonly persona: SamplingOverrides;
  readonly defaults: Sampling;
}

/** Each value from the nearest that sets it. */
export function toSampling({ defaults, layers, persona }: SamplingParts): Sampling {
  const { guild, parent, place } = layers;
  return mergeSampling(defaults, { ...guild, ...persona, ...parent, ...place });
}

export function findSamplingSource(
  name: keyof Sampling,
  { layers, persona }: Omit<SamplingParts, "defaults">,
): SamplingSource {
  if (layers.place[name] !== undefined) return "place";
  if (layers.parent[name] !== undefined) return "parent";
  if (persona[name] !== undefined) return "persona";
  return layers.guild[name] === undefined ? "default" : "guild";
}
