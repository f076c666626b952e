import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { startProgram } from "./child-program.ts";
import { toGpuArgs } from "./llama-tools.ts";
import type { LlamaTools } from "./llama-tools.ts";
import { SAMPLING } from "./local-engine.ts";
import type { TimedStream } from "./timed-reply.ts";

const LISTENING = "listening on http";
const LOOK_EVERY_MS = 100;

export interface LlamaServerOptions {
  readonly tools: LlamaTools;
  readonly modelPath: string;
  /** Of one stream. */
  readonly contextTokens: number;
  readonly gpuLayers: number;
  readonly threads: number;
  readonly streams: number;
  readonly signal: AbortSignal;
}

interface Completion {
  readonly prompt: readonly number[];
  readonly tokens: number;
}

/** llama.cpp's own server as a program of its own. Disposing of it stops it. */
export interface LlamaServer extends AsyncDisposable {
  /** One streamed reply, sampled as the engine samples; nothing is taken from an earlier prompt. */
  complete(completion: Completion): Promise<TimedStream>;
}

export async function startLlamaServer(options: LlamaServerOptions): Promise<LlamaServer> {
  const { signal, tools } = options;
  const port = await findPort();
  const address = `http://127.0.0.1:${port}`;
  const program = startProgram({
    command: tools.server,
    args: toArgs(options, port),
    cwd: tools.cwd,
    environment: tools.environment,
    signal,
  });
  try {
    await program.until(LISTENING);
    await untilHealthy(address, signal);
  } catch (error) {
    await program[Symbol.asyncDispose]();
    throw error;
  }
  return {
    complete: (completion) => complete(address, completion, signal),
    [Symbol.asyncDispose]: () => program[Symbol.asyncDispose](),
  };
}

function toArgs(options: LlamaServerOptions, port: number): string[] {
  const threads = String(options.threads);
  return [
    ["--model", options.modelPath],
    ["--parallel", String(options.streams)],
    ["--ctx-size", String(options.contextTokens * options.streams)],
    toGpuArgs(options.gpuLayers),
    ["--threads", threads, "--threads-batch", threads],
    ["--host", "127.0.0.1", "--port", String(port)],
  ].flat();
}

async function findPort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (address === null || typeof address === "string") throw new Error("There is no free port");
  return address.port;
}

/** It listens before the model is loaded. */
async function untilHealthy(address: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const { ok } = await fetch(`${address}/health`, { signal });
    if (ok) return;
    await wait(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function complete(
  address: string,
  { prompt, tokens }: Completion,
  signal: AbortSignal,
): Promise<TimedStream> {
  const { minP, seed, temperature, topK, topP } = SAMPLING;
  const body = JSON.stringify({
    prompt,
    n_predict: tokens,
    ignore_eos: true,
    cache_prompt: false,
    stream: true,
    temperature,
    top_k: topK,
    top_p: topP,
    min_p: minP,
    seed,
    samplers: ["top_k", "top_p", "min_p", "temperature"],
  });
  const response = await fetch(`${address}/completion`, { method: "POST", body, signal });
  if (!response.ok || response.body === null) throw new Error(await response.text());
  return await readStream(response.body);
}

async function readStream(body: AsyncIterable<Uint8Array>): Promise<TimedStream> {
  const decoder = new TextDecoder();
  const pieceAt: number[] = [];
  let rest = "";
  for await (const bytes of body) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (isToken(line)) pieceAt.push(performance.now());
  }
  return { pieceAt, tokens: pieceAt.length };
}

function isToken(line: string): boolean {
  return line.startsWith("data: ") && line.includes('"stop":false');
}
