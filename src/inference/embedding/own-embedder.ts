import { loadLlama } from "../llama/load-llama.ts";
import type { LlamaSettings } from "../llama/load-llama.ts";
import { openEmbedder } from "./llama-embedder.ts";
import type { EmbeddingModelSettings, LlamaEmbedder } from "./llama-embedder.ts";

export interface OwnEmbedder extends AsyncDisposable {
  readonly embedder: LlamaEmbedder;
}

/** As `openEmbedder`, where the model that writes is not in this process. */
export async function openOwnEmbedder(
  settings: EmbeddingModelSettings & LlamaSettings,
): Promise<OwnEmbedder> {
  const llama = await loadLlama(settings);
  try {
    const embedder = await openEmbedder(llama, settings);
    return {
      embedder,
      async [Symbol.asyncDispose]() {
        await embedder[Symbol.asyncDispose]();
        await llama.dispose();
      },
    };
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}
