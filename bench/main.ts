import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { crowd } from "./crowd.bench.ts";
import { forget } from "./forget.bench.ts";
import { history } from "./history.bench.ts";
import { newcomer } from "./newcomer.bench.ts";
import { overhead } from "./overhead.bench.ts";
import { recall } from "./recall.bench.ts";
import { recallScale } from "./recall-scale.bench.ts";
import { reply } from "./reply.bench.ts";
import { returning } from "./returning.bench.ts";
import { soak } from "./soak.bench.ts";
import { start } from "./start.bench.ts";
import type { Benchmark } from "./support/benchmark.ts";
import { parseCommandLine } from "./support/command-line.ts";
import type { CommandLine } from "./support/command-line.ts";
import { readMachine } from "./support/machine.ts";
import { toJson, toText } from "./support/report.ts";
import { throughput } from "./throughput.bench.ts";

const BENCHMARKS: readonly Benchmark[] = [
  history,
  reply,
  start,
  throughput,
  newcomer,
  returning,
  crowd,
  overhead,
  soak,
  recall,
  recallScale,
  forget,
];

/** Beside the repository. */
const DEFAULT_LOCOMO_DIR = fileURLToPath(new URL("../../shared/data/locomo-dev", import.meta.url));

const USAGE = `npm run bench -- <name> [--json] [--rounds n] [--tokens n] [--threads n] [--curve]`;

async function run(commandLine: CommandLine, signal: AbortSignal): Promise<void> {
  const { isJson, name, ...counts } = commandLine;
  const benchmark = BENCHMARKS.find((known) => known.name === name);
  if (benchmark === undefined) {
    list(name);
    return;
  }
  const machine = await readMachine();
  const environment = process.env;
  const result = await benchmark.run({
    ...counts,
    llamaCppBin: environment["LLAMA_CPP_BIN"],
    cacheDir: environment["BENCH_CACHE"] ?? join(tmpdir(), "familiar-bench"),
    embeddingModel: environment["EMBEDDING_MODEL"],
    locomoDir: environment["LOCOMO_DIR"] ?? DEFAULT_LOCOMO_DIR,
    npmCli: environment["npm_execpath"],
    say: (line) => process.stderr.write(`${line}\n`),
    signal,
  });
  const toReport = isJson ? toJson : toText;
  process.stdout.write(toReport({ benchmark, machine, result }));
}

function list(unknown: string | undefined): void {
  if (unknown !== undefined) {
    process.stderr.write(`There is no benchmark "${unknown}".\n\n`);
    process.exitCode = 1;
  }
  const lines = BENCHMARKS.map(({ name, question }) => `  ${name.padEnd(12)} ${question}`);
  process.stdout.write(`${USAGE}\n\n${lines.join("\n")}\n`);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const interrupted = new AbortController();
process.once("SIGINT", () => interrupted.abort(new Error("Interrupted")));

try {
  await run(parseCommandLine(process.argv.slice(2)), interrupted.signal);
} catch (error) {
  process.stderr.write(`${interrupted.signal.aborted ? "Interrupted" : describe(error)}\n`);
  process.exitCode = 1;
}
