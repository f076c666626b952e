import { availableParallelism } from "node:os";
import type { Llama, LlamaGpuType } from "node-llama-cpp";
import { getLlama, getLlamaGpuTypes, NoBinaryFoundError } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";

type GpuChoice = "auto" | "off" | "cuda" | "vulkan" | "metal";

export interface LlamaSettings {
  readonly gpu: GpuChoice;
  /** Undefined: physical cores less one, at least 1. */
  readonly threads: number | undefined;
  /** Takes what llama.cpp warns of; nothing is ever printed. */
  readonly onWarning?: (message: string) => void;
}

const GPU_NAMES = { cuda: "CUDA", vulkan: "Vulkan", metal: "Metal" } as const;

/**
 * Uses the binaries that came with the installation: nothing is built or downloaded.
 *
 * @throws {FamiliarError} `model-invalid` for a GPU type that this machine does not have
 */
export async function loadLlama(settings: LlamaSettings): Promise<Llama> {
  const gpu = settings.gpu === "off" ? false : settings.gpu;
  const llama = await openBinding(gpu, settings);
  if (gpu !== "auto" && llama.gpu !== gpu) {
    await llama.dispose();
    throw new FamiliarError("model-invalid", await explainMissingGpu(settings.gpu));
  }
  llama.maxThreads = settings.threads ?? countWorkingThreads(llama);
  return llama;
}

async function openBinding(
  gpu: "auto" | LlamaGpuType,
  { gpu: choice, onWarning }: LlamaSettings,
): Promise<Llama> {
  try {
    return await getLlama({
      gpu,
      build: "never",
      skipDownload: true,
      progressLogs: false,
      logger: (_level, message) => onWarning?.(message),
    });
  } catch (error) {
    if (!(error instanceof NoBinaryFoundError)) throw error;
    const message = await explainMissingGpu(choice);
    throw new FamiliarError("model-invalid", message, { cause: error });
  }
}

/**
 * One core stays free for the rest of Familiar and the database: with every core busy, llama.cpp's
 * threads wait for each other and a token takes a hundred times as long.
 */
function countWorkingThreads(llama: Llama): number {
  const cores = Math.min(llama.cpuMathCores, availableParallelism());
  return Math.max(1, cores - 1);
}

async function explainMissingGpu(choice: GpuChoice): Promise<string> {
  if (choice === "auto" || choice === "off")
    return "No llama.cpp binary of node-llama-cpp fits this machine: run npm install again here.";
  const there = (await getLlamaGpuTypes("supported")).filter(isGpu).map((gpu) => GPU_NAMES[gpu]);
  const what = there.length === 0 ? "no usable GPU" : there.join(" and ");
  return `GPU=${choice} is not possible: this machine has ${what}. Set GPU=auto or install ${GPU_NAMES[choice]}'s driver.`;
}

function isGpu(type: LlamaGpuType): type is Exclude<LlamaGpuType, false> {
  return type !== false;
}
