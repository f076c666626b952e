import { join } from "node:path";
import { FamiliarError } from "./chat/errors.ts";
import { resolveModel } from "./inference/model/resolve-model.ts";
import { createProgress } from "./progress.ts";

interface ModelWanted {
  readonly source: string;
  readonly dataDir: string;
  readonly signal: AbortSignal;
}

/**
 * The path of a model's file, which is fetched where it is not there yet.
 *
 * @throws {FamiliarError} as `resolveModel` does
 */
export async function provideModel({ dataDir, signal, source }: ModelWanted): Promise<string> {
  return await fetchModel("Downloading the model", { dataDir, signal, source });
}

/** The same for EMBEDDING_MODEL; undefined where there is to be none. */
export async function provideEmbeddingModel(
  wanted: Omit<ModelWanted, "source"> & { readonly source: string | undefined },
): Promise<string | undefined> {
  const { source } = wanted;
  if (source === undefined) return undefined;
  try {
    return await fetchModel("Downloading the embedding model", { ...wanted, source });
  } catch (error) {
    if (!(error instanceof FamiliarError)) throw error;
    const message = error.message.replaceAll(/\bset MODEL\b/g, "set EMBEDDING_MODEL");
    throw new FamiliarError(error.code, message, { cause: error });
  }
}

async function fetchModel(what: string, { dataDir, signal, source }: ModelWanted): Promise<string> {
  const showDownload = createProgress(what);
  return await resolveModel({
    source,
    modelsDir: join(dataDir, "models"),
    onProgress: ({ downloadedBytes, totalBytes }) => showDownload(downloadedBytes / totalBytes),
    signal,
  });
}
