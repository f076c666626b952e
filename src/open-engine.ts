import { join } from "node:path";
import type { Clock, Engine, Log } from "./chat/ports.ts";
import { chooseModel } from "./choose-model.ts";
import type { Config } from "./config.ts";
import type { LlamaEmbedder } from "./inference/embedding/llama-embedder.ts";
import { openOwnEmbedder } from "./inference/embedding/own-embedder.ts";
import { createLlamaEngine } from "./inference/llama/llama-engine.ts";
import type { LlamaEngine } from "./inference/llama/llama-engine.ts";
import { deleteStates } from "./inference/llama/state-file.ts";
import { openTokenizer } from "./inference/llama/local-tokenizer.ts";
import { createRemoteEngine } from "./inference/remote/remote-engine.ts";
import type { RemoteEngine } from "./inference/remote/remote-engine.ts";
import { createProgress } from "./progress.ts";
import { provideEmbeddingModel, provideModel } from "./provide-model.ts";

/** Replies sent to a server at once, where nothing else is set: servers batch them. */
const REMOTE_CONVERSATIONS = 8;
const MIB = 2 ** 20;

/** An engine as the programs that start one use it. */
export interface OpenedEngine extends AsyncDisposable {
  readonly engine: Engine & { ping(): Promise<number> };
  /** Undefined where EMBEDDING_MODEL is not set, or not asked for. */
  readonly embedder: LlamaEmbedder | undefined;
  /** Of the model, where that is known. */
  readonly parameters: number | undefined;
  /** What it is and what it runs on, for people: a name and a fact each. */
  readonly lines: readonly (readonly [name: string, fact: string])[];
}

export interface EngineCircumstances {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  /** Whether the embedding model of the settings is loaded too. */
  readonly withEmbeddings?: boolean;
  /** Whether the states in DATA_DIR are this program's to keep and to delete; default true. */
  readonly withStates?: boolean;
}

/** Loads the model into this process, or connects to the server that the settings name. */
export async function openEngine(
  config: Config,
  circumstances: EngineCircumstances,
): Promise<OpenedEngine> {
  const { inference, model } = config;
  const isLocal = inference.urls.length === 0;
  const keepsStates = isLocal && model.kvStoreBytes > 0;
  if (!keepsStates) await clearStates(config, circumstances);
  return isLocal ? await openLocal(config, circumstances) : await openRemote(config, circumstances);
}

/** Kept before states were switched off, they hold what people said, and no "forget" reaches them. */
async function clearStates(
  { dataDir }: Config,
  { log, withStates = true }: EngineCircumstances,
): Promise<void> {
  if (!withStates) return;
  await deleteStates(statesIn(dataDir)).catch((error: unknown) => {
    log.warn({ error }, "The saved states of earlier conversations cannot be deleted");
  });
}

function statesIn(dataDir: string): string {
  return join(dataDir, "states");
}

async function openLocal(
  config: Config,
  { log, signal, withEmbeddings = false, withStates = true }: EngineCircumstances,
): Promise<OpenedEngine> {
  const { dataDir, embedding, model } = config;
  const { kvStoreBytes, source: _source, ...settings } = model;
  const maxBytes = withStates ? kvStoreBytes : 0;
  const modelPath = await provideModel({ source: chooseModel(config), dataDir, signal });
  const source = withEmbeddings ? embedding.source : undefined;
  const engine = await createLlamaEngine({
    ...settings,
    modelPath,
    embeddingModelPath: await provideEmbeddingModel({ source, dataDir, signal }),
    states: {
      directory: statesIn(dataDir),
      maxBytes,
      onWarning: (message) => log.warn({}, message),
    },
    onProgress: createProgress("Loading the model"),
    signal,
  });
  return {
    engine,
    embedder: engine.embedder,
    parameters: engine.facts.parameters,
    lines: describeLocal(engine, maxBytes),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

async function openRemote(
  config: Config,
  { clock, log, signal, withEmbeddings = false }: EngineCircumstances,
): Promise<OpenedEngine> {
  const { dataDir, inference, model } = config;
  const own = withEmbeddings ? await openEmbedderAlone(config, { log, signal }) : undefined;
  const tokenizer =
    model.source === undefined
      ? undefined
      : await openTokenizer({
          modelPath: await provideModel({ source: model.source, dataDir, signal }),
          chatTemplate: model.chatTemplate,
          signal,
        });
  const { contextTokens, parallelConversations = REMOTE_CONVERSATIONS } = model;
  const engine = await createRemoteEngine({
    ...inference,
    contextTokens,
    parallelReplies: parallelConversations,
    ...(tokenizer === undefined ? {} : { tokenizer }),
    clock,
    log,
    signal,
  });
  return {
    engine,
    embedder: own?.embedder,
    parameters: undefined,
    lines: describeRemote(engine),
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await tokenizer?.[Symbol.asyncDispose]();
      await own?.[Symbol.asyncDispose]();
    },
  };
}

async function openEmbedderAlone(
  { dataDir, embedding, model }: Config,
  { log, signal }: Pick<EngineCircumstances, "log" | "signal">,
) {
  const { source } = embedding;
  const modelPath = await provideEmbeddingModel({ source, dataDir, signal });
  if (modelPath === undefined) return undefined;
  const { gpu, threads } = model;
  const onWarning = (message: string): void => log.warn({}, message);
  return await openOwnEmbedder({ gpu, threads, modelPath, onWarning, signal });
}

function describeLocal({ facts, modelName }: LlamaEngine, kvStoreBytes: number) {
  const layers = `${facts.gpuLayers} of ${facts.totalLayers} layers on the GPU`;
  const device = facts.gpuLayers > 0 ? `${facts.device}, ${layers}` : facts.device;
  const threads = facts.threads === 1 ? "1 thread" : `${facts.threads} threads`;
  const stored =
    kvStoreBytes === 0 ? "nothing more is kept" : `up to ${inMib(kvStoreBytes)} more kept aside`;
  const conversations =
    facts.sequences === 1 ? "one conversation" : `each of ${facts.sequences} conversations`;
  return [
    ["Model", `${modelName} (${facts.template} prompts)`],
    ["Runs on", `${device}, ${threads}, ${inMib(facts.memoryBytes)} of memory`],
    ["Context", `${facts.contextTokens} tokens for ${conversations} at once`],
    ["KV cache", `${inMib(facts.kvCacheBytes)} (${facts.kvCacheType}), ${stored}`],
  ] as const;
}

function describeRemote({ facts, modelName, parallelReplies }: RemoteEngine) {
  return [
    ["Model", modelName],
    ["Runs on", `${facts.address} (${facts.kind})`],
    [
      "Context",
      `${facts.contextTokens} tokens, ${parallelReplies} replies at once, tokens counted: ${facts.counting}`,
    ],
  ] as const;
}

function inMib(bytes: number): string {
  const mib = bytes / MIB;
  return mib < 1_000 ? `${mib.toFixed(mib < 10 ? 1 : 0)} MiB` : `${(mib / 1_024).toFixed(1)} GiB`;
}
