/** One question, answered by figures that anyone can measure again. */
export interface Benchmark {
  readonly name: string;
  /** One line, which the figures answer. */
  readonly question: string;
  run(options: BenchOptions): Promise<BenchResult>;
}

export interface BenchOptions {
  /** How often each case is measured; undefined: the benchmark's own number. */
  readonly rounds: number | undefined;
  /** Tokens of one reply; undefined: the benchmark's own number. */
  readonly tokens: number | undefined;
  /** Threads that inference may use; undefined: Familiar's own rule. */
  readonly threads: number | undefined;
  /** Whether a trade-off between two figures is measured at more points than Familiar's own. */
  readonly hasCurve: boolean;
  /** The folder of llama.cpp's own programs, where there is one. */
  readonly llamaCppBin: string | undefined;
  /** Where large files are kept between runs. */
  readonly cacheDir: string;
  /** The path of an embedding model, for what it adds; undefined: that is not measured. */
  readonly embeddingModel: string | undefined;
  /** The folder with conversations of LoCoMo. */
  readonly locomoDir: string;
  /** npm's own program, where npm runs this. */
  readonly npmCli: string | undefined;
  /** Says on stderr how far it is. */
  readonly say: (line: string) => void;
  /** Aborted by Ctrl+C. */
  readonly signal: AbortSignal;
}

export interface BenchResult {
  /** What another run needs to be comparable. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly measures: readonly Measure[];
  /** For people: what the figures rest on, a sentence each. */
  readonly remarks?: readonly string[];
}

export interface Measure {
  /** The figure's name; a unit is part of it: `msAt10`. */
  readonly name: string;
  readonly value: number;
  /** The samples whose median `value` is. */
  readonly spread?: Spread;
  readonly aim?: Aim;
}

interface Spread {
  readonly least: number;
  readonly greatest: number;
  readonly samples: number;
}

export type Aim =
  | { readonly kind: "at-least"; readonly bound: number }
  | { readonly kind: "at-most"; readonly bound: number };
