import type { Llama } from "node-llama-cpp";
import { FamiliarError } from "../chat/errors.ts";
import { inspectEmbedding } from "../inference/embedding/inspect-embedding.ts";
import { createLlamaEngine } from "../inference/llama/llama-engine.ts";
import type { LlamaEngineOptions } from "../inference/llama/llama-engine.ts";
import { loadLlama } from "../inference/llama/load-llama.ts";
import { readGguf } from "../inference/model/gguf-file.ts";
import { checkEmbedding } from "./embedding-lines.ts";
import { toFileLines, toFitLines } from "./file-lines.ts";
import { inspectFit } from "./inspect-fit.ts";
import { inspectModel, measureFile } from "./inspect-model.ts";
import { inspectVocabulary } from "./inspect-vocabulary.ts";
import { fault } from "./report.ts";
import type { Line } from "./report.ts";
import { toRunLine, toTrialLines } from "./trial-lines.ts";
import { tryModel } from "./try-model.ts";
import { toVocabularyLines } from "./vocabulary-lines.ts";

export interface CheckOptions extends LlamaEngineOptions {
  readonly onTrialProgress?: (share: number) => void;
}

const UNREADABLE =
  "llama.cpp cannot read the model: it is damaged or of a kind that this version does not know";

/**
 * Says what is known of a model as soon as it is known: from its file, from its vocabulary, and
 * from running it. A fault that keeps it from running is the last line.
 *
 * @throws {FamiliarError} `model-invalid`: the file is no sound GGUF, or the GPU of the settings is
 * not there
 * @throws the signal's reason once it is aborted
 */
export async function* checkModel(options: CheckOptions): AsyncGenerator<Line, void> {
  const info = await readGguf(options.modelPath);
  yield* toFileLines(options.modelPath, await measureFile(info), inspectModel(info));
  const embedding = inspectEmbedding(info);
  if (embedding.kind === "embedding") {
    yield* tryAll(checkEmbedding(embedding, options));
    return;
  }
  const llama = await loadLlama(options);
  yield* tryAll(inspectAndRun(llama, options));
}

async function* inspectAndRun(llama: Llama, options: CheckOptions): AsyncGenerator<Line, void> {
  yield* inspect(llama, options);
  yield* run(options);
}

async function* tryAll(lines: AsyncGenerator<Line, void>): AsyncGenerator<Line, void> {
  try {
    yield* lines;
  } catch (error) {
    yield toFault(error);
  }
}

/**
 * Disposes of `llama` at once: what it holds on a GPU, the engine may need, and after a load that
 * failed the library waits forever for the model once that has been garbage collected.
 */
async function* inspect(llama: Llama, options: CheckOptions): AsyncGenerator<Line, void> {
  try {
    yield* toFitLines(await inspectFit(llama, options));
    yield* toVocabularyLines(await inspectVocabulary(llama, options));
  } catch (error) {
    options.signal.throwIfAborted();
    if (error instanceof FamiliarError) throw error;
    throw new FamiliarError("model-invalid", UNREADABLE, { cause: error });
  } finally {
    await llama.dispose();
    await releaseLogger(options);
  }
}

/**
 * node-llama-cpp lets go of the first logger of a process only after the second has been set, and
 * then forgets the second: llama.cpp would print what it warns of. The third one stays.
 */
async function releaseLogger(options: CheckOptions): Promise<void> {
  const second = await loadLlama(options);
  await second.dispose();
}

async function* run(options: CheckOptions): AsyncGenerator<Line, void> {
  await using engine = await createLlamaEngine(options);
  yield toRunLine(engine.facts);
  const { onTrialProgress: onProgress, signal } = options;
  const facts = await tryModel(engine, {
    signal,
    ...(onProgress === undefined ? {} : { onProgress }),
  });
  yield* toTrialLines(facts);
}

/** Whatever is wrong with the model itself is an answer to the question. */
function toFault(error: unknown): Line {
  const isFinding =
    error instanceof FamiliarError &&
    (error.code === "model-invalid" || error.code === "engine-failed");
  if (!isFinding) throw error;
  return fault(error.message);
}
