import { resolve } from "node:path";
import { resolveModelFile } from "node-llama-cpp";
import { downloadModel } from "./download-model.ts";
import type { DownloadOptions } from "./download-model.ts";
import { toDownloadError } from "./explain-download.ts";
import { assertGguf } from "./gguf-file.ts";
import { parseModelSource } from "./model-source.ts";
import type { ModelSource } from "./model-source.ts";
import { probeAddress } from "./probe-address.ts";

export interface ResolveModelOptions extends DownloadOptions {
  /** A path, `https://...`, `hf:user/repository[:quantisation]` or `hf:user/repository/file.gguf`. */
  readonly source: string;
}

const PROBE_TIMEOUT_MS = 30_000;

/**
 * Finds the model's file, or fetches it to `modelsDir`; a model that was fetched before is taken
 * without asking the network.
 *
 * @returns the path of a sound GGUF; of the first part, where the model is split
 * @throws {FamiliarError} `model-invalid`: there is no model, or no way to it;
 * `model-unreachable`: the same start may succeed another time
 * @throws `signal.reason`
 */
export async function resolveModel(options: ResolveModelOptions): Promise<string> {
  const source = parseModelSource(options.source);
  const found = source.kind === "path" ? resolve(source.text) : await findFetched(source, options);
  if (found === undefined) return await fetchModel(source, options);
  await assertGguf(found);
  return found;
}

async function findFetched(
  source: ModelSource,
  { modelsDir, endpoint }: ResolveModelOptions,
): Promise<string | undefined> {
  try {
    return await resolveModelFile(source.text, {
      directory: modelsDir,
      download: false,
      cli: false,
      ...(source.kind === "web" ? { fileName: source.fileName } : {}),
      ...(endpoint === undefined ? {} : { endpoints: { huggingFace: endpoint } }),
    });
  } catch {
    // It throws for "not there", without a code; whatever else is wrong, the download will tell.
    return undefined;
  }
}

async function fetchModel(source: ModelSource, options: ResolveModelOptions): Promise<string> {
  const { signal } = options;
  try {
    if (source.kind === "web") {
      await probeAddress(source, AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]));
    }
    return await downloadModel(source, options);
  } catch (error) {
    signal.throwIfAborted();
    throw toDownloadError(source, error);
  }
}
