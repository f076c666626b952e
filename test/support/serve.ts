import { onTestFinished } from "vitest";
import type { Engine, Log } from "../../src/chat/ports.ts";
import { startServe } from "../../src/serve/serve.ts";
import type { ServeOptions, ServeServer } from "../../src/serve/serve.ts";
import { HandClock } from "./hand-clock.ts";

export const SAMPLING = {
  temperature: 0.7,
  topP: 0.95,
  topK: 40,
  minP: 0.05,
  repeatPenalty: 1,
  seed: undefined,
  stop: [],
} as const;

/** What a completions request has at least. */
export const HELLO = { model: "any", messages: [{ role: "user", content: "Hello" }] } as const;

export interface TestServe {
  readonly server: ServeServer;
  /** Every line that was logged, as JSON. */
  readonly logged: readonly string[];
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Response>;
  readonly post: (path: string, body: unknown, init?: RequestInit) => Promise<Response>;
  /** Asks for a completion, `HELLO` but for what is given. */
  readonly ask: (body: object, init?: RequestInit) => Promise<Response>;
}

/** The server on a free port, until the test is over. */
export async function openServe(
  engine: Engine,
  overrides: Partial<ServeOptions> = {},
): Promise<TestServe> {
  const logged: string[] = [];
  const server = await startServe({
    engine,
    host: "127.0.0.1",
    port: 0,
    key: undefined,
    sampling: SAMPLING,
    maxReplyTokens: 512,
    maxWaiting: 8,
    replyTimeoutMs: 60_000,
    clock: new HandClock(),
    log: createMemoryLog(logged),
    ...overrides,
  });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const post: TestServe["post"] = (path, body, init = {}) =>
    fetch(`${server.url}${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...init,
    });
  return {
    server,
    logged,
    get: (path, headers = {}) => fetch(`${server.url}${path}`, { headers }),
    post,
    ask: (body, init) => post("/v1/chat/completions", { ...HELLO, ...body }, init),
  };
}

function createMemoryLog(lines: string[]): Log {
  const write =
    (level: string) =>
    (facts: Readonly<Record<string, unknown>>, message: string): void => {
      const error = facts["error"] instanceof Error ? { error: facts["error"].message } : {};
      lines.push(JSON.stringify({ level, ...facts, ...error, message }));
    };
  return { info: write("info"), warn: write("warn"), error: write("error") };
}

/** The data of each event of a stream, `[DONE]` as it is. */
export async function readEvents(response: Response): Promise<unknown[]> {
  const events = (await response.text()).split("\n\n").filter((event) => event !== "");
  return events.filter((event) => !event.startsWith(":")).map(toData);
}

function toData(event: string): unknown {
  const data = event.replace(/^data: /, "");
  return data === "[DONE]" ? data : JSON.parse(data);
}
