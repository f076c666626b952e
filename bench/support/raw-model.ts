import { getLlama, LlamaLogLevel } from "node-llama-cpp";
import type { LlamaModel, Token } from "node-llama-cpp";
import type { PromptMessage } from "../../src/chat/ports.ts";

export interface RawModelOptions {
  readonly modelPath: string;
  readonly threads: number | undefined;
}

/** A model in node-llama-cpp as it comes, without a line of ours. */
export interface RawModel extends AsyncDisposable {
  readonly model: LlamaModel;
  readonly threads: number;
  /** The same tokens as in Familiar's own prompts, written out anew. */
  toPrompt(messages: readonly PromptMessage[]): readonly Token[];
}

export async function openRawModel({ modelPath, threads }: RawModelOptions): Promise<RawModel> {
  const llama = await getLlama({
    gpu: "auto",
    build: "never",
    skipDownload: true,
    logLevel: LlamaLogLevel.disabled,
  });
  llama.maxThreads = threads ?? Math.max(1, llama.cpuMathCores - 1);
  const model = await llama.loadModel({ modelPath });
  return {
    model,
    threads: llama.maxThreads,
    toPrompt: (messages) => toChatMl(model, messages),
    [Symbol.asyncDispose]: () => llama.dispose(),
  };
}

function toChatMl(model: LlamaModel, messages: readonly PromptMessage[]): Token[] {
  const special = (text: string): Token[] => model.tokenize(text, true);
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
}
