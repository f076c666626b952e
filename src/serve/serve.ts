import { createServer } from "node:http";
import type { Server } from "node:http";
import { isIPv6 } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { FamiliarError } from "../chat/errors.ts";
import type { Clock, Engine, Log } from "../chat/ports.ts";
import { ReplyLine } from "../chat/reply/reply-line.ts";
import { Watchdog } from "../chat/reply/watchdog.ts";
import type { Sampling } from "../chat/sampling.ts";
import { createApp } from "./app.ts";
import { isLoopback } from "./guard.ts";

export interface ServeOptions {
  /** Stays the caller's. */
  readonly engine: Engine;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  /** What requests have to carry. Undefined: nothing, and only this computer is listened to. */
  readonly key: string | undefined;
  /** Where a request does not say otherwise. */
  readonly sampling: Sampling;
  readonly maxReplyTokens: number;
  /** Requests that wait for one of the engine's places; more are refused. */
  readonly maxWaiting: number;
  /** An answer ends where the engine gives no sign of life for so long. */
  readonly replyTimeoutMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Disposing it ends every connection, and with it every answer. */
export interface ServeServer extends AsyncDisposable {
  /** Without a path: `http://127.0.0.1:4700`. OpenAI's endpoints are under `/v1`. */
  readonly url: string;
}

/**
 * Lets other tools use the engine through OpenAI's API.
 *
 * @throws {FamiliarError} `config-invalid` for an address that it may not or cannot listen on
 */
export async function startServe(options: ServeOptions): Promise<ServeServer> {
  const { clock, engine, host, key, log, maxReplyTokens, maxWaiting, port, sampling } = options;
  assertKeyed({ host, key });
  const line = new ReplyLine({
    places: engine.parallelReplies,
    maxWaiting,
    maxWaitingPerUser: maxWaiting,
  });
  const watchdog = new Watchdog(clock, options.replyTimeoutMs);
  const defaults = { sampling, maxReplyTokens };
  const app = createApp({ engine, line, defaults, key, log, watchdog });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const server = createServer((request, response) => void listener(request, response));
  const actualPort = await listen(server, { host, port });
  return {
    url: `http://${isIPv6(host) ? `[${host}]` : host}:${actualPort}`,
    [Symbol.asyncDispose]: () => close(server),
  };
}

/** @throws {FamiliarError} `config-invalid` for an address that others reach, without a key */
export function assertKeyed({ host, key }: Pick<ServeOptions, "host" | "key">): void {
  if (key !== undefined || isLoopback(host)) return;
  throw new FamiliarError(
    "config-invalid",
    `Anyone who reaches ${host} could use the model: set SERVE_KEY, or SERVE_HOST to 127.0.0.1.`,
  );
}

interface Address {
  readonly host: string;
  readonly port: number;
}

function listen(server: Server, { host, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(cannotListen(error, { host, port })));
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function cannotListen(error: Error, { host, port }: Address): FamiliarError {
  const isTaken = "code" in error && error.code === "EADDRINUSE";
  const reason = isTaken ? "another program uses that port" : "this computer does not allow it";
  const sentence = `Cannot listen on ${host}, port ${port}: ${reason}. Set SERVE_HOST and SERVE_PORT to a free address.`;
  return new FamiliarError("config-invalid", sentence, { cause: error });
}
