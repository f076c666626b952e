import process from "node:process";
import { GgufInsights } from "node-llama-cpp";
import type { Llama } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";
import { decideFit } from "./decide-fit.ts";
import type {
  Arrangement,
  EstimateNeed,
  FitDecision,
  FreeMemory,
  MemoryNeed,
} from "./decide-fit.ts";
import { formatBytes } from "./format-bytes.ts";
import { readGguf } from "./gguf-file.ts";
import { toGgmlType } from "./kv-cache.ts";
import type { KvCacheType } from "./kv-cache.ts";

const DEFAULT_CONTEXT_TOKENS = 4_096;
const DEFAULT_SEQUENCES = 4;
/** A GPU evaluates eight streams nearly as fast as four. */
const DEFAULT_SEQUENCES_ON_GPU = 8;

export interface FitRequest {
  readonly modelPath: string;
  /** Of one conversation; undefined: 4096, or what the model was trained on where that is less. */
  readonly contextTokens: number | undefined;
  /** Conversations whose cache is kept at once, if the memory allows; default 4, on a GPU 8. */
  readonly sequences?: number | undefined;
  readonly kvCacheType?: KvCacheType;
  /** What `createContext` will get as `batchSize`; default: the library's own. */
  readonly batchTokens?: number;
  /** Of what is free, what another model will fill as it is used; default 0. */
  readonly reservedRamBytes?: number;
  /** Default: what the machine has free now. */
  readonly freeMemory?: FreeMemory;
}

/** What to load the model and to create the context with. */
export interface ModelFit {
  readonly contextTokens: number;
  readonly sequences: number;
  /** 0 without a GPU; {@link totalLayers}: all of the model is on the GPU. */
  readonly gpuLayers: number;
  readonly totalLayers: number;
  /** Undefined where the file does not say. */
  readonly trainedTokens: number | undefined;
  /** Of model and context together. */
  readonly need: MemoryNeed;
  /** RAM and GPU memory together. */
  readonly memoryBytes: number;
  /** What each conversation more takes: the cache of its evaluated tokens. */
  readonly conversationBytes: number;
}

/**
 * Decides before anything is loaded how the model fits this machine; takes milliseconds, as only
 * the file's header is read.
 *
 * @throws {FamiliarError} `model-invalid`: the file is no sound GGUF, the model is too big for the
 * memory, or the context for the memory or the model
 */
export async function fitModel(llama: Llama, request: FitRequest): Promise<ModelFit> {
  const insights = await GgufInsights.from(await readGguf(request.modelPath), llama);
  assertChatModel(insights);
  const contextTokens = chooseContext(request.contextTokens, insights.trainContextSize);
  const free = await readFree(llama, request);
  const estimate = createEstimate(insights, request);
  const hasGpu = free.vramBytes > 0;
  const wanted = {
    gpuLayers: hasGpu ? insights.totalLayers : 0,
    contextTokens,
    sequences: request.sequences ?? (hasGpu ? DEFAULT_SEQUENCES_ON_GPU : DEFAULT_SEQUENCES),
  };
  const decision = await decideFit(wanted, free, estimate);
  if (decision.kind !== "fits")
    throw new FamiliarError("model-invalid", explain(decision, { request, contextTokens, free }));
  const { need, arrangement } = decision;
  return {
    ...arrangement,
    totalLayers: insights.totalLayers,
    trainedTokens: insights.trainContextSize,
    need,
    memoryBytes: need.ramBytes + need.vramBytes,
    conversationBytes: await estimateConversation(arrangement, estimate),
  };
}

async function estimateConversation(arrangement: Arrangement, estimate: EstimateNeed) {
  const [one, two] = await Promise.all(
    [1, 2].map((sequences) => estimate({ ...arrangement, sequences })),
  );
  if (one === undefined || two === undefined) return 0;
  return two.ramBytes + two.vramBytes - one.ramBytes - one.vramBytes;
}

function assertChatModel(insights: GgufInsights): void {
  const { architectureMetadata, metadata } = insights.ggufFileInfo;
  const { architecture } = metadata.general;
  const canWrite = insights.hasDecoder && architectureMetadata.attention?.causal !== false;
  if (insights.isSupportedByLlamaCpp && canWrite) return;
  throw new FamiliarError(
    "model-invalid",
    insights.isSupportedByLlamaCpp
      ? `The model is of the kind "${architecture}", which cannot write text: choose a chat model`
      : `The model is of the kind "${architecture}", which llama.cpp does not know here: choose another model, or update Familiar`,
  );
}

function chooseContext(wanted: number | undefined, trained: number | undefined): number {
  if (wanted === undefined) return Math.min(DEFAULT_CONTEXT_TOKENS, trained ?? Infinity);
  if (trained === undefined || wanted <= trained) return wanted;
  throw new FamiliarError(
    "model-invalid",
    `CONTEXT_TOKENS is ${wanted}, but this model was trained on ${trained}: set it to at most ${trained}`,
  );
}

/** A model's file is mapped, so that it does not count as used until all of it was read. */
async function readFree(
  llama: Llama,
  { freeMemory, reservedRamBytes = 0 }: FitRequest,
): Promise<FreeMemory> {
  const free = freeMemory ?? (await readFreeMemory(llama));
  return { ...free, ramBytes: Math.max(0, free.ramBytes - reservedRamBytes) };
}

async function readFreeMemory(llama: Llama): Promise<FreeMemory> {
  const [ram, vram] = await Promise.all([llama.getRamState(), llama.getVramState()]);
  return {
    ramBytes: Math.min(ram.free, readContainerFree(ram.total)),
    vramBytes: Math.max(0, vram.free - llama.vramPaddingSize),
    isUnified: vram.unifiedSize > 0,
  };
}

/**
 * A container's limit does not show in what the system calls free. Not `availableMemory()`: that
 * counts the file cache as taken, and a model that was just downloaded fills it.
 */
function readContainerFree(totalBytes: number): number {
  const limit = process.constrainedMemory();
  if (limit === 0 || limit >= totalBytes) return Infinity;
  return Math.max(0, limit - process.memoryUsage.rss());
}

/** The estimates with `V2` in their name: exact here, where the older ones were 3.7 times too high. */
function createEstimate(
  insights: GgufInsights,
  { batchTokens, kvCacheType = "f16" }: FitRequest,
): EstimateNeed {
  const cacheType = toGgmlType(kvCacheType);
  return async ({ gpuLayers, contextTokens, sequences }) => {
    const [model, context] = await Promise.all([
      insights.estimateModelResourceRequirementsV2({ gpuLayers }),
      insights.estimateContextResourceRequirementsV2({
        contextSize: contextTokens,
        modelGpuLayers: gpuLayers,
        sequences,
        kvCacheKeyType: cacheType,
        kvCacheValueType: cacheType,
        ...(batchTokens === undefined ? {} : { batchSize: batchTokens }),
      }),
    ]);
    return {
      ramBytes: model.cpuRam + context.cpuRam,
      vramBytes: model.gpuVram + context.gpuVram,
    };
  };
}

interface Circumstances {
  readonly request: FitRequest;
  readonly contextTokens: number;
  readonly free: FreeMemory;
}

type Misfit = Exclude<FitDecision, { kind: "fits" }>;

function explain(misfit: Misfit, { request, contextTokens, free }: Circumstances): string {
  const amount = formatBytes(misfit.need.ramBytes + misfit.need.vramBytes);
  const shortage = `${amount} of memory, and ${describeFree(free)} free`;
  if (misfit.kind === "model-too-big") {
    return `The model needs ${shortage}: choose a smaller model or quantisation, or close other programs`;
  }
  const context =
    request.contextTokens === undefined
      ? `A conversation of ${contextTokens} tokens, the default, needs`
      : `CONTEXT_TOKENS is ${contextTokens}, which needs`;
  return `${context} ${shortage}, with the model: set CONTEXT_TOKENS to at most ${misfit.largestTokens}`;
}

function describeFree({ isUnified, ramBytes, vramBytes }: FreeMemory): string {
  if (isUnified || vramBytes === 0) return `${formatBytes(ramBytes)} is`;
  return `${formatBytes(ramBytes)} of RAM and ${formatBytes(vramBytes)} of GPU memory are`;
}
