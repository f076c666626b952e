import { createHash } from "node:crypto";
import type { Llama, LlamaModel } from "node-llama-cpp";
import type { KvCacheType } from "../model/kv-cache.ts";
import type { PromptFormat } from "../prompt/prompt-format.ts";
import type { OpenModel } from "./open-model.ts";

/** What a loaded model runs on, for people. */
export interface LlamaFacts {
  /** The GPU's name, or CPU. */
  readonly device: string;
  readonly gpuLayers: number;
  readonly totalLayers: number;
  /** As the file counts them, in numbers. */
  readonly parameters: number;
  readonly contextTokens: number;
  readonly trainedTokens: number;
  /** Model and contexts together, in RAM and on the GPU, as the library estimates them. */
  readonly memoryBytes: number;
  /** Of all conversations together: allocated at once, and never more. */
  readonly kvCacheBytes: number;
  readonly kvCacheType: KvCacheType;
  readonly threads: number;
  readonly template: string;
  /** Conversations that write at once and keep their evaluated tokens. */
  readonly sequences: number;
}

interface LoadedModel {
  readonly open: OpenModel;
  readonly format: PromptFormat;
  readonly kvCacheType: KvCacheType;
}

export async function collectFacts(
  llama: Llama,
  { format, kvCacheType, open }: LoadedModel,
): Promise<LlamaFacts> {
  const { context, fit, model, probe, slots } = open;
  const devices = llama.gpu === false ? [] : await llama.getGpuDeviceNames();
  const holders = [model, context, probe.context];
  return {
    device: devices.length === 0 ? "CPU" : devices.join(", "),
    gpuLayers: model.gpuLayers,
    totalLayers: model.fileInsights.totalLayers,
    parameters: countParameters(model),
    contextTokens: fit.contextTokens,
    trainedTokens: model.trainContextSize,
    memoryBytes: holders.reduce(
      (sum, { memoryUsage }) => sum + memoryUsage.ram + memoryUsage.vram,
      0,
    ),
    kvCacheBytes: fit.conversationBytes * slots.length,
    kvCacheType,
    threads: llama.maxThreads,
    template: format.name,
    sequences: slots.length,
  };
}

function countParameters({ fileInfo }: LlamaModel): number {
  const sizes = (fileInfo.fullTensorInfo ?? []).map(({ dimensions }) =>
    dimensions.reduce<number>((product, size) => product * Number(size), 1),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Differs wherever a text could be other tokens, or a message be written out otherwise. */
export function nameCountBasis(model: LlamaModel, format: PromptFormat): string {
  const { ggml, chat_template: template } = model.fileInfo.metadata.tokenizer;
  const { model: kind, pre, tokens, token_type: types, add_space_prefix: hasSpacePrefix } = ggml;
  const ownTemplate = format.name === "chatml" ? undefined : template;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([kind, pre, hasSpacePrefix, ownTemplate, types]));
  for (const token of tokens) hash.update(`${token}\n`);
  return `${format.name}:${hash.digest("hex").slice(0, 16)}`;
}
