import type { Llama, LlamaContext, LlamaContextSequence, LlamaModel } from "node-llama-cpp";
import { InsufficientMemoryError } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";
import type { KvCacheType } from "../model/kv-cache.ts";
import { toGgmlType } from "../model/kv-cache.ts";
import { fitModel } from "../model/model-fit.ts";
import type { ModelFit } from "../model/model-fit.ts";
import { inSlotOrder } from "./batch-strategy.ts";
import { Slot } from "./slot.ts";

export interface ModelSettings {
  readonly modelPath: string;
  /** Tokens of one conversation. Undefined: 4096, or what the model was trained on if less. */
  readonly contextTokens: number | undefined;
  /** Conversations that write at once; undefined: as many as the memory allows, 8 at most. */
  readonly parallelConversations: number | undefined;
  readonly kvCacheType: KvCacheType;
  /** What another model takes of the memory; default 0. */
  readonly reservedRamBytes?: number;
  readonly onProgress?: (share: number) => void;
  readonly signal: AbortSignal;
}

/** A loaded model with room for several conversations; disposing of its `Llama` frees it all. */
export interface OpenModel {
  readonly model: LlamaModel;
  readonly context: LlamaContext;
  readonly fit: ModelFit;
  readonly slots: readonly Slot[];
  /** Belongs to no conversation: for seeing whether the model still works. */
  readonly probe: LlamaContextSequence;
  readonly batchTokens: number;
}

const PROBE_TOKENS = 64;
const BATCH_TOKENS = 512;

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
  const { kvCacheType, modelPath, onProgress, parallelConversations, signal } = settings;
  const wanted = { ...settings, sequences: parallelConversations, batchTokens: BATCH_TOKENS };
  const fit = await fitModel(llama, wanted);
  if (parallelConversations !== undefined && fit.sequences < parallelConversations)
    throw new FamiliarError("model-invalid", sayTooMany(parallelConversations, fit));
  const model = await llama.loadModel({
    modelPath,
    gpuLayers: fit.gpuLayers,
    loadSignal: signal,
    ...(onProgress === undefined ? {} : { onLoadProgress: onProgress }),
  });
  const shared = { threads: llama.maxThreads, createSignal: signal };
  const batchTokens = Math.max(Math.min(BATCH_TOKENS, fit.contextTokens), fit.sequences);
  const context = await model.createContext({
    ...shared,
    ...toCacheOptions(kvCacheType),
    contextSize: fit.contextTokens,
    sequences: fit.sequences,
    batchSize: batchTokens,
    batching: { itemPrioritizationStrategy: inSlotOrder },
  });
  const probeContext = await model.createContext({
    ...shared,
    contextSize: PROBE_TOKENS,
    batchSize: PROBE_TOKENS,
  });
  const openSlot = (_: unknown, index: number): Slot =>
    new Slot(() => context.getSequence({ contextShift: { strategy: refuseShift } }), index + 1);
  return {
    model,
    context,
    fit,
    slots: Array.from({ length: fit.sequences }, openSlot),
    probe: probeContext.getSequence(),
    batchTokens,
  };
}

/** llama.cpp keeps quantised values only with flash attention. */
function toCacheOptions(type: KvCacheType) {
  if (type === "f16") return {};
  const cacheType = toGgmlType(type);
  return {
    flashAttention: true,
    experimentalKvCacheKeyType: cacheType,
    experimentalKvCacheValueType: cacheType,
  };
}

function sayTooMany(wanted: number, { sequences }: ModelFit): string {
  return `PARALLEL_CONVERSATIONS is ${wanted}, but the memory holds ${sequences} at this CONTEXT_TOKENS: set it to at most ${sequences}, lower CONTEXT_TOKENS, or set KV_CACHE_TYPE=q8_0`;
}

/** Left to itself, the library forgets the oldest tokens in silence. */
function refuseShift(): never {
  throw new Error("the sequence is full");
}
