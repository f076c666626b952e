import { rm, statfs } from "node:fs/promises";
import process from "node:process";
import { createModelDownloader } from "node-llama-cpp";
import type { ModelDownloader } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";
import { formatBytes } from "./format-bytes.ts";
import { assertGguf } from "./gguf-file.ts";
import { describeSource } from "./model-source.ts";
import type { ModelSource } from "./model-source.ts";
import { createStallGuard } from "./stall-guard.ts";
import { untilAborted } from "./until-aborted.ts";

export interface DownloadOptions {
  readonly modelsDir: string;
  readonly onProgress: (progress: DownloadProgress) => void;
  readonly signal: AbortSignal;
  /** Base of Hugging Face's addresses; default: `HF_ENDPOINT`, else huggingface.co. */
  readonly endpoint?: string;
  /** How long a transfer may stand still, or break without getting further; default a minute. */
  readonly stallMs?: number;
}

/** Of all parts together; a resumed transfer begins where it broke. */
interface DownloadProgress {
  readonly downloadedBytes: number;
  readonly totalBytes: number;
}

const DEFAULT_STALL_MS = 60_000;

/**
 * Fetches with node-llama-cpp's downloader, which takes up a broken transfer by itself. What has
 * arrived stays on the disk for the next start.
 *
 * @returns the file to load
 * @throws {FamiliarError} `model-invalid`: no room, or what came is no model (it is removed again)
 * @throws {Error} whatever else the network, the server or the disk does
 */
export async function downloadModel(
  source: ModelSource,
  options: DownloadOptions,
): Promise<string> {
  tolerateStrayRejections();
  let reachedBytes = 0;
  for (;;) {
    const before = reachedBytes;
    const onProgress = (progress: DownloadProgress) => {
      reachedBytes = Math.max(reachedBytes, progress.downloadedBytes);
      options.onProgress(progress);
    };
    try {
      return await fetchModel(source, { ...options, onProgress });
    } catch (error) {
      // A server may refuse to go on, as when a signed address has run out: asking anew gives another.
      if (!isStatusError(error) || reachedBytes === before) throw error;
    }
  }
}

async function fetchModel(source: ModelSource, options: DownloadOptions): Promise<string> {
  using guard = createStallGuard(options.stallMs ?? DEFAULT_STALL_MS);
  const signal = AbortSignal.any([options.signal, guard.signal]);
  const onProgress = (progress: DownloadProgress) => {
    guard.report(progress.downloadedBytes);
    options.onProgress(progress);
  };
  const downloader = await untilAborted(
    createDownloader(source, { ...options, onProgress }),
    signal,
  );
  try {
    await assertRoom(downloader, options.modelsDir);
    const path = await untilAborted(downloader.download(), signal);
    await assertModel(source, downloader);
    return path;
  } finally {
    await downloader.cancel({ deleteTempFile: false });
  }
}

async function createDownloader(
  source: ModelSource,
  { modelsDir, onProgress, endpoint }: DownloadOptions,
): Promise<ModelDownloader> {
  return await createModelDownloader({
    modelUri: source.text,
    dirPath: modelsDir,
    ...(source.kind === "web" ? { fileName: source.fileName } : {}),
    ...(endpoint === undefined ? {} : { endpoints: { huggingFace: endpoint } }),
    onProgress: ({ downloadedSize, totalSize }) => {
      if (totalSize > 0) onProgress({ downloadedBytes: downloadedSize, totalBytes: totalSize });
    },
  });
}

/** The downloader does not come back from a full disk. */
async function assertRoom(downloader: ModelDownloader, modelsDir: string): Promise<void> {
  const missing = downloader.totalSize - downloader.downloadedSize;
  const { bavail, bsize } = await statfs(modelsDir);
  const free = bavail * bsize;
  if (missing <= free) return;
  throw new FamiliarError(
    "model-invalid",
    `The model needs ${formatBytes(missing)} of disk in ${modelsDir}, and ${formatBytes(free)} is free: make room, or set DATA_DIR to a folder on another disk`,
  );
}

async function assertModel(source: ModelSource, downloader: ModelDownloader): Promise<void> {
  try {
    await assertGguf(downloader.entrypointFilePath);
  } catch (error) {
    await Promise.all(downloader.filesInfo.map(({ filePath }) => rm(filePath, { force: true })));
    const message = `What came from ${describeSource(source)} is no sound GGUF model, so it was removed: check the address, and start again`;
    throw new FamiliarError("model-invalid", message, { cause: error });
  }
}

/**
 * For each of its streams that the server refuses, the downloader leaves a rejected promise behind,
 * which would end the process; the failure itself reaches its caller as well. Such a promise may
 * fail long after the others, so the listener stays.
 */
function tolerateStrayRejections(): void {
  if (process.listeners("unhandledRejection").includes(throwUnlessStatusError)) return;
  process.on("unhandledRejection", throwUnlessStatusError);
}

function throwUnlessStatusError(reason: unknown): void {
  if (!isStatusError(reason)) throw reason;
}

function isStatusError(error: unknown): boolean {
  return error instanceof Error && "statusCode" in error;
}
