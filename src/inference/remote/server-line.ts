import type { Clock, Log } from "../../chat/ports.ts";
import { AddressList } from "./address-list.ts";
import { callForJson, callServer } from "./call-server.ts";
import { toCompletionBody, toExtraFields } from "./completion-body.ts";
import type { CompletionRequest } from "./completion-body.ts";
import { withRetries } from "./retry.ts";
import { ServerFailure } from "./server-failure.ts";

export interface ServerLineOptions {
  /** Used in this order; all of them serve the same model. */
  readonly urls: readonly string[];
  /** Sent to each of them as a bearer token. */
  readonly key: string | undefined;
  readonly clock: Clock;
  readonly log?: Log | undefined;
  /** Default `Math.random`. */
  readonly random?: (() => number) | undefined;
}

interface Question {
  readonly path: string;
  readonly body?: unknown;
  readonly signal?: AbortSignal;
}

/** For everything but replies, which take as long as they take. */
const ANSWER_MS = 10_000;

/** The way to a server, or to one of several that stand in for each other. */
export class ServerLine {
  readonly addresses: AddressList;
  readonly #options: ServerLineOptions;
  /** Addresses that know OpenAI's fields only. */
  readonly #strict = new Set<string>();

  /** @throws {FamiliarError} `config-invalid` */
  constructor(options: ServerLineOptions) {
    this.addresses = new AddressList(options.urls, options.clock);
    this.#options = options;
  }

  /**
   * Asks for anything but a reply.
   *
   * @throws {ServerFailure}
   * @throws the signal's reason once it is aborted
   */
  ask(address: string, { body, path, signal }: Question): Promise<unknown> {
    const deadline = AbortSignal.timeout(ANSWER_MS);
    const stopped = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
    return callForJson({ address, path, key: this.#options.key, body, signal: stopped });
  }

  /** Runs `attempt` with the addresses in turn, while what it rejects with may pass. */
  try<Result>(signal: AbortSignal, attempt: (address: string) => Promise<Result>): Promise<Result> {
    const { clock, log, random = Math.random } = this.#options;
    return withRetries({ addresses: this.addresses, clock, log, random }, signal, attempt);
  }

  /**
   * Asks for a reply, without the extra fields where the server refuses them.
   *
   * @throws {ServerFailure}
   * @throws the signal's reason once it is aborted
   */
  async openReply(
    address: string,
    request: CompletionRequest,
    signal: AbortSignal,
  ): Promise<Response> {
    const { key } = this.#options;
    const call = { address, path: "/v1/chat/completions", key, signal };
    const body = toCompletionBody(request);
    if (this.#strict.has(address)) return callServer({ ...call, body });
    try {
      return await callServer({ ...call, body: { ...body, ...toExtraFields(request) } });
    } catch (error) {
      if (!(error instanceof ServerFailure && error.namesExtraField)) throw error;
      const response = await callServer({ ...call, body });
      this.#strict.add(address);
      return response;
    }
  }
}
