import { execFile } from "node:child_process";
import { readdirSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const EXECUTABLE = process.platform === "win32" ? ".exe" : "";
/** With a tiny model, it sometimes ends before its last lines are printed. */
const ATTEMPTS = 10;
const MEMORY_MAP = "/proc/self/maps";

/** llama.cpp's own programs. Disposing of them removes what they needed on disk. */
export interface LlamaTools extends AsyncDisposable {
  /** For people: whether they run the very libraries that node-llama-cpp runs. */
  readonly libraries: string;
  readonly batchedBench: string;
  readonly server: string;
  /** To be started in this folder: llama.cpp looks there for its back ends. */
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** To be called when node-llama-cpp is loaded. Undefined: there are no tools. */
export async function openLlamaTools(folder: string | undefined): Promise<LlamaTools | undefined> {
  if (folder === undefined) return undefined;
  const cwd = await mkdtemp(join(tmpdir(), "familiar-llama-"));
  const isShared = process.platform === "linux" && (await linkLoadedLibraries(cwd)) > 0;
  return {
    libraries: isShared
      ? "llama.cpp's tools ran with node-llama-cpp's own libraries, so both sides are the same code."
      : "llama.cpp's tools ran with the libraries they were built with, which may be faster or slower than node-llama-cpp's.",
    batchedBench: join(folder, `llama-batched-bench${EXECUTABLE}`),
    server: join(folder, `llama-server${EXECUTABLE}`),
    cwd,
    environment: isShared ? { LD_LIBRARY_PATH: cwd } : {},
    [Symbol.asyncDispose]: () => rm(cwd, { recursive: true, force: true }),
  };
}

/** Links the libraries of this process, and what lies beside them, by the names tools ask for. */
async function linkLoadedLibraries(target: string): Promise<number> {
  const maps = await readFile(MEMORY_MAP, "utf8");
  const loaded = [...maps.matchAll(/\/\S*\/lib(?:llama|ggml)[^/\s]*\.so$/gm)].map(([path]) => path);
  const folders = new Set(loaded.map((path) => dirname(path)));
  const names = new Map<string, string>();
  for (const folder of folders) {
    for (const file of readdirSync(folder).filter((name) => name.endsWith(".so"))) {
      const path = join(folder, file);
      names.set(file, path);
      // llama.cpp's own builds ask for libllama.so.0 where this one is libllama.cuda.v0.5.0.so.
      const versioned = /^(lib(?:llama|ggml|ggml-base))(?:\.\w+)?(?:\.v[\d.]+)?\.so$/.exec(file);
      if (versioned?.[1] !== undefined) names.set(`${versioned[1]}.so.0`, path);
    }
  }
  for (const [name, path] of names) await symlink(path, join(target, basename(name)));
  return names.size;
}

export interface BatchedBenchRun {
  readonly modelPath: string;
  /** Of one stream. */
  readonly contextTokens: number;
  readonly gpuLayers: number;
  readonly threads: number;
  readonly streams: number;
  readonly promptTokens: number;
  readonly replyTokens: number;
  readonly signal: AbortSignal;
}

/** Generated tokens a second of all streams together, as llama-batched-bench counts them. */
export async function runBatchedBench(tools: LlamaTools, run: BatchedBenchRun): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const { stderr, stdout } = await promisify(execFile)(tools.batchedBench, toArgs(run), {
      cwd: tools.cwd,
      env: { ...process.env, ...tools.environment },
      signal: run.signal,
    });
    const speed = /"speed_tg": ([\d.]+)/.exec(stdout + stderr)?.[1];
    if (speed !== undefined) return Number(speed);
  }
  throw new Error("llama-batched-bench measured nothing");
}

/** Without a GPU the tools would warn that they ignore it. */
export function toGpuArgs(gpuLayers: number): string[] {
  return gpuLayers === 0 ? [] : ["--n-gpu-layers", String(gpuLayers)];
}

function toArgs(run: BatchedBenchRun): string[] {
  const threads = String(run.threads);
  return [
    ["--model", run.modelPath],
    ["--ctx-size", String(run.contextTokens * run.streams)],
    toGpuArgs(run.gpuLayers),
    ["--threads", threads, "--threads-batch", threads],
    ["-npp", String(run.promptTokens)],
    ["-ntg", String(run.replyTokens)],
    ["-npl", String(run.streams)],
    ["--output-format", "jsonl"],
  ].flat();
}
