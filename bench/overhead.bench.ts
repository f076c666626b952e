import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Aim, BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { ANSWER_SETTINGS } from "./support/answer-settings.ts";
import { DEMO_MODEL } from "./support/bench-models.ts";
import { askForStory } from "./support/bench-texts.ts";
import { describeEngine, openEngine } from "./support/local-engine.ts";
import { openOfflineFamiliar } from "./support/offline-familiar.ts";
import { openRawModel } from "./support/raw-model.ts";
import { runRawStreams } from "./support/raw-streams.ts";
import { toMeasure } from "./support/statistics.ts";
import { provideSyntheticModel } from "./support/synthetic-model.ts";
import { watchEngine } from "./support/watched-engine.ts";

const DEFAULT_ROUNDS = 15;
const MOST_DELAY_ROUNDS = 5;
const REPLY_TOKENS = 192;
const STORIES_PER_ROUND = 4;
const DELAY_TOKENS = 32;
const STREAMS = 8;
const RESOLUTION_MS = 1;
const NANOSECONDS_PER_MS = 1_000_000;
const DELAY_AIM: Aim = { kind: "at-most", bound: 10 };

export const overhead: Benchmark = {
  name: "overhead",
  question: "What does Familiar itself cost for each token, and does it ever block Node?",
  run: measureOverhead,
};

async function measureOverhead(options: BenchOptions): Promise<BenchResult> {
  const { rounds = DEFAULT_ROUNDS } = options;
  const perToken = await measurePerToken({ ...options, rounds });
  const delayRounds = Math.min(rounds, MOST_DELAY_ROUNDS);
  const { delays, facts } = await measureDelays({ ...options, rounds: delayRounds });
  return {
    settings: {
      ...facts,
      rounds,
      replyTokens: options.tokens ?? REPLY_TOKENS,
      delayStreams: STREAMS,
      delayReplyTokens: options.tokens ?? DELAY_TOKENS,
      delayResolutionMs: RESOLUTION_MS,
    },
    measures: [...perToken, toMeasure("loopDelayP99Ms", delays, DELAY_AIM)],
    remarks: [
      "msPerToken is the time from one token of a reply to the next in all of Familiar (engine, guards, drafts in the embedded database, splitting into messages), less that of plain node-llama-cpp, in pairs, with the demo model and a Discord that takes everything at once. loopDelayP99Ms is what perf_hooks measures while 8 replies of the model with 1.1 billion parameters are read and written; an idle Node shows the resolution itself.",
    ],
  };
}

type RoundsOptions = BenchOptions & { readonly rounds: number };

async function measurePerToken(options: RoundsOptions): Promise<readonly Measure[]> {
  const { rounds, say, signal, threads, tokens = REPLY_TOKENS } = options;
  say("Measuring each token with the demo model ...");
  const model = { modelPath: DEMO_MODEL, threads, signal };
  await using engine = await openEngine({ ...model, parallelConversations: 1 });
  await using raw = await openRawModel(model);
  const watch = watchEngine(engine);
  await using familiar = await openOfflineFamiliar({
    engine: watch.engine,
    settings: { ...ANSWER_SETTINGS, maxReplyTokens: tokens },
    places: rounds * STORIES_PER_ROUND,
    signal,
  });
  const ours: number[] = [];
  const plain: number[] = [];
  const limit = rounds * STORIES_PER_ROUND;
  for (let story = 0; story < limit && ours.length <= rounds; story += 1) {
    await familiar.ask(story, askForStory(story).text);
    const reply = watch.takeLatest();
    // Some stories are short, and some are cut by a guard.
    if (reply === undefined || reply.usage.replyTokens < tokens / 2) continue;
    const { firstTokenAt, lastTokenAt, messages, usage } = reply;
    const run = { prompts: [raw.toPrompt(messages)], tokens: usage.replyTokens, signal };
    const rawTokensPerSecond = await runRawStreams(raw, { ...run, advance: "loops" });
    ours.push((lastTokenAt - firstTokenAt) / (usage.replyTokens - 1));
    plain.push(1000 / rawTokensPerSecond);
  }
  // The first one warms up.
  for (const samples of [ours, plain]) samples.shift();
  const differences = ours.map((ms, index) => ms - (plain[index] ?? Number.NaN));
  return [
    toMeasure("msPerToken", differences),
    toMeasure("wholeMsPerToken", ours),
    toMeasure("rawMsPerToken", plain),
  ];
}

async function measureDelays(options: RoundsOptions) {
  const { cacheDir, rounds, say, signal, threads, tokens = DELAY_TOKENS } = options;
  const modelPath = await provideSyntheticModel(cacheDir, say);
  await using engine = await openEngine({
    modelPath,
    parallelConversations: STREAMS,
    threads,
    signal,
  });
  await using familiar = await openOfflineFamiliar({
    engine,
    settings: { ...ANSWER_SETTINGS, maxReplyTokens: tokens },
    places: STREAMS,
    signal,
  });
  const delays: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
    delay.enable();
    await Promise.all(
      Array.from({ length: STREAMS }, (_, place) =>
        familiar.ask(place, askForStory(round * STREAMS + place).text),
      ),
    );
    delay.disable();
    const p99Ms = delay.percentile(99) / NANOSECONDS_PER_MS;
    say(`${round === 0 ? "Warm-up" : `Round ${round}`}: delay ${p99Ms.toFixed(1)} ms`);
    if (round > 0) delays.push(p99Ms);
  }
  return { delays, facts: describeEngine(engine) };
}
