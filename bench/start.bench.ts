import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { BenchOptions, BenchResult, Benchmark } from "./support/benchmark.ts";
import { startProgram } from "./support/child-program.ts";
import { readResidentMb } from "./support/resident-memory.ts";
import { toMeasure } from "./support/statistics.ts";

const DEFAULT_ROUNDS = 3;
const READY = "Familiar is ready";
const IDLE_MS = 5_000;
const FIRST_AIM = { kind: "at-most", bound: 8_000 } as const;
const LATER_AIM = { kind: "at-most", bound: 3_000 } as const;
const PROGRAM = [
  "--require",
  "./scripts/size-worker-pool.cjs",
  "--enable-source-maps",
  "dist/main.js",
];

export const start: Benchmark = {
  name: "start",
  question: "How long until Familiar is ready, and how much memory does it hold when idle?",
  run: measureStart,
};

async function measureStart(options: BenchOptions): Promise<BenchResult> {
  const { npmCli, rounds = DEFAULT_ROUNDS, say, signal } = options;
  if (npmCli === undefined) throw new Error("Run it through npm: npm run bench -- start");
  say("npm start, with nothing compiled ...");
  await rm(fileURLToPath(new URL("../dist", import.meta.url)), { recursive: true, force: true });
  const withNpm = await measureRound([npmCli, "start"], signal);
  const measured: Round[] = [];
  for (let number = 1; number <= rounds; number += 1) {
    say(`node ${PROGRAM.join(" ")}, round ${number} of ${rounds} ...`);
    measured.push(await measureRound(PROGRAM, signal));
  }
  const sampled = (name: keyof Round): number[] => measured.map((round) => round[name]);
  return {
    settings: { program: `node ${PROGRAM.join(" ")}`, model: "demo", store: "PGlite", rounds },
    measures: [
      toMeasure("readyMsFirst", sampled("readyMsFirst"), FIRST_AIM),
      toMeasure("readyMsLater", sampled("readyMsLater"), LATER_AIM),
      { name: "npmStartMsFirst", value: withNpm.readyMsFirst, aim: FIRST_AIM },
      { name: "npmStartMsLater", value: withNpm.readyMsLater, aim: LATER_AIM },
      toMeasure("residentMb", sampled("residentMb")),
    ],
    remarks: [
      "readyMs counts from the start of the compiled program until it says that it is ready, first with no database, later with it; npmStartMs does the same for the whole command, once with nothing compiled and no database, then with both.",
    ],
  };
}

interface Round {
  readonly readyMsFirst: number;
  readonly readyMsLater: number;
  /** Of the process that was started, when it has been ready and idle for a while. */
  readonly residentMb: number;
}

/** Twice in the same folder, which is empty the first time. */
async function measureRound(args: readonly string[], signal: AbortSignal): Promise<Round> {
  const folder = await mkdtemp(join(tmpdir(), "familiar-start-"));
  // Set empty, a variable counts as not set, whatever a `.env` says.
  const environment = {
    DATA_DIR: folder,
    PLAYGROUND_PORT: "0",
    DISCORD_TOKEN: "",
    DISCORD_API_URL: "",
    DATABASE_URL: "",
    MODEL: "",
    THREADS: "",
  };
  try {
    const first = await measureOnce({ args, environment, signal });
    const later = await measureOnce({ args, environment, signal });
    const { residentMb } = later;
    return { readyMsFirst: first.readyMs, readyMsLater: later.readyMs, residentMb };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureOnce(options: Parameters<typeof startProgram>[0]) {
  await using program = startProgram(options);
  const readyMs = await program.until(READY);
  await wait(IDLE_MS, undefined, { signal: options.signal });
  return { readyMs, residentMb: await readResidentMb(program.pid) };
}
