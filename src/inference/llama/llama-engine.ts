import { createHash } from "node:crypto";
import { basename } from "node:path";
import type { Llama } from "node-llama-cpp";
import { FamiliarError } from "../../chat/errors.ts";
import type { Engine, EngineEvent, GenerationRequest, PromptMessage } from "../../chat/ports.ts";
import { choosePromptFormat } from "../prompt/choose-format.ts";
import type { LlamaSettings } from "./load-llama.ts";
import { loadLlama } from "./load-llama.ts";
import type { ModelSettings, OpenModel } from "./open-model.ts";
import { openModel } from "./open-model.ts";
import type { PromptFormat } from "../prompt/prompt-format.ts";
import { SlotPool } from "./slot-pool.ts";
import { streamFromCallback } from "../stream-from-callback.ts";
import { readVocabulary } from "../prompt/vocabulary.ts";
import type { Slot } from "./write-reply.ts";
import { writeReply } from "./write-reply.ts";

export interface LlamaEngineOptions extends LlamaSettings, Omit<ModelSettings, "sequences"> {
  readonly chatTemplate: "auto" | "chatml";
  /** Conversations that keep their evaluated tokens and may write at the same time. Default 4. */
  readonly parallelConversations?: number;
}

interface LlamaFacts {
  /** The GPU's name, or CPU. */
  readonly device: string;
  readonly gpuLayers: number;
  readonly totalLayers: number;
  readonly contextTokens: number;
  readonly trainedTokens: number;
  /** Model and contexts together, in RAM and on the GPU, as the library estimates them. */
  readonly memoryBytes: number;
  readonly threads: number;
  readonly template: string;
  readonly sequences: number;
}

export interface LlamaEngine extends Engine, AsyncDisposable {
  readonly facts: LlamaFacts;
  /**
   * Milliseconds to evaluate one token; waits for no conversation. Calls may overlap.
   *
   * @throws {FamiliarError} `engine-failed`
   */
  ping(): Promise<number>;
}

const DEFAULT_CONVERSATIONS = 4;

/**
 * Loads a model into this process. The result is the caller's to dispose of, which stops all
 * replies first.
 *
 * @throws {FamiliarError} `model-invalid`
 * @throws the signal's reason once it is aborted
 */
export async function createLlamaEngine(options: LlamaEngineOptions): Promise<LlamaEngine> {
  options.signal.throwIfAborted();
  const llama = await loadLlama(options);
  try {
    const sequences = options.parallelConversations ?? DEFAULT_CONVERSATIONS;
    const open = await openModel(llama, { ...options, sequences });
    const vocabulary = readVocabulary(open.model);
    const format = choosePromptFormat(open.model, vocabulary, options.chatTemplate);
    const facts = await collectFacts(llama, open, format);
    return new LocalLlamaEngine(options.modelPath, { llama, open, format, facts });
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

interface EngineParts {
  readonly llama: Llama;
  readonly open: OpenModel;
  readonly format: PromptFormat;
  readonly facts: LlamaFacts;
}

class LocalLlamaEngine implements LlamaEngine {
  readonly modelName: string;
  readonly countBasis: string;
  readonly contextTokens: number;
  readonly overheadTokens: number;
  readonly facts: LlamaFacts;
  readonly #parts: EngineParts;
  readonly #slots: SlotPool<Slot>;
  readonly #replies = new Map<Promise<void>, AbortController>();
  #ping: Promise<number> | undefined;
  #isClosed = false;

  constructor(modelPath: string, parts: EngineParts) {
    const { open, format, facts } = parts;
    this.modelName = basename(modelPath, ".gguf");
    this.countBasis = nameCountBasis(open, format);
    this.contextTokens = open.contextTokens;
    this.overheadTokens = format.overheadTokens;
    this.facts = facts;
    this.#parts = parts;
    this.#slots = new SlotPool(
      open.sequences.map((sequence, index) => ({ sequence, rank: index + 1 })),
    );
  }

  countTokens(message: PromptMessage): Promise<number> {
    return inEngine("counted tokens", async () => this.#parts.format.countTokens(message));
  }

  generate(request: GenerationRequest): AsyncIterable<EngineEvent> {
    const startedAt = performance.now();
    return streamFromCallback<EngineEvent>((emit, signal) => {
      const closing = new AbortController();
      const stopped = AbortSignal.any([signal, closing.signal]);
      const reply = this.#write(request, { emit, startedAt, signal: stopped });
      this.#replies.set(reply, closing);
      return reply.finally(() => this.#replies.delete(reply));
    }, request.signal);
  }

  ping(): Promise<number> {
    this.#ping ??= this.#evaluateProbe().finally(() => {
      this.#ping = undefined;
    });
    return this.#ping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const replies = [...this.#replies];
    for (const [, closing] of replies) closing.abort(closedError());
    await Promise.allSettled([this.#ping, ...replies.map(([reply]) => reply)]);
    await this.#parts.llama.dispose();
  }

  async #write(
    { conversationId, messages, ...request }: GenerationRequest,
    stream: { emit: (event: EngineEvent) => void; startedAt: number; signal: AbortSignal },
  ): Promise<void> {
    if (this.#isClosed) throw closedError();
    using lease = await this.#slots.lease(conversationId, stream.signal);
    const { open, format } = this.#parts;
    try {
      const prompt = format.toPrompt(messages);
      await writeReply(lease.resource, { ...stream, ...open, prompt, request });
    } catch (error) {
      stream.signal.throwIfAborted();
      // Whether or not that works: what went wrong first is what counts.
      await lease.resource.sequence.clearHistory().catch(() => undefined);
      throw toEngineError("wrote a reply", error);
    }
  }

  #evaluateProbe(): Promise<number> {
    const { probe, model } = this.#parts.open;
    return inEngine("was tried out", async () => {
      if (this.#isClosed) throw closedError();
      const startedAt = performance.now();
      await probe.clearHistory();
      await probe.evaluateWithoutGeneratingNewTokens(model.tokenize("a").slice(0, 1));
      return performance.now() - startedAt;
    });
  }
}

async function collectFacts(
  llama: Llama,
  { model, context, contextTokens, probe, sequences }: OpenModel,
  format: PromptFormat,
): Promise<LlamaFacts> {
  const devices = llama.gpu === false ? [] : await llama.getGpuDeviceNames();
  const holders = [model, context, probe.context];
  return {
    device: devices.length === 0 ? "CPU" : devices.join(", "),
    gpuLayers: model.gpuLayers,
    totalLayers: model.fileInsights.totalLayers,
    contextTokens,
    trainedTokens: model.trainContextSize,
    memoryBytes: holders.reduce(
      (sum, { memoryUsage }) => sum + memoryUsage.ram + memoryUsage.vram,
      0,
    ),
    threads: llama.maxThreads,
    template: format.name,
    sequences: sequences.length,
  };
}

/** Differs wherever a text could be other tokens, or a message be written out otherwise. */
function nameCountBasis({ model }: OpenModel, format: PromptFormat): string {
  const { ggml, chat_template: template } = model.fileInfo.metadata.tokenizer;
  const { model: kind, pre, tokens, token_type: types, add_space_prefix: hasSpacePrefix } = ggml;
  const ownTemplate = format.name === "chatml" ? undefined : template;
  const hash = createHash("sha256");
  hash.update(JSON.stringify([kind, pre, hasSpacePrefix, ownTemplate, types]));
  for (const token of tokens) hash.update(`${token}\n`);
  return `${format.name}:${hash.digest("hex").slice(0, 16)}`;
}

async function inEngine<Result>(what: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    throw toEngineError(what, error);
  }
}

function toEngineError(what: string, error: unknown): FamiliarError {
  if (error instanceof FamiliarError) return error;
  return new FamiliarError("engine-failed", `The model failed while it ${what}.`, { cause: error });
}

function closedError(): FamiliarError {
  return new FamiliarError("engine-failed", "The model is closed.");
}
