import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface ServerRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Readonly<Record<string, unknown>>;
  /** Resolves when nobody reads the answer any more. */
  readonly closed: Promise<unknown>;
}

export type Answer = (response: ServerResponse, request: ServerRequest) => unknown;

export interface OpenAiServer extends AsyncDisposable {
  readonly url: string;
  /** Oldest first. */
  readonly requests: readonly ServerRequest[];
  /** Answers every request of this path. */
  answer(path: string, answer: Answer): void;
  /** Answers the next requests for replies, one each. */
  reply(...answers: readonly Answer[]): void;
  /** The bodies of the requests for replies. */
  asked(): readonly ServerRequest["body"][];
}

const COMPLETIONS = "/v1/chat/completions";

/** A server that says what the test tells it to, and 404 to everything else. It lists one model. */
export async function startOpenAiServer(): Promise<OpenAiServer> {
  const answers = new Map<string, Answer>([["/v1/models", json(models("demo"))]]);
  const replies: Answer[] = [];
  const requests: ServerRequest[] = [];
  const server = createServer((incoming, response) => {
    void readBody(incoming).then((body) => {
      const path = incoming.url ?? "/";
      const request = { path, headers: incoming.headers, body, closed: once(response, "close") };
      requests.push(request);
      const answer = path === COMPLETIONS ? replies.shift() : answers.get(path);
      return (answer ?? status(404))(response, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    answer: (path, answer) => void answers.set(path, answer),
    reply: (...more) => void replies.push(...more),
    asked: () => requests.filter(({ path }) => path === COMPLETIONS).map(({ body }) => body),
    async [Symbol.asyncDispose]() {
      if (!server.listening) return;
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export function models(...ids: readonly string[]) {
  return { object: "list", data: ids.map((id) => ({ id, object: "model", owned_by: "someone" })) };
}

export function json(value: unknown): Answer {
  return (response) => response.end(JSON.stringify(value));
}

export function status(
  code: number,
  body: unknown = { error: { message: "secret words", type: "some_error" } },
  headers: Readonly<Record<string, string>> = {},
): Answer {
  return (response) => response.writeHead(code, headers).end(JSON.stringify(body));
}

/** Breaks the connection without a word. */
export const hangUp: Answer = (response) => response.destroy();

/** Sends these events, objects as JSON, and ends the answer. */
export function stream(...events: readonly (object | string)[]): Answer {
  return (response) => begin(...events)(response).end();
}

/** Sends these events and leaves the answer open. */
export function begin(...events: readonly (object | string)[]) {
  return (response: ServerResponse): ServerResponse => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const event of events) response.write(toEvent(event));
    return response;
  };
}

/** A whole reply in these pieces. */
export function says(...texts: readonly string[]): Answer {
  return stream(...texts.map((content) => delta({ content })), finish("stop"), usage(), "[DONE]");
}

export function delta(content: Readonly<Record<string, unknown>>) {
  return { choices: [{ index: 0, delta: content, finish_reason: null }] };
}

export function finish(reason: string) {
  return { choices: [{ index: 0, delta: {}, finish_reason: reason }] };
}

export function usage(overrides: Readonly<Record<string, unknown>> = {}) {
  return { choices: [], usage: { prompt_tokens: 20, completion_tokens: 5, ...overrides } };
}

function toEvent(event: object | string): string {
  return `data: ${typeof event === "string" ? event : JSON.stringify(event)}\n\n`;
}

async function readBody(incoming: IncomingMessage): Promise<ServerRequest["body"]> {
  let text = "";
  for await (const chunk of incoming.setEncoding("utf8")) text += chunk;
  return text === "" ? {} : (JSON.parse(text) as ServerRequest["body"]);
}
