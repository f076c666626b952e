import type { Aim, BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { provideBenchModels, toModelMeasure } from "./support/bench-models.ts";
import type { BenchModel } from "./support/bench-models.ts";
import { describeEngine } from "./support/local-engine.ts";
import { openSides, SERVER_STREAMS } from "./support/throughput-sides.ts";
import type { Sides } from "./support/throughput-sides.ts";

const DEFAULT_ROUNDS = 5;
/** Long enough for a second or more on a slow machine; the demo model's take milliseconds. */
const DEFAULT_TOKENS = { "": 64, Demo: 192 } as const;
const STREAMS = [1, 2, 4, 8] as const;
const PLAIN_STREAMS = new Set<number>([4, 8]);
const MOST_STREAMS = 8;
const RATIO_AIM: Aim = { kind: "at-least", bound: 0.95 };
const SERVER_AIM: Aim = { kind: "at-least", bound: 1 };

export const throughput: Benchmark = {
  name: "throughput",
  question: "How much of llama.cpp's own speed is left with 1, 2, 4 and 8 replies at once?",
  run: measureThroughput,
};

async function measureThroughput(options: BenchOptions): Promise<BenchResult> {
  const { llamaCppBin, rounds = DEFAULT_ROUNDS, say, signal, threads } = options;
  const measures: Measure[] = [];
  const settings: Record<string, string | number> = {};
  let libraries: string | undefined;
  for (const model of await provideBenchModels(options)) {
    say(`Measuring ${model.title} ...`);
    const tokens = options.tokens ?? DEFAULT_TOKENS[model.suffix];
    const sidesOptions = { model, mostStreams: MOST_STREAMS, tokens, threads, llamaCppBin, signal };
    await using sides = await openSides(sidesOptions);
    const samples = await measureAll(sides, { rounds, say, signal });
    measures.push(...toMeasures(model, samples));
    settings[`model${model.suffix}`] = model.title;
    settings[`replyTokens${model.suffix}`] = tokens;
    Object.assign(settings, describeEngine(sides.engine));
    libraries = sides.tools?.libraries;
  }
  return {
    settings: { ...settings, rounds },
    measures,
    remarks: [toReferenceRemark(libraries), REMARK],
  };
}

const REMARK =
  "A ratio is the median of the rounds' own ratios; in each, both sides ran right after one another. Tokens a second count all streams together while all of them are being written, as llama-batched-bench does; against llama-server, from the requests to the last token, prompts included.";

function toReferenceRemark(libraries: string | undefined): string {
  return (
    libraries ??
    "LLAMA_CPP_BIN names no folder: the reference is node-llama-cpp at its lowest level, all streams in lockstep, and nothing is compared with llama-server."
  );
}

/** By the figure's name, a sample a round. */
type Samples = Map<string, number[]>;

interface Rounds {
  readonly rounds: number;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

async function measureAll(sides: Sides, { rounds, say, signal }: Rounds): Promise<Samples> {
  const samples: Samples = new Map();
  const keep = (name: string, value: number): void => {
    samples.set(name, [...(samples.get(name) ?? []), value]);
  };
  await sides.ours(MOST_STREAMS);
  for (let round = 0; round < rounds; round += 1) {
    for (const streams of STREAMS) {
      signal.throwIfAborted();
      await measureStreams(sides, { streams, isReversed: round % 2 === 1, keep });
    }
    if (sides.served !== undefined) await measureServed(sides.served, round % 2 === 1, keep);
    const latest = STREAMS.map((streams) => samples.get(`ratio${streams}`)?.at(-1)?.toFixed(2));
    say(`Round ${round + 1} of ${rounds}: ${latest.join(", ")} of the reference`);
  }
  return samples;
}

interface StreamsRun {
  readonly streams: number;
  readonly isReversed: boolean;
  readonly keep: (name: string, value: number) => void;
}

async function measureStreams(sides: Sides, { isReversed, keep, streams }: StreamsRun) {
  const [ours, reference] = await inTurn(
    () => sides.ours(streams),
    () => sides.reference(streams),
    isReversed,
  );
  keep(`ratio${streams}`, ours / reference);
  keep(`tokensPerSecond${streams}`, ours);
  keep(`referenceTokensPerSecond${streams}`, reference);
  if (PLAIN_STREAMS.has(streams)) keep(`plain${streams}`, (await sides.plain(streams)) / reference);
}

async function measureServed(
  served: NonNullable<Sides["served"]>,
  isReversed: boolean,
  keep: StreamsRun["keep"],
): Promise<void> {
  const [ours, server] = await inTurn(
    () => served.ours(),
    () => served.server(),
    isReversed,
  );
  keep(`serverRatio${SERVER_STREAMS}`, ours / server);
  keep(`serverTokensPerSecond${SERVER_STREAMS}`, server);
}

/** Whoever comes second finds the machine warmer, so they change places. */
async function inTurn(
  one: () => Promise<number>,
  other: () => Promise<number>,
  isReversed: boolean,
): Promise<readonly [number, number]> {
  if (!isReversed) return [await one(), await other()];
  const second = await other();
  return [await one(), second];
}

function toMeasures(model: BenchModel, samples: Samples): readonly Measure[] {
  const ranked = ["ratio", "serverRatio", "plain", ""];
  const rankOf = (name: string): number => ranked.findIndex((start) => name.startsWith(start));
  return [...samples]
    .toSorted(([one], [other]) => rankOf(one) - rankOf(other))
    .map(([name, values]) => {
      const aim = aimOf(name);
      return toModelMeasure(model, {
        name,
        samples: values,
        ...(aim === undefined ? {} : { aim }),
      });
    });
}

function aimOf(name: string): Aim | undefined {
  if (name.startsWith("ratio")) return RATIO_AIM;
  return name.startsWith("serverRatio") ? SERVER_AIM : undefined;
}
