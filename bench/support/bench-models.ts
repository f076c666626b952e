import { fileURLToPath } from "node:url";
import type { Aim, BenchOptions, Measure } from "./benchmark.ts";
import { toMeasure } from "./statistics.ts";
import { provideSyntheticModel } from "./synthetic-model.ts";

export const DEMO_MODEL = fileURLToPath(
  new URL("../../models/familiar-demo-3m-q8_0.gguf", import.meta.url),
);

export interface BenchModel {
  readonly path: string;
  readonly title: string;
  /** Ends the names of this model's figures. */
  readonly suffix: "" | "Demo";
}

/** A model of real size, for which the aims hold, and the one that Familiar carries beside it. */
export async function provideBenchModels(
  options: Pick<BenchOptions, "cacheDir" | "say">,
): Promise<readonly BenchModel[]> {
  const path = await provideSyntheticModel(options.cacheDir, options.say);
  return [
    { path, title: "random weights, 1.1 B parameters, Q4_0", suffix: "" },
    { path: DEMO_MODEL, title: "demo, 3 M parameters, Q8_0", suffix: "Demo" },
  ];
}

export function toModelMeasure(
  { suffix }: BenchModel,
  figure: { readonly name: string; readonly samples: readonly number[]; readonly aim?: Aim },
): Measure {
  return toMeasure(
    `${figure.name}${suffix}`,
    figure.samples,
    suffix === "" ? figure.aim : undefined,
  );
}
