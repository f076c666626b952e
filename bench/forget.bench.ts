import { toUserId } from "../src/chat/ids.ts";
import type { Database } from "../src/store/database.ts";
import { createStore } from "../src/store/open-store.ts";
import type { BenchOptions, BenchResult, Benchmark, Measure } from "./support/benchmark.ts";
import { ANSWER_SETTINGS } from "./support/answer-settings.ts";
import { BENCH_DATABASES } from "./support/bench-databases.ts";
import { fillTalk, SPEAKERS } from "./support/fill-talk.ts";
import { createBlindSurface } from "./support/offline-discord.ts";
import { createOfflineFamiliar } from "./support/offline-familiar.ts";
import { createScriptedReplies } from "./support/scripted-replies.ts";
import { toMeasure } from "./support/statistics.ts";

const STORED_TURNS = 100_000;
const MAX_SECONDS = 60;

export const forget: Benchmark = {
  name: "forget",
  question: "How long does it take to forget someone who has said a great deal?",
  run: measureForgetting,
};

async function measureForgetting(options: BenchOptions): Promise<BenchResult> {
  const { rounds: turns = STORED_TURNS, signal } = options;
  const measures: Measure[] = [];
  for (const [name, open] of BENCH_DATABASES) {
    await using opened = await open(signal);
    const samples = await forgetEach(opened.database, { ...options, name, turns });
    const aim = { kind: "at-most", bound: MAX_SECONDS } as const;
    measures.push(toMeasure(`${name}Seconds`, samples, aim));
  }
  return {
    settings: { turns, people: SPEAKERS.length, turnsOfEach: turns / SPEAKERS.length },
    measures,
    remarks: [
      "Everyone in one place, one after the other: their words, and what recall's index has of them.",
    ],
  };
}

interface Forgetting extends Pick<BenchOptions, "say" | "signal"> {
  readonly name: string;
  readonly turns: number;
}

/** Seconds of each person. */
async function forgetEach(
  database: Database,
  { name, say, signal, turns }: Forgetting,
): Promise<readonly number[]> {
  await using store = createStore(database);
  say(`${name}: filling a place with ${turns} turns ...`);
  const conversationId = await fillTalk(database, store, { turns, signal });
  while (await store.recall.index(conversationId, turns)) signal.throwIfAborted();
  const familiar = createOfflineFamiliar({
    engine: createScriptedReplies(),
    settings: ANSWER_SETTINGS,
    store,
    surface: createBlindSurface(),
  });
  const samples: number[] = [];
  for (const number of SPEAKERS.keys()) {
    signal.throwIfAborted();
    const userId = toUserId(String(number));
    const person = { userId, scope: { kind: "everywhere" } } as const;
    const start = performance.now();
    await familiar.privacy.forget({
      ...person,
      until: new Date(),
      withReplies: false,
      directId: undefined,
    });
    samples.push((performance.now() - start) / 1_000);
    say(`${name}: forgot one in ${samples.at(-1)?.toFixed(1)} s`);
    const held = await familiar.privacy.held(person);
    if (held.some(({ messages }) => messages > 0)) throw new Error("Not all was forgotten");
  }
  await familiar.close(AbortSignal.abort());
  return samples;
}
