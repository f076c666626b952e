import { join } from "node:path";
import type { Clock, Engine, Log } from "./chat/ports.ts";
import { chooseModel } from "./choose-model.ts";
import type { Config } from "./config.ts";
import { createLlamaEngine } from "./inference/llama/llama-engine.ts";
import type { LlamaEngine } from "./inference/llama/llama-engine.ts";
import { openTokenizer } from "./inference/llama/local-tokenizer.ts";
import { resolveModel } from "./inference/model/resolve-model.ts";
import { createRemoteEngine } from "./inference/remote/remote-engine.ts";
import type { RemoteEngine } from "./inference/remote/remote-engine.ts";
import { createProgress } from "./progress.ts";

/** Replies sent to a server at once, where nothing else is set: servers batch them. */
const REMOTE_CONVERSATIONS = 8;
const MIB = 2 ** 20;

/** An engine as the programs that start one use it. */
export interface OpenedEngine extends AsyncDisposable {
  readonly engine: Engine & { ping(): Promise<number> };
  /** Of the model, where that is known. */
  readonly parameters: number | undefined;
  /** What it is and what it runs on, for people: a name and a fact each. */
  readonly lines: readonly (readonly [name: string, fact: string])[];
}

export interface EngineCircumstances {
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** Loads the model into this process, or connects to the server that the settings name. */
export async function openEngine(
  config: Config,
  circumstances: EngineCircumstances,
): Promise<OpenedEngine> {
  return config.inference.urls.length === 0
    ? await openLocal(config, circumstances)
    : await openRemote(config, circumstances);
}

async function openLocal(
  config: Config,
  { log, signal }: EngineCircumstances,
): Promise<OpenedEngine> {
  const { dataDir, model } = config;
  const { kvStoreBytes, source: _source, ...settings } = model;
  const modelPath = await provideModel(chooseModel(config), dataDir, signal);
  const engine = await createLlamaEngine({
    ...settings,
    modelPath,
    states: {
      directory: join(dataDir, "states"),
      maxBytes: kvStoreBytes,
      onWarning: (message) => log.warn({}, message),
    },
    onProgress: createProgress("Loading the model"),
    signal,
  });
  return {
    engine,
    parameters: engine.facts.parameters,
    lines: describeLocal(engine, kvStoreBytes),
    [Symbol.asyncDispose]: () => engine[Symbol.asyncDispose](),
  };
}

async function openRemote(
  config: Config,
  { clock, log, signal }: EngineCircumstances,
): Promise<OpenedEngine> {
  const { dataDir, inference, model } = config;
  const tokenizer =
    model.source === undefined
      ? undefined
      : await openTokenizer({
          modelPath: await provideModel(model.source, dataDir, signal),
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
    parameters: undefined,
    lines: describeRemote(engine),
    async [Symbol.asyncDispose]() {
      await engine[Symbol.asyncDispose]();
      await tokenizer?.[Symbol.asyncDispose]();
    },
  };
}

async function provideModel(source: string, dataDir: string, signal: AbortSignal): Promise<string> {
  const showDownload = createProgress("Downloading the model");
  return await resolveModel({
    source,
    modelsDir: join(dataDir, "models"),
    onProgress: ({ downloadedBytes, totalBytes }) => showDownload(downloadedBytes / totalBytes),
    signal,
  });
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
