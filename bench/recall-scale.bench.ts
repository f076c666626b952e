import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { recall } from "../src/chat/memory/recall.ts";
import { createStore } from "../src/store/open-store.ts";
import { openPgliteDatabase } from "../src/store/pglite-database.ts";
import { BENCH_DATABASES } from "./support/bench-databases.ts";
import type { BenchDatabase } from "./support/bench-databases.ts";
import type { BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { createWords, fillTalk } from "./support/fill-talk.ts";
import { createRandom } from "./support/random.ts";
import { DEMO_MODEL } from "./support/bench-models.ts";
import { openEngine } from "./support/local-engine.ts";
import { measureReusedShare } from "./support/reused-share.ts";
import type { Placing } from "./support/reused-share.ts";
import { toMedian, toPercentile } from "./support/statistics.ts";

const STORED_TURNS = [1_000, 10_000, 1_000_000] as const;
const DEFAULT_ROUNDS = 200;
const WARM_UP_ROUNDS = 20;
const QUESTION_WORDS = 6;
const FOUND_TURNS = 10;
const MAX_P95_MS = 25;
const EXCHANGES = 150;
const PLACINGS: readonly (readonly [name: string, placing: Placing])[] = [
  ["reusedShareOff", "nowhere"],
  ["reusedShareOn", "before the question"],
  ["reusedShareOnAfterQuestion", "after the question"],
];

export const recallScale: Benchmark = {
  name: "recall-scale",
  question:
    "Does finding old turns take longer with more of them, and what do they cost in prompts?",
  run: measureScale,
};

async function measureScale(options: BenchOptions): Promise<BenchResult> {
  const measures = await measureShares(options);
  for (const [name, open] of BENCH_DATABASES) {
    await using opened = await open(options.signal);
    measures.push(...(await measureAll(opened, name, options)));
  }
  const { rounds = DEFAULT_ROUNDS } = options;
  return {
    settings: {
      questions: rounds,
      questionWords: QUESTION_WORDS,
      foundTurns: FOUND_TURNS,
      exchanges: EXCHANGES,
    },
    measures,
    remarks: [
      "Each question from its text to the turns with their texts; words as common as those of a language.",
      "Shares of prompt tokens that were still evaluated, in percent, in a long talk with the demo model that recalls as much as it may for each reply; in the last one, what is recalled stands after what is asked.",
    ],
  };
}

async function measureShares({ say, signal, threads }: BenchOptions): Promise<Measure[]> {
  const folder = await mkdtemp(join(tmpdir(), "familiar-recall-"));
  try {
    await using store = createStore(await openPgliteDatabase(folder, signal));
    const measures: Measure[] = [];
    for (const [name, placing] of PLACINGS) {
      say(`${name}: talking ...`);
      await using engine = await openEngine({
        modelPath: DEMO_MODEL,
        parallelConversations: 1,
        threads,
        signal,
      });
      const talk = { engine, store, placing, exchanges: EXCHANGES, signal };
      measures.push({ name, value: await measureReusedShare(talk) });
    }
    return measures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Closes the database. */
async function measureAll(
  { database, settle }: BenchDatabase,
  name: "pglite" | "postgres",
  options: BenchOptions,
): Promise<Measure[]> {
  await using store = createStore(database);
  const measures: Measure[] = [];
  for (const turns of STORED_TURNS) {
    options.say(`${name}: filling a place with ${turns} turns ...`);
    const conversationId = await fillTalk(database, store, { turns, signal: options.signal });
    const start = performance.now();
    while (await store.recall.index(conversationId, turns)) options.signal.throwIfAborted();
    const indexMs = (performance.now() - start) / turns;
    await settle();
    options.say(`${name}: asking ...`);
    const samples = await askAll(store.recall, { conversationId, turns }, options);
    const [median, p95] = [toMedian(samples), toPercentile(samples, 95)];
    // The next place takes minutes to fill.
    options.say(`${name}: median ${median.toFixed(1)} ms, 95th percentile ${p95.toFixed(1)} ms`);
    const isLongest = turns === STORED_TURNS.at(-1);
    measures.push(
      { name: `${name}IndexMsPerTurn${turns}`, value: indexMs },
      { name: `${name}MedianMs${turns}`, value: median },
      {
        name: `${name}P95Ms${isLongest ? "" : turns}`,
        value: p95,
        ...toAim(name, isLongest),
      },
    );
  }
  return measures;
}

function toAim(name: string, isLongest: boolean): Pick<Measure, "aim"> {
  if (name !== "postgres" || !isLongest) return {};
  return { aim: { kind: "at-most", bound: MAX_P95_MS } };
}

interface Asked {
  readonly conversationId: number;
  readonly turns: number;
}

/** Milliseconds of each question. */
async function askAll(
  store: Parameters<typeof recall>[0],
  { conversationId, turns }: Asked,
  { rounds = DEFAULT_ROUNDS, signal }: BenchOptions,
): Promise<readonly number[]> {
  const drawWord = createWords(createRandom(2));
  const samples: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round += 1) {
    signal.throwIfAborted();
    const text = Array.from({ length: QUESTION_WORDS }, drawWord).join(" ");
    const question = { conversationId, text, before: turns, limit: FOUND_TURNS };
    const start = performance.now();
    const found = await recall(store, question);
    samples.push(performance.now() - start);
    if (found.length === 0) throw new Error("Nothing was found");
  }
  return samples.slice(WARM_UP_ROUNDS);
}
