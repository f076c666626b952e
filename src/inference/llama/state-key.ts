import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import type { Llama } from "node-llama-cpp";
import type { KvCacheType } from "../model/kv-cache.ts";
import type { OpenModel } from "./open-model.ts";

const SAMPLE_BYTES = 2 ** 20;

/**
 * Names all that a saved state depends on: it is only good for exactly the same model file, settings
 * and llama.cpp. The whole of a file of many gigabytes is not read for this: its size, its time and
 * both its ends tell files apart.
 */
export async function nameStates(
  llama: Llama,
  { context, fit, model }: OpenModel,
  settings: { readonly modelPath: string; readonly kvCacheType: KvCacheType },
): Promise<string> {
  const hash = createHash("sha256");
  const { release, repo } = llama.llamaCppRelease;
  const { contextTokens, gpuLayers } = fit;
  const { flashAttention } = context;
  const facts = { contextTokens, flashAttention, gpu: llama.gpu, gpuLayers, release, repo };
  hash.update(JSON.stringify({ ...facts, kvCacheType: settings.kvCacheType }));
  hash.update(JSON.stringify({ name: model.filename, parameters: model.size }));
  await hashFile(settings.modelPath, (bytes) => hash.update(bytes));
  return hash.digest("hex");
}

async function hashFile(path: string, take: (bytes: Buffer | string) => void): Promise<void> {
  const file = await open(path, "r");
  try {
    const { mtimeMs, size } = await file.stat();
    take(`${size} ${mtimeMs}`);
    for (const position of [0, Math.max(0, size - SAMPLE_BYTES)]) {
      const { buffer, bytesRead } = await file.read(
        Buffer.alloc(SAMPLE_BYTES),
        0,
        SAMPLE_BYTES,
        position,
      );
      take(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
