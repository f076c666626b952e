import type { Aim, Measure } from "./benchmark.ts";

/** @throws {Error} when there are no samples */
export function toMedian(samples: readonly number[]): number {
  const sorted = samples.toSorted((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error("There is nothing to measure");
  return (lower + upper) / 2;
}

/** The median of the samples as a figure, with their spread. */
export function toMeasure(name: string, samples: readonly number[], aim?: Aim): Measure {
  const spread = {
    least: Math.min(...samples),
    greatest: Math.max(...samples),
    samples: samples.length,
  };
  return { name, value: toMedian(samples), spread, ...(aim === undefined ? {} : { aim }) };
}

export function isReached(value: number, aim: Aim): boolean {
  return aim.kind === "at-least" ? value >= aim.bound : value <= aim.bound;
}

/** The least sample that at least this share of all, in percent, do not exceed. */
export function toPercentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((one, other) => one - other);
  const found = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
  if (found === undefined) throw new Error("There is nothing to measure");
  return found;
}
