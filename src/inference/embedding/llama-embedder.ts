import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Llama, LlamaEmbeddingContext, LlamaModel, Token } from "node-llama-cpp";
import { GgufInsights } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";
import type { Embedder, EmbeddingPurpose } from "../../chat/memory/embedder.ts";
import { readGguf } from "../model/gguf-file.ts";
import { sampleFile } from "../model/sample-file.ts";
import { chooseEmbeddingPrompts } from "./embedding-prompts.ts";
import type { EmbeddingPrompts } from "./embedding-prompts.ts";
import { inspectEmbedding } from "./inspect-embedding.ts";
import type { EmbeddingFinding } from "./inspect-embedding.ts";

/** What people write in one message is shorter, but for few; a longer one costs its square. */
const CONTEXT_TOKENS = 512;
/** What stands before and after a text for the model alone. */
const MARK_TOKENS = 2;
const KEY_DIGITS = 16;
/** To be raised when texts are embedded in another way. */
const REVISION = 1;

export interface EmbeddingModelSettings {
  readonly modelPath: string;
  readonly signal: AbortSignal;
}

export interface LlamaEmbedder extends Embedder, AsyncDisposable {
  readonly modelName: string;
  /** Of model and context, as the library estimates them. */
  readonly memory: { readonly ramBytes: number; readonly vramBytes: number };
  /** Tokens of a text that are read. */
  readonly contextTokens: number;
}

/**
 * Loads an embedding model. Disposing of the result waits for the text under way; what it holds, the
 * `Llama` frees.
 *
 * @throws {FamiliarError} `model-invalid`
 * @throws the signal's reason once it is aborted
 */
export async function openEmbedder(
  llama: Llama,
  settings: EmbeddingModelSettings,
): Promise<LlamaEmbedder> {
  try {
    return await load(llama, settings);
  } catch (error) {
    settings.signal.throwIfAborted();
    if (error instanceof FamiliarError) throw error;
    const message =
      "llama.cpp cannot load the model of EMBEDDING_MODEL: it is damaged, of a kind that this version does not know, or too big for the memory.";
    throw new FamiliarError("model-invalid", message, { cause: error });
  }
}

async function load(llama: Llama, { modelPath, signal }: EmbeddingModelSettings) {
  const info = await readGguf(modelPath);
  const insights = await GgufInsights.from(info, llama);
  const found = requireEmbedding(inspectEmbedding(info), insights);
  const contextTokens = Math.min(CONTEXT_TOKENS, found.trainedTokens ?? CONTEXT_TOKENS);
  const model = await llama.loadModel({ modelPath, loadSignal: signal });
  // An encoder sees all of a text at once, or it sees pieces that know nothing of each other.
  const size = { contextSize: contextTokens, batchSize: contextTokens };
  const context = await model.createEmbeddingContext({
    ...size,
    threads: llama.maxThreads,
    createSignal: signal,
  });
  const prompts = chooseEmbeddingPrompts([...found.names, basename(modelPath, ".gguf")]);
  const need = await estimateNeed(insights, { ...size, modelGpuLayers: model.gpuLayers });
  return new LocalEmbedder({
    context,
    contextTokens,
    dimensions: model.embeddingVectorSize,
    key: await nameEmbeddings(modelPath, { contextTokens, prompts }),
    memory: need,
    model,
    modelName: basename(modelPath, ".gguf"),
    prompts,
  });
}

function requireEmbedding(found: EmbeddingFinding, insights: GgufInsights) {
  const { architecture } = insights.ggufFileInfo.metadata.general;
  const reason = insights.isSupportedByLlamaCpp
    ? `EMBEDDING_MODEL is no embedding model, ${found.kind === "other" ? found.reason : ""}`
    : `EMBEDDING_MODEL is of the kind "${architecture}", which llama.cpp does not know here`;
  if (insights.isSupportedByLlamaCpp && found.kind === "embedding") return found;
  throw new FamiliarError(
    "model-invalid",
    `${reason}: choose another one, such as hf:nomic-ai/nomic-embed-text-v1.5-GGUF:Q8_0, or leave EMBEDDING_MODEL empty`,
  );
}

interface ContextSize {
  readonly contextSize: number;
  readonly batchSize: number;
  readonly modelGpuLayers: number;
}

async function estimateNeed(insights: GgufInsights, size: ContextSize) {
  const [model, context] = await Promise.all([
    insights.estimateModelResourceRequirementsV2({ gpuLayers: size.modelGpuLayers }),
    insights.estimateContextResourceRequirementsV2({
      ...size,
      sequences: 1,
      isEmbeddingContext: true,
    }),
  ]);
  return { ramBytes: model.cpuRam + context.cpuRam, vramBytes: model.gpuVram + context.gpuVram };
}

interface EmbeddingSettings {
  readonly contextTokens: number;
  readonly prompts: EmbeddingPrompts;
}

async function nameEmbeddings(modelPath: string, settings: EmbeddingSettings): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify({ ...settings, revision: REVISION }));
  await sampleFile(modelPath, (bytes) => hash.update(bytes));
  return hash.digest("hex").slice(0, KEY_DIGITS);
}

interface EmbedderParts extends EmbeddingSettings {
  readonly context: LlamaEmbeddingContext;
  readonly dimensions: number;
  readonly key: string;
  readonly memory: LlamaEmbedder["memory"];
  readonly model: LlamaModel;
  readonly modelName: string;
}

class LocalEmbedder implements LlamaEmbedder {
  readonly key: string;
  readonly dimensions: number;
  readonly modelName: string;
  readonly memory: LlamaEmbedder["memory"];
  readonly contextTokens: number;
  readonly #parts: EmbedderParts;
  readonly #closing = new AbortController();
  /** The text under way, and those that wait. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: EmbedderParts) {
    this.key = parts.key;
    this.dimensions = parts.dimensions;
    this.modelName = parts.modelName;
    this.memory = parts.memory;
    this.contextTokens = parts.contextTokens;
    this.#parts = parts;
  }

  async embed(
    texts: readonly string[],
    purpose: EmbeddingPurpose,
    signal: AbortSignal,
  ): Promise<readonly Float32Array[]> {
    const embedded: Float32Array[] = [];
    for (const text of texts) embedded.push(await this.#takeTurn(text, purpose, signal));
    return embedded;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort(new FamiliarError("engine-failed", "The embedding model is closed."));
    await this.#last;
  }

  #takeTurn(text: string, purpose: EmbeddingPurpose, signal: AbortSignal): Promise<Float32Array> {
    const embedding = this.#last.then(async () => {
      signal.throwIfAborted();
      this.#closing.signal.throwIfAborted();
      return await this.#embedOne(text, purpose);
    });
    this.#last = embedding.catch(() => undefined);
    return embedding;
  }

  async #embedOne(text: string, purpose: EmbeddingPurpose): Promise<Float32Array> {
    const { context, contextTokens, model, prompts } = this.#parts;
    // Plain text: what reads like a control token is none.
    const tokens: Token[] = model.tokenize(`${prompts[purpose]}${text}`, false);
    if (tokens.length === 0) return new Float32Array(this.dimensions);
    try {
      const { vector } = await context.getEmbeddingFor(
        tokens.slice(0, contextTokens - MARK_TOKENS - 1),
      );
      return normalise(Float32Array.from(vector));
    } catch (error) {
      const message = "The embedding model failed.";
      throw new FamiliarError("engine-failed", message, { cause: error });
    }
  }
}

function normalise(vector: Float32Array): Float32Array {
  const length = Math.hypot(...vector);
  return Number.isFinite(length) && length > 0
    ? vector.map((value) => value / length)
    : vector.fill(0);
}
