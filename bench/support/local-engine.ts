import type { PromptMessage } from "../../src/chat/ports.ts";
import type { Sampling } from "../../src/chat/sampling.ts";
import { createLlamaEngine } from "../../src/inference/llama/llama-engine.ts";
import type { LlamaEngine, LlamaEngineOptions } from "../../src/inference/llama/llama-engine.ts";

/** Both the trained length of the demo model and enough for every prompt here. */
export const CONTEXT_TOKENS = 2_048;

export const SAMPLING: Sampling = {
  temperature: 0.7,
  topP: 0.95,
  topK: 40,
  minP: 0.05,
  repeatPenalty: 1,
  seed: 1,
  stop: [],
};

type OwnOptions = "modelPath" | "parallelConversations" | "threads" | "signal";

/** The engine as Familiar opens it; nothing is kept of conversations that lose their slot. */
export function openEngine(
  options: Pick<LlamaEngineOptions, OwnOptions> & Partial<LlamaEngineOptions>,
): Promise<LlamaEngine> {
  return createLlamaEngine({
    contextTokens: CONTEXT_TOKENS,
    gpu: "auto",
    chatTemplate: "auto",
    states: undefined,
    ...options,
  });
}

/** What a report says about the engine. */
export function describeEngine({ facts }: LlamaEngine) {
  const { contextTokens, device, gpuLayers, threads } = facts;
  return { device, gpuLayers, threads, contextTokens };
}

export interface StreamRequest {
  readonly conversationId: number;
  readonly messages: readonly PromptMessage[];
  readonly isTrimmed?: boolean;
  readonly maxTokens: number;
  readonly signal: AbortSignal;
}

export function toGenerationRequest({ isTrimmed = false, ...request }: StreamRequest) {
  return { ...request, isTrimmed, sampling: SAMPLING };
}
