import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import type { Llama } from "node-llama-cpp";
import type { KvCacheType } from "../model/kv-cache.ts";
import { sampleFile } from "../model/sample-file.ts";
import type { OpenModel } from "./open-model.ts";

/**
 * Names all that a saved state depends on: it is only good for exactly the same model file, settings
 * and llama.cpp.
 */
export async function nameStates(
  llama: Llama,
  { context, fit, model }: OpenModel,
  settings: { readonly modelPath: string; readonly kvCacheType: KvCacheType },
): Promise<string> {
  const hash = createHash("sha256");
  const { release, repo } = llama.llamaCppRelease;
  // A state names the number of sequences, and llama.cpp refuses it among another number.
  const { contextTokens, gpuLayers, sequences } = fit;
  const { flashAttention } = context;
  const llamaCpp = { gpu: llama.gpu, release, repo };
  const facts = { contextTokens, flashAttention, gpuLayers, sequences };
  hash.update(JSON.stringify({ ...llamaCpp, ...facts, kvCacheType: settings.kvCacheType }));
  hash.update(JSON.stringify({ name: model.filename, parameters: model.size }));
  const { mtimeMs } = await stat(settings.modelPath);
  hash.update(String(mtimeMs));
  await sampleFile(settings.modelPath, (bytes) => hash.update(bytes));
  return hash.digest("hex");
}
