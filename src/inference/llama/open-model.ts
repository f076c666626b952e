import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel } from "node-llama-cpp";
import { InsufficientMemoryError } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";
import { createBatchStrategy } from "./batch-strategy.ts";
import { fitModel } from "../model/model-fit.ts";

export interface ModelSettings {
  readonly modelPath: string;
  /** Tokens of one conversation. Undefined: 4096, or what the model was trained on if less. */
  readonly contextTokens: number | undefined;
  /** Conversations that keep their cache, where the memory allows. */
  readonly sequences: number;
  readonly onProgress?: (share: number) => void;
  readonly signal: AbortSignal;
}

/** A loaded model with room for several conversations; disposing of its `Llama` frees it all. */
export interface OpenModel {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly contextTokens: number;
  readonly sequences: readonly LlamaContextSequence[];
  /** Belongs to no conversation: for seeing whether the model still works. */
  readonly probe: LlamaContextSequence;
  readonly liveStreams: LiveStreams;
}

/** How many replies are being written right now. */
export interface LiveStreams {
  count: number;
}

const PROBE_TOKENS = 64;
const BATCH_TOKENS = 512;
/** Measured: 32 makes newcomers wait twice as long, 512 lets everyone else stand still. */
const PROMPT_TOKENS_PER_STEP = 128;

/** @throws {FamiliarError} `model-invalid` for a model that cannot be used as the settings say */
export async function openModel(llama: Llama, settings: ModelSettings): Promise<OpenModel> {
  try {
    return await load(llama, settings);
  } catch (error) {
    settings.signal.throwIfAborted();
    if (error instanceof FamiliarError) throw error;
    const message =
      error instanceof InsufficientMemoryError
        ? "The model and its context do not fit into this machine's memory: lower CONTEXT_TOKENS or choose a smaller MODEL."
        : "llama.cpp cannot load the model: it is damaged or of a kind that this version does not know.";
    throw new FamiliarError("model-invalid", message, { cause: error });
  }
}

async function load(llama: Llama, settings: ModelSettings): Promise<OpenModel> {
  const { modelPath, signal, onProgress } = settings;
  const fit = await fitModel(llama, { ...settings, batchTokens: BATCH_TOKENS });
  const { contextTokens, gpuLayers, sequences } = fit;
  const model = await llama.loadModel({
    modelPath,
    gpuLayers,
    loadSignal: signal,
    ...(onProgress === undefined ? {} : { onLoadProgress: onProgress }),
  });
  const liveStreams = { count: 0 };
  const context = await model.createContext({
    contextSize: contextTokens,
    sequences,
    batchSize: Math.min(BATCH_TOKENS, contextTokens),
    threads: llama.maxThreads,
    createSignal: signal,
    batching: {
      itemPrioritizationStrategy: createBatchStrategy({
        liveStreams: () => liveStreams.count,
        promptTokensPerStep: PROMPT_TOKENS_PER_STEP,
      }),
    },
  });
  const probeContext = await model.createContext({
    contextSize: PROBE_TOKENS,
    batchSize: PROBE_TOKENS,
    threads: llama.maxThreads,
    createSignal: signal,
  });
  const openSequence = () => context.getSequence({ contextShift: { strategy: refuseShift } });
  return {
    model,
    context,
    contextTokens,
    sequences: Array.from({ length: sequences }, openSequence),
    probe: probeContext.getSequence(),
    liveStreams,
  };
}

/** Left to itself, the library forgets the oldest tokens in silence. */
function refuseShift(): never {
  throw new Error("the sequence is full");
}
