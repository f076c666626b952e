import type { PromptMessage } from "../../src/chat/ports.ts";
import type { LlamaEngine } from "../../src/inference/llama/llama-engine.ts";
import type { BenchModel } from "./bench-models.ts";
import { askForStory } from "./bench-texts.ts";
import { startLlamaServer } from "./llama-server.ts";
import type { LlamaServer } from "./llama-server.ts";
import { openLlamaTools, runBatchedBench } from "./llama-tools.ts";
import type { LlamaTools } from "./llama-tools.ts";
import { CONTEXT_TOKENS, openEngine } from "./local-engine.ts";
import { openRawModel } from "./raw-model.ts";
import type { RawModel } from "./raw-model.ts";
import { runRawStreams } from "./raw-streams.ts";
import { timeReply, toTokensPerSecond } from "./timed-reply.ts";
import type { TimedStream } from "./timed-reply.ts";

export const SERVER_STREAMS = 4;

export interface SidesOptions {
  readonly model: BenchModel;
  readonly mostStreams: number;
  readonly tokens: number;
  readonly threads: number | undefined;
  readonly llamaCppBin: string | undefined;
  readonly signal: AbortSignal;
}

/** One engine for everything that is compared, and the others beside it. */
export interface Sides extends AsyncDisposable {
  readonly engine: LlamaEngine;
  readonly tools: LlamaTools | undefined;
  /** Tokens a second while all streams are being written. */
  ours(streams: number): Promise<number>;
  reference(streams: number): Promise<number>;
  plain(streams: number): Promise<number>;
  /** Tokens a second from the requests to the last token, ours and llama-server's. */
  readonly served?: { ours(): Promise<number>; server(): Promise<number> };
}

export async function openSides(options: SidesOptions): Promise<Sides> {
  const { llamaCppBin, model, mostStreams, signal, threads } = options;
  const resources: AsyncDisposable[] = [];
  const keep = <Resource extends AsyncDisposable>(resource: Resource): Resource => {
    resources.push(resource);
    return resource;
  };
  const close = async (): Promise<void> => {
    for (const resource of resources.toReversed()) await resource[Symbol.asyncDispose]();
  };
  try {
    const parallel = { modelPath: model.path, parallelConversations: mostStreams, threads, signal };
    const engine = keep(await openEngine(parallel));
    const raw = keep(await openRawModel({ modelPath: model.path, threads: engine.facts.threads }));
    const tools = await openLlamaTools(llamaCppBin);
    if (tools !== undefined) keep(tools);
    const server = tools && keep(await startServer(tools, engine, options));
    const sides = createSides({ ...options, engine, raw, server, tools });
    return { ...sides, engine, tools, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

function startServer(tools: LlamaTools, { facts }: LlamaEngine, options: SidesOptions) {
  return startLlamaServer({
    tools,
    modelPath: options.model.path,
    contextTokens: CONTEXT_TOKENS,
    gpuLayers: facts.gpuLayers,
    threads: facts.threads,
    streams: SERVER_STREAMS,
    signal: options.signal,
  });
}

interface Parts extends SidesOptions {
  readonly engine: LlamaEngine;
  readonly raw: RawModel;
  readonly tools: LlamaTools | undefined;
  readonly server: LlamaServer | undefined;
}

function createSides(parts: Parts): Pick<Sides, "ours" | "reference" | "plain" | "served"> {
  const { engine, raw, server, signal, tokens } = parts;
  let asked = 0;
  const ask = (streams: number): readonly Question[] =>
    Array.from({ length: streams }, () => {
      asked += 1;
      return { number: asked, messages: [askForStory(asked)] };
    });
  const answer = (questions: readonly Question[]) =>
    Promise.all(
      questions.map(({ messages, number }) =>
        timeReply(engine, { conversationId: number, messages, maxTokens: tokens, signal }),
      ),
    );
  const runRaw = (streams: number, advance: "loops" | "lockstep"): Promise<number> => {
    const prompts = ask(streams).map(({ messages }) => raw.toPrompt(messages));
    return runRawStreams(raw, { prompts, tokens, advance, signal });
  };
  return {
    ours: async (streams) => toTokensPerSecond(await answer(ask(streams))),
    plain: (streams) => runRaw(streams, "loops"),
    reference: async (streams) =>
      parts.tools === undefined
        ? await runRaw(streams, "lockstep")
        : await runBatchedBench(parts.tools, {
            ...toBatchedRun(parts),
            promptTokens: raw.toPrompt([askForStory(asked)]).length,
            streams,
          }),
    ...(server === undefined
      ? {}
      : {
          served: {
            ours: () => timeWhole(() => answer(ask(SERVER_STREAMS))),
            server: () =>
              timeWhole(() => {
                const prompts = ask(SERVER_STREAMS).map(({ messages }) => raw.toPrompt(messages));
                return Promise.all(prompts.map((prompt) => server.complete({ prompt, tokens })));
              }),
          },
        }),
  };
}

interface Question {
  readonly number: number;
  readonly messages: readonly PromptMessage[];
}

function toBatchedRun({ engine, model, signal, tokens }: Parts) {
  const { gpuLayers, threads } = engine.facts;
  return {
    modelPath: model.path,
    contextTokens: CONTEXT_TOKENS,
    gpuLayers,
    threads,
    replyTokens: tokens,
    signal,
  };
}

async function timeWhole(run: () => Promise<readonly TimedStream[]>): Promise<number> {
  const startedAt = performance.now();
  const streams = await run();
  const tokens = streams.reduce((sum, stream) => sum + stream.tokens, 0);
  return (tokens * 1000) / (performance.now() - startedAt);
}
