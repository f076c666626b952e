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
