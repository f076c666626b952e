import type { LlamaContextSequence, Token } from "node-llama-cpp";
import type { Sampling } from "../../src/chat/sampling.ts";
import { openRawModel } from "./raw-model.ts";
import type { RawModel, RawModelOptions } from "./raw-model.ts";

interface RawRun {
  readonly prompt: readonly Token[];
  /** How much of the prompt counts as evaluated before the clock starts. */
  readonly reusedTokens: number;
  readonly tokens: number;
  readonly sampling: Sampling;
}

/** node-llama-cpp at its lowest level: one conversation in one sequence. */
export interface RawLlama extends AsyncDisposable {
  readonly toPrompt: RawModel["toPrompt"];
  /** Milliseconds from the request to the last token. */
  write(run: RawRun): Promise<number>;
}

export interface RawOptions extends RawModelOptions {
  readonly contextTokens: number;
}

export async function openRawLlama(options: RawOptions): Promise<RawLlama> {
  const raw = await openRawModel(options);
  const { model, threads } = raw;
  const context = await model.createContext({ contextSize: options.contextTokens, threads });
  const sequence = context.getSequence();
  return {
    toPrompt: (messages) => raw.toPrompt(messages),
    write: (run) => writeRaw(sequence, run),
    [Symbol.asyncDispose]: () => raw[Symbol.asyncDispose](),
  };
}

async function writeRaw(sequence: LlamaContextSequence, run: RawRun): Promise<number> {
  const { prompt, reusedTokens, tokens } = run;
  const reused = prompt.slice(0, reusedTokens);
  await sequence.adaptStateToTokens(reused, false);
  const missing = reused.slice(sequence.nextTokenIndex);
  if (missing.length > 0) await sequence.evaluateWithoutGeneratingNewTokens(missing);
  const startedAt = performance.now();
  let written = 0;
  const stream = sequence.evaluate(prompt.slice(reusedTokens), toRawSampling(run.sampling));
  for await (const _token of stream) {
    written += 1;
    if (written === tokens) return performance.now() - startedAt;
  }
  throw new Error(`The model stopped by itself after ${written} tokens`);
}

export function toRawSampling({ minP, seed, temperature, topK, topP }: Sampling) {
  return { minP, temperature, topK, topP, ...(seed === undefined ? {} : { seed }) };
}
