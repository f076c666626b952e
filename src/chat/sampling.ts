import { InvalidInput } from "./problem.ts";

/** How the model chooses each next token. */
export interface Sampling {
  readonly temperature: number;
  readonly topP: number;
  readonly topK: number;
  readonly minP: number;
  /** 1 is off. */
  readonly repeatPenalty: number;
  /** Undefined: a new one for every reply. */
  readonly seed: number | undefined;
  /** The reply ends before the first of these, and shows none of them. */
  readonly stop: readonly string[];
}

/** The likeliest words: for what is to be told, not invented. */
export const LIKELIEST: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 40,
  minP: 0,
  repeatPenalty: 1,
  seed: undefined,
  stop: [],
};

/** What a conversation sets otherwise than the settings do. */
export type SamplingOverrides = Partial<Sampling>;

export type SamplingNumber = Exclude<keyof Sampling, "stop">;

export interface SamplingRange {
  /** For people, the same in every language. */
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly isWhole: boolean;
}

/** What a conversation may set. */
export const SAMPLING_RANGES: Readonly<Record<SamplingNumber, SamplingRange>> = {
  temperature: { label: "temperature", min: 0, max: 5, isWhole: false },
  topP: { label: "top-p", min: 0, max: 1, isWhole: false },
  topK: { label: "top-k", min: 1, max: 1_000, isWhole: true },
  minP: { label: "min-p", min: 0, max: 1, isWhole: false },
  repeatPenalty: { label: "repeat penalty", min: 1, max: 2, isWhole: false },
  seed: { label: "seed", min: 0, max: 4_294_967_295, isWhole: true },
};

export const SAMPLING_NUMBERS: readonly SamplingNumber[] = [
  "temperature",
  "topP",
  "topK",
  "minP",
  "repeatPenalty",
  "seed",
];

export const MAX_STOP_STRINGS = 4;
export const MAX_STOP_STRING_LENGTH = 64;

export function mergeSampling(settings: Sampling, overrides: SamplingOverrides): Sampling {
  return {
    temperature: overrides.temperature ?? settings.temperature,
    topP: overrides.topP ?? settings.topP,
    topK: overrides.topK ?? settings.topK,
    minP: overrides.minP ?? settings.minP,
    repeatPenalty: overrides.repeatPenalty ?? settings.repeatPenalty,
    seed: overrides.seed ?? settings.seed,
    stop: overrides.stop ?? settings.stop,
  };
}

/** @throws {InvalidInput} */
export function assertSampling(overrides: SamplingOverrides): void {
  for (const name of SAMPLING_NUMBERS) {
    const value = overrides[name];
    if (value === undefined || isInRange(name, value)) continue;
    throw new InvalidInput({ kind: "sampling-out-of-range", name });
  }
  const stop = overrides.stop ?? [];
  if (stop.length > MAX_STOP_STRINGS) {
    throw new InvalidInput({ kind: "too-many-stop-strings", most: MAX_STOP_STRINGS });
  }
  if (stop.every(isStopString)) return;
  throw new InvalidInput({ kind: "stop-string-malformed", most: MAX_STOP_STRING_LENGTH });
}

/** What was stored once; each value that may not be set, or no longer, is left out. */
export function parseSampling(stored: unknown): SamplingOverrides {
  if (typeof stored !== "object" || stored === null) return {};
  const overrides: { -readonly [Name in keyof Sampling]?: Sampling[Name] } = {};
  for (const name of SAMPLING_NUMBERS) {
    const value: unknown = Reflect.get(stored, name);
    if (isInRange(name, value)) overrides[name] = value;
  }
  const stop: unknown = Reflect.get(stored, "stop");
  if (isStop(stop)) overrides.stop = stop;
  return overrides;
}

function isInRange(name: SamplingNumber, value: unknown): value is number {
  const { isWhole, max, min } = SAMPLING_RANGES[name];
  if (typeof value !== "number" || (isWhole && !Number.isInteger(value))) return false;
  return value >= min && value <= max;
}

function isStop(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= MAX_STOP_STRINGS && value.every(isStopString);
}

/** A line break alone is a stop string with a use: it keeps replies to one line. */
function isStopString(value: unknown): value is string {
  return (
    typeof value === "string" && value.length <= MAX_STOP_STRING_LENGTH && /[\S\n]/.test(value)
  );
}
