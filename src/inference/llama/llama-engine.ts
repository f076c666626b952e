import { basename } from "node:path";
import type { Llama, Token } from "node-llama-cpp";
import type { ReplyUsage, RowId } from "../../chat/conversation.ts";
import { FamiliarError } from "../../chat/errors.ts";
import type { Engine, EngineEvent, GenerationRequest, PromptMessage } from "../../chat/ports.ts";
import { choosePromptFormat } from "../prompt/choose-format.ts";
import type { Prompt, PromptFormat } from "../prompt/prompt-format.ts";
import { readVocabulary } from "../prompt/vocabulary.ts";
import { openEmbedder } from "../embedding/llama-embedder.ts";
import type { LlamaEmbedder } from "../embedding/llama-embedder.ts";
import { streamFromCallback } from "../stream-from-callback.ts";
import { Grammars } from "./grammars.ts";
import { collectFacts, nameCountBasis } from "./llama-facts.ts";
import type { LlamaFacts } from "./llama-facts.ts";
import type { LlamaSettings } from "./load-llama.ts";
import { loadLlama } from "./load-llama.ts";
import type { ModelSettings, OpenModel } from "./open-model.ts";
import { openModel } from "./open-model.ts";
import { ReplyWriter } from "./reply-writer.ts";
import { toEvaluateOptions } from "./sampling-options.ts";
import { Slots } from "./slots.ts";
import { nameStates } from "./state-key.ts";
import { StateStore } from "./state-store.ts";
import type { StateStoreOptions } from "./state-store.ts";

export interface LlamaEngineOptions
  extends
    LlamaSettings,
    Omit<ModelSettings, "kvCacheType" | "parallelConversations" | "reservedRamBytes"> {
  readonly chatTemplate: "auto" | "chatml";
  /** Replies that are written at once; default: as many as the memory allows, 8 at most. */
  readonly parallelConversations?: number | undefined;
  /** Default: f16. */
  readonly kvCacheType?: ModelSettings["kvCacheType"];
  /** Prompt tokens that a step may take while others write; default 129. */
  readonly promptTokensPerStep?: number;
  /** Loaded beside the model, which gets what is left of the memory; undefined: none. */
  readonly embeddingModelPath?: string | undefined;
  /** Where evaluated tokens are kept that have no slot; undefined: nowhere. */
  readonly states?: StateStoreOptions | undefined;
}

export interface LlamaEngine extends Engine, AsyncDisposable {
  readonly facts: LlamaFacts;
  /** Of the embedding model; belongs to the engine. */
  readonly embedder: LlamaEmbedder | undefined;
  /**
   * Milliseconds to evaluate one token; waits for no conversation. Calls may overlap.
   *
   * @throws {FamiliarError} `engine-failed`
   */
  ping(): Promise<number>;
}

/**
 * Measured: see docs/performance.md, "newcomer". One token joins those of the live streams, and the
 * others are a power of two: below 64 of them, llama.cpp's attention on a processor is far slower
 * (GGML_FA_TILE_Q in ggml/src/ggml-cpu).
 */
const PROMPT_TOKENS_PER_STEP = 129;
const NO_STATES: StateStoreOptions = { directory: "", maxBytes: 0 };

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
    return await openEngine(llama, options);
  } catch (error) {
    await llama.dispose();
    throw error;
  }
}

async function openEngine(llama: Llama, options: LlamaEngineOptions): Promise<LlamaEngine> {
  const { kvCacheType = "f16", modelPath } = options;
  const { parallelConversations } = options;
  const embedder = await openEmbedderOf(llama, options);
  const reservedRamBytes = embedder?.memory.ramBytes ?? 0;
  const settings = { ...options, kvCacheType, parallelConversations, reservedRamBytes };
  const open = await openModel(llama, settings);
  const format = choosePromptFormat(open.model, readVocabulary(open.model), options.chatTemplate);
  const states = await StateStore.open({
    options: options.states ?? NO_STATES,
    key: await nameStates(llama, open, { modelPath, kvCacheType }),
    cacheBytes: open.fit.conversationBytes / open.fit.contextTokens,
  });
  const { promptTokensPerStep = PROMPT_TOKENS_PER_STEP } = options;
  return new LocalLlamaEngine(basename(modelPath, ".gguf"), {
    llama,
    embedder,
    open,
    format,
    slots: new Slots(open, { states, promptTokensPerStep }),
    facts: await collectFacts(llama, { open, format, kvCacheType }),
  });
}

async function openEmbedderOf(
  llama: Llama,
  { embeddingModelPath: modelPath, signal }: LlamaEngineOptions,
): Promise<LlamaEmbedder | undefined> {
  return modelPath === undefined ? undefined : await openEmbedder(llama, { modelPath, signal });
}

interface EngineParts {
  readonly llama: Llama;
  readonly embedder: LlamaEmbedder | undefined;
  readonly open: OpenModel;
  readonly format: PromptFormat;
  readonly slots: Slots;
  readonly facts: LlamaFacts;
}

interface ReplyStream {
  readonly emit: (event: EngineEvent) => void;
  /** When the reply was asked for, on the clock of `performance`. */
  readonly startedAt: number;
  readonly signal: AbortSignal;
}

class LocalLlamaEngine implements LlamaEngine {
  readonly modelName: string;
  readonly countBasis: string;
  readonly contextTokens: number;
  readonly overheadTokens: number;
  readonly parallelReplies: number;
  readonly facts: LlamaFacts;
  readonly embedder: LlamaEmbedder | undefined;
  readonly #parts: EngineParts;
  readonly #grammars: Grammars;
  readonly #replies = new Map<Promise<void>, AbortController>();
  #ping: Promise<number> | undefined;
  #isClosed = false;

  constructor(modelName: string, parts: EngineParts) {
    const { facts, format, llama, open } = parts;
    this.modelName = modelName;
    this.countBasis = nameCountBasis(open.model, format);
    this.contextTokens = facts.contextTokens;
    this.overheadTokens = format.overheadTokens;
    this.parallelReplies = facts.sequences;
    this.facts = facts;
    this.embedder = parts.embedder;
    this.#parts = parts;
    this.#grammars = new Grammars(llama, open.model);
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

  forget(conversationId: RowId, remaining: readonly PromptMessage[] = []): Promise<void> {
    return inEngine("forgot a conversation", async () => {
      if (this.#isClosed) throw closedError();
      const tokens = remaining.length === 0 ? [] : this.#parts.format.toPrompt(remaining).tokens;
      await this.#parts.slots.forget(conversationId, tokens);
    });
  }

  ping(): Promise<number> {
    this.#ping ??= this.#evaluateProbe().finally(() => {
      this.#ping = undefined;
    });
    return this.#ping;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const replies = [...this.#replies];
    for (const [, closing] of replies) closing.abort(closedError());
    await Promise.allSettled([this.#ping, ...replies.map(([reply]) => reply)]);
    await this.embedder?.[Symbol.asyncDispose]();
    await this.#parts.slots[Symbol.asyncDispose]();
    await this.#parts.llama.dispose();
  }

  async #write(request: GenerationRequest, stream: ReplyStream): Promise<void> {
    if (this.#isClosed) throw closedError();
    try {
      const prompt = this.#parts.format.toPrompt(request.messages, request.continues);
      const isTooLong = prompt.tokens.length >= this.contextTokens;
      if (isTooLong) stream.emit(toEnd("context", { prompt, reusedTokens: 0, stream }));
      else await this.#writeInSlot(request, prompt, stream);
    } catch (error) {
      stream.signal.throwIfAborted();
      throw toEngineError("wrote a reply", error);
    }
  }

  async #writeInSlot(
    request: GenerationRequest,
    prompt: Prompt,
    stream: ReplyStream,
  ): Promise<void> {
    const {
      conversationId,
      isTrimmed,
      keepsNothing = false,
      maxTokens,
      sampling,
      schema,
    } = request;
    const grammar = await this.#grammars.start(schema);
    const { open, slots } = this.#parts;
    const { signal, emit } = stream;
    const use = { conversationId, prompt, isTrimmed, keepsNothing, signal };
    await slots.use(use, async (slot, reusedTokens) => {
      const writer = new ReplyWriter(slot, {
        model: open.model,
        prompt,
        sampling: (written: readonly Token[]) => toEvaluateOptions(sampling, written, grammar),
        stopTexts: sampling.stop,
        maxTokens,
        contextTokens: this.contextTokens,
        emit,
        signal,
      });
      await slots.run(writer, slot, prompt);
      emit(toEnd(writer.reason, { prompt, reusedTokens, stream, writer }));
    });
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

interface EndedReply {
  readonly prompt: Prompt;
  readonly reusedTokens: number;
  readonly stream: ReplyStream;
  /** Undefined where nothing was written. */
  readonly writer?: ReplyWriter;
}

function toEnd(
  reason: ReplyWriter["reason"],
  { prompt, reusedTokens, stream, writer }: EndedReply,
): EngineEvent {
  const endedAt = performance.now();
  const usage: ReplyUsage = {
    promptTokens: prompt.tokens.length,
    reusedTokens,
    replyTokens: writer?.tokenCount ?? 0,
    firstTokenMs: (writer?.firstTokenAt ?? endedAt) - stream.startedAt,
    totalMs: endedAt - stream.startedAt,
  };
  return { type: "end", reason, usage };
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
