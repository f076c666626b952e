import process from "node:process";
import type { Aim, BenchOptions, BenchResult, Benchmark } from "./support/benchmark.ts";
import { ANSWER_SETTINGS } from "./support/answer-settings.ts";
import { openCollector } from "./support/collect-garbage.ts";
import { openOfflineFamiliar } from "./support/offline-familiar.ts";
import type { OfflineFamiliar } from "./support/offline-familiar.ts";
import { readResidentMb } from "./support/resident-memory.ts";
import { createScriptedReplies } from "./support/scripted-replies.ts";
import { toMeasure, toMedian } from "./support/statistics.ts";

const DEFAULT_REPLIES = 10_000;
const PLACES = 20;
const AT_ONCE = 4;
/** Discord's limits pass so much faster: a reply has some edits, and waits for none of them. */
const SPEED = 100;
/** From here on, what is filled once and kept is full. */
const WARM_UP_SHARE = 0.1;
const LOOKS = 10;
const READINGS = 5;
const AIM: Aim = { kind: "at-most", bound: 20 };

export const soak: Benchmark = {
  name: "soak",
  question: "Does memory stay flat over 10,000 replies?",
  run: measureSoak,
};

async function measureSoak(options: BenchOptions): Promise<BenchResult> {
  const { rounds: replies = DEFAULT_REPLIES, say, signal } = options;
  await using familiar = await openOfflineFamiliar({
    engine: createScriptedReplies(),
    settings: ANSWER_SETTINGS,
    places: PLACES,
    speed: SPEED,
    signal,
  });
  const collect = openCollector();
  const looks: number[] = [];
  const paces: number[] = [];
  const steps = [
    WARM_UP_SHARE,
    ...Array.from({ length: LOOKS - 1 }, (_, index) => (index + 2) / LOOKS),
  ];
  let written = 0;
  for (const share of steps) {
    const upTo = Math.round(replies * share);
    const startedAt = performance.now();
    await writeReplies(familiar, { from: written, upTo, signal });
    const pace = (performance.now() - startedAt) / (upTo - written);
    written = upTo;
    looks.push(await readSettledMb(collect));
    paces.push(pace);
    say(`${written} replies: ${looks.at(-1)?.toFixed(1)} MB, ${pace.toFixed(1)} ms each`);
  }
  // Node gives some memory of its start back only later: that must not hide a growth.
  const least = Math.min(...looks);
  const last = looks.at(-1) ?? Number.NaN;
  return {
    settings: { store: "PGlite", replies, places: PLACES, atOnce: AT_ONCE },
    measures: [
      { name: "residentGrowthMb", value: last - least, aim: AIM },
      { name: "residentMbLeast", value: least },
      { name: "residentMbEnd", value: last },
      { name: "residentMbMost", value: Math.max(...looks) },
      toMeasure("msPerReply", paces),
      { name: "msPerReplyEnd", value: paces.at(-1) ?? Number.NaN },
    ],
    remarks: [
      `The growth is that from the least memory after ${Math.round(replies * WARM_UP_SHARE)} replies or later to the end, garbage collected. The model is a script; the domain, the embedded database and the surface of replies are real, and Discord behind it takes everything at once.`,
    ],
  };
}

interface Stretch {
  readonly from: number;
  readonly upTo: number;
  readonly signal: AbortSignal;
}

async function writeReplies(familiar: OfflineFamiliar, { from, signal, upTo }: Stretch) {
  for (let next = from; next < upTo; next += AT_ONCE) {
    signal.throwIfAborted();
    const numbers = Array.from({ length: Math.min(AT_ONCE, upTo - next) }, (_, at) => next + at);
    await Promise.all(
      numbers.map((number) => familiar.ask(number % PLACES, `What about number ${number}?`)),
    );
  }
}

async function readSettledMb(collect: () => void): Promise<number> {
  const readings: number[] = [];
  for (let reading = 0; reading < READINGS; reading += 1) {
    collect();
    readings.push(await readResidentMb(process.pid));
  }
  return toMedian(readings);
}
