import { fileURLToPath } from "node:url";
import type { LlamaEngine, LlamaEngineOptions } from "../../src/inference/llama/llama-engine.ts";
import { createLlamaEngine } from "../../src/inference/llama/llama-engine.ts";

export const DEMO_MODEL_PATH = fileURLToPath(
  new URL("../../models/familiar-demo-3m-q8_0.gguf", import.meta.url),
);

export const GREEDY = {
  temperature: 0,
  topP: 1,
  topK: 40,
  minP: 0,
  repeatPenalty: 1,
  seed: 1,
  stop: [],
} as const;

/** The real engine with the model that Familiar carries, on one thread. */
export function openDemoEngine(overrides: Partial<LlamaEngineOptions> = {}): Promise<LlamaEngine> {
  return createLlamaEngine({
    modelPath: DEMO_MODEL_PATH,
    contextTokens: undefined,
    gpu: "off",
    threads: 1,
    chatTemplate: "auto",
    signal: new AbortController().signal,
    ...overrides,
  });
}
