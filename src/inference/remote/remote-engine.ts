import { FamiliarError } from "../../chat/errors.ts";
import type {
  Clock,
  Engine,
  EngineEvent,
  GenerationRequest,
  Log,
  PromptMessage,
} from "../../chat/ports.ts";
import { streamFromCallback } from "../stream-from-callback.ts";
import { chooseCounting } from "./choose-counting.ts";
import { describeServer, toModelName } from "./describe-server.ts";
import type { ServerKind } from "./describe-server.ts";
import { toEngineError, toStartError } from "./explain-failure.ts";
import { ServerLine } from "./server-line.ts";
import { findTokenizer } from "./server-tokenizer.ts";
import { TokenCounter } from "./token-counter.ts";
import type { CountSource, LocalTokenizer } from "./token-counter.ts";
import { writeRemoteReply } from "./write-remote-reply.ts";
import type { ReplyStream } from "./write-remote-reply.ts";

export interface RemoteEngineOptions {
  /** Used in this order, with or without `/v1`; all of them serve the same model. */
  readonly urls: readonly string[];
  /** Sent to each of them as a bearer token. */
  readonly key: string | undefined;
  /** Undefined: the first that the server lists. */
  readonly model: string | undefined;
  /** Undefined: what the server keeps for one conversation, else 4,096. Never more than that. */
  readonly contextTokens: number | undefined;
  readonly parallelReplies: number;
  /** A local copy of the model, for a server that does not count tokens. */
  readonly tokenizer?: LocalTokenizer | undefined;
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** Default `Math.random`. */
  readonly random?: (() => number) | undefined;
  readonly signal: AbortSignal;
}

interface RemoteFacts {
  readonly address: string;
  readonly kind: ServerKind;
  /** As requests name it. */
  readonly model: string;
  readonly contextTokens: number;
  readonly counting: CountSource["name"];
}

export interface RemoteEngine extends Engine, AsyncDisposable {
  readonly facts: RemoteFacts;
  /**
   * Milliseconds that the server takes to answer at all. Calls may overlap.
   *
   * @throws {FamiliarError} `engine-failed`
   */
  ping(): Promise<number>;
}

const DEFAULT_CONTEXT_TOKENS = 4_096;

/**
 * Finds an OpenAI-compatible server and what it can do. The result is the caller's to dispose of,
 * which stops all replies.
 *
 * @throws {FamiliarError} `config-invalid`, or `model-unreachable` where no setting need be wrong
 * @throws the signal's reason once it is aborted
 */
export async function createRemoteEngine(options: RemoteEngineOptions): Promise<RemoteEngine> {
  const { clock, contextTokens, signal } = options;
  signal.throwIfAborted();
  const line = new ServerLine(options);
  const { address, server } = await findServer(line, options);
  const tokenizer = await findTokenizer(
    (path, body) => line.ask(line.addresses.first(), { path, body }),
    server,
  );
  const source = await chooseCounting(server.model, tokenizer, options.tokenizer);
  signal.throwIfAborted();
  const served = server.contextTokens ?? contextTokens ?? DEFAULT_CONTEXT_TOKENS;
  const facts: RemoteFacts = {
    address,
    kind: server.kind,
    model: server.model,
    contextTokens: Math.min(served, contextTokens ?? served),
    counting: source.name,
  };
  return new ServerEngine(options, { line, facts, counter: new TokenCounter(source, clock) });
}

async function findServer(line: ServerLine, { model, signal }: RemoteEngineOptions) {
  let asked = line.addresses.first();
  try {
    return await line.try(signal, async (address) => {
      asked = address;
      const server = await describeServer((path) => line.ask(address, { path, signal }), model);
      return { address, server };
    });
  } catch (error) {
    signal.throwIfAborted();
    throw toStartError(error, asked);
  }
}

interface EngineParts {
  readonly line: ServerLine;
  readonly facts: RemoteFacts;
  readonly counter: TokenCounter;
}

class ServerEngine implements RemoteEngine {
  readonly modelName: string;
  readonly countBasis: string;
  readonly contextTokens: number;
  readonly overheadTokens: number;
  readonly parallelReplies: number;
  readonly facts: RemoteFacts;
  readonly #parts: EngineParts;
  readonly #clock: Clock;
  readonly #replies = new Map<Promise<void>, AbortController>();
  #isClosed = false;

  constructor({ clock, parallelReplies }: RemoteEngineOptions, parts: EngineParts) {
    const { counter, facts } = parts;
    this.modelName = toModelName(facts.model);
    this.countBasis = counter.source.basis;
    this.contextTokens = facts.contextTokens;
    this.overheadTokens = counter.source.overheadTokens;
    this.parallelReplies = parallelReplies;
    this.facts = facts;
    this.#parts = parts;
    this.#clock = clock;
  }

  countTokens(message: PromptMessage): Promise<number> {
    return this.#parts.counter.count(message);
  }

  generate(request: GenerationRequest): AsyncIterable<EngineEvent> {
    const startedAt = this.#clock.now();
    return streamFromCallback<EngineEvent>((emit, signal) => {
      const closing = new AbortController();
      const stopped = AbortSignal.any([signal, closing.signal]);
      const reply = this.#write(request, { emit, startedAt, signal: stopped });
      this.#replies.set(reply, closing);
      return reply.finally(() => this.#replies.delete(reply));
    }, request.signal);
  }

  async ping(): Promise<number> {
    const { line } = this.#parts;
    const startedAt = this.#clock.now();
    try {
      await line.ask(line.addresses.first(), { path: "/v1/models" });
    } catch (error) {
      throw toEngineError(error);
    }
    return this.#clock.now() - startedAt;
  }

  /** What is evaluated of a conversation lies on the server; here are only counts. */
  forget(): Promise<void> {
    return Promise.resolve();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const replies = [...this.#replies];
    for (const [, closing] of replies) closing.abort(closedError());
    await Promise.allSettled(replies.map(([reply]) => reply));
  }

  async #write(request: GenerationRequest, stream: ReplyStream): Promise<void> {
    if (this.#isClosed) throw closedError();
    const { counter, facts, line } = this.#parts;
    const { contextTokens, model } = facts;
    const clock = this.#clock;
    await writeRemoteReply({ line, counter, clock, contextTokens, model }, request, stream);
  }
}

function closedError(): FamiliarError {
  return new FamiliarError("engine-failed", "The connection to the inference server is closed.");
}
