import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import type { LlamaContextSequence, Token } from "node-llama-cpp";
import type { PromptMessage, Sampling } from "../../src/chat/ports.ts";

interface RawRun {
  readonly prompt: readonly Token[];
  /** How much of the prompt counts as evaluated before the clock starts. */
  readonly reusedTokens: number;
  readonly tokens: number;
  readonly sampling: Sampling;
}

/** node-llama-cpp at its lowest level, without a line of ours in between. */
export interface RawLlama extends AsyncDisposable {
  /** The same tokens as in the bot's prompts, written out anew. */
  toPrompt(messages: readonly PromptMessage[]): readonly Token[];
  /** Milliseconds from the request to the last token. */
  write(run: RawRun): Promise<number>;
}

export interface RawOptions {
  readonly modelPath: string;
  readonly contextTokens: number;
  readonly threads: number | undefined;
}

export async function openRawLlama(options: RawOptions): Promise<RawLlama> {
  const { contextTokens, modelPath, threads } = options;
  const llama = await getLlama({
    gpu: "auto",
    build: "never",
    skipDownload: true,
    logLevel: LlamaLogLevel.disabled,
  });
  llama.maxThreads = threads ?? Math.max(1, llama.cpuMathCores - 1);
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({
    contextSize: contextTokens,
    threads: llama.maxThreads,
  });
  const sequence = context.getSequence();
  const special = (text: string): Token[] => model.tokenize(text, true);
  const toPrompt = (messages: readonly PromptMessage[]): Token[] => {
    const { bos } = model.tokens;
    return [
      ...(bos === null ? [] : [bos]),
      ...messages.flatMap(({ role, text }) => [
        ...special("<|im_start|>"),
        ...model.tokenize(`${role}\n${text}`),
        ...special("<|im_end|>"),
        ...model.tokenize("\n"),
      ]),
      ...special("<|im_start|>"),
      ...model.tokenize("assistant\n"),
    ];
  };
  return {
    toPrompt,
    write: (run) => writeRaw(sequence, run),
    [Symbol.asyncDispose]: () => llama.dispose(),
  };
}

async function writeRaw(sequence: LlamaContextSequence, run: RawRun): Promise<number> {
  const { prompt, reusedTokens, sampling, tokens } = run;
  await sequence.clearHistory();
  const reused = prompt.slice(0, reusedTokens);
  if (reused.length > 0) await sequence.evaluateWithoutGeneratingNewTokens(reused);
  const { minP, seed, temperature, topK, topP } = sampling;
  const startedAt = performance.now();
  let written = 0;
  const stream = sequence.evaluate(prompt.slice(reusedTokens), {
    minP,
    temperature,
    topK,
    topP,
    ...(seed === undefined ? {} : { seed }),
  });
  for await (const _token of stream) {
    written += 1;
    if (written === tokens) return performance.now() - startedAt;
  }
  throw new Error(`The model stopped by itself after ${written} tokens`);
}
