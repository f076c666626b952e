import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { provideBenchModels } from "./support/bench-models.ts";
import type { BenchModel } from "./support/bench-models.ts";
import { createCrowd } from "./support/crowd-talks.ts";
import type { Crowd } from "./support/crowd-talks.ts";
import { describeEngine, openEngine } from "./support/local-engine.ts";
import { toPercentile } from "./support/statistics.ts";
import type { TimedReply } from "./support/timed-reply.ts";

const CONVERSATIONS = 100;
const SLOTS = 4;
const DEFAULT_TURNS = { "": 120, Demo: 1_000 } as const;
const DEFAULT_REPLY_TOKENS = 16;
const QUESTION_TOKENS = 16;
const TURNS_AT_ONCE = 20;
const STATE_BYTES = 4 * 2 ** 30;

export const crowd: Benchmark = {
  name: "crowd",
  question: "What do slots gain when 100 conversations take turns on 4 of them?",
  run: measureCrowd,
};

async function measureCrowd(options: BenchOptions): Promise<BenchResult> {
  const { say } = options;
  const measures: Measure[] = [];
  const settings: Record<string, string | number> = {};
  for (const model of await provideBenchModels(options)) {
    const turns = options.rounds ?? DEFAULT_TURNS[model.suffix];
    say(`Measuring ${turns} turns with ${model.title} ...`);
    const { facts, ...crowds } = await measureModel(options, { model, turns });
    measures.push(...toMeasures(model, crowds));
    settings[`model${model.suffix}`] = model.title;
    settings[`turns${model.suffix}`] = turns;
    Object.assign(settings, facts);
  }
  const replyTokens = options.tokens ?? DEFAULT_REPLY_TOKENS;
  const sizes = { conversations: CONVERSATIONS, slots: SLOTS, replyTokens };
  return { settings: { ...settings, ...sizes }, measures, remarks: [REMARK] };
}

const REMARK =
  "Four people at a time wait for a reply and leave; who talks next follows Zipf's law, from the same seed in both crowds. Cold: everything of a conversation is forgotten before each of its replies; only the system prompt may come from another slot. The crowds take turns, 20 of each.";

interface ModelTurns {
  readonly model: BenchModel;
  readonly turns: number;
}

async function measureModel(options: BenchOptions, { model, turns }: ModelTurns) {
  const { say, signal, threads, tokens: replyTokens = DEFAULT_REPLY_TOKENS } = options;
  const directory = await mkdtemp(join(tmpdir(), "familiar-crowd-"));
  try {
    await using engine = await openEngine({
      modelPath: model.path,
      parallelConversations: SLOTS,
      states: { directory, maxBytes: STATE_BYTES },
      threads,
      signal,
    });
    await using coldEngine = await openEngine({
      modelPath: model.path,
      parallelConversations: SLOTS,
      threads,
      signal,
    });
    const sizes = { conversations: CONVERSATIONS, atOnce: SLOTS, questionTokens: QUESTION_TOKENS };
    const common = { ...sizes, replyTokens, signal };
    const kept = createRun(createCrowd({ ...common, engine, forgets: false }));
    const cold = createRun(createCrowd({ ...common, engine: coldEngine, forgets: true }));
    for (let taken = 0; taken < turns; taken += TURNS_AT_ONCE) {
      const count = Math.min(TURNS_AT_ONCE, turns - taken);
      signal.throwIfAborted();
      await kept.goOn(count);
      await cold.goOn(count);
      say(`${taken + count} turns: ${toSeconds(kept)} s with slots, ${toSeconds(cold)} s without`);
    }
    return { facts: describeEngine(engine), kept, cold };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

interface Run {
  readonly replies: TimedReply[];
  ms: number;
  goOn(turns: number): Promise<void>;
}

function createRun(people: Crowd): Run {
  return {
    replies: [],
    ms: 0,
    async goOn(turns) {
      const startedAt = performance.now();
      this.replies.push(...(await people.takeTurns(turns)));
      this.ms += performance.now() - startedAt;
    },
  };
}

function toSeconds({ ms }: Run): string {
  return (ms / 1000).toFixed(1);
}

function toMeasures({ suffix }: BenchModel, { cold, kept }: { kept: Run; cold: Run }): Measure[] {
  return [
    { name: `reusedShare${suffix}`, value: toReusedShare(kept) },
    ...toTimes(kept, suffix),
    { name: `speedup${suffix}`, value: cold.ms / kept.ms },
    { name: `reusedShareCold${suffix}`, value: toReusedShare(cold) },
    ...toTimes(cold, `Cold${suffix}`),
  ];
}

function toReusedShare({ replies }: Run): number {
  const sum = (count: (reply: TimedReply) => number): number =>
    replies.reduce((total, reply) => total + count(reply), 0);
  return sum(({ usage }) => usage.reusedTokens) / sum(({ usage }) => usage.promptTokens);
}

function toTimes({ replies }: Run, suffix: string): Measure[] {
  const times = replies.map(({ usage }) => usage.firstTokenMs);
  const spread = {
    least: Math.min(...times),
    greatest: Math.max(...times),
    samples: times.length,
  };
  return [
    { name: `ttftP50Ms${suffix}`, value: toPercentile(times, 50), spread },
    { name: `ttftP95Ms${suffix}`, value: toPercentile(times, 95), spread },
  ];
}
