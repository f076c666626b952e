import { once } from "node:events";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface FileRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  /** First byte asked for; undefined: the request names no range. */
  readonly from: number | undefined;
}

interface FileAnswer {
  /** Default 200, or 206 for a range. */
  readonly status?: number;
  readonly bytes?: Buffer;
  /** Bytes of this answer after which the connection breaks. */
  readonly cutAfter?: number;
  /** Of an answer without range: the length that its header claims; default: the true one. */
  readonly claimedBytes?: number;
}

export interface FileServer extends AsyncDisposable {
  readonly origin: string;
  /** Oldest first. */
  readonly requests: readonly FileRequest[];
  answer(path: string, answer: (request: FileRequest) => FileAnswer): void;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Serves files as a download host does: with ranges, and broken connections on demand. */
export async function startFileServer(): Promise<FileServer> {
  const answers = new Map<string, (request: FileRequest) => FileAnswer>();
  const requests: FileRequest[] = [];
  const server = createServer((incoming, response) => {
    const range = readRange(incoming);
    const path = new URL(incoming.url ?? "/", "http://localhost").pathname;
    const { authorization } = incoming.headers;
    const request = { path, authorization, from: range?.from };
    requests.push(request);
    send(response, answers.get(path)?.(request) ?? { status: 404 }, range);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    answer: (path, answer) => void answers.set(path, answer),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

function readRange({ headers }: IncomingMessage): Range | undefined {
  const match = /^bytes=(?<from>\d+)-(?<to>\d+)$/.exec(headers.range ?? "");
  return match === null
    ? undefined
    : { from: Number(match.groups?.["from"]), to: Number(match.groups?.["to"]) };
}

function send(response: ServerResponse, answer: FileAnswer, range: Range | undefined): void {
  const { bytes = Buffer.alloc(0) } = answer;
  response.setHeader("accept-ranges", "bytes");
  if (range === undefined) {
    response.statusCode = answer.status ?? 200;
    response.setHeader("content-length", answer.claimedBytes ?? bytes.length);
    sendBody(response, bytes, answer.cutAfter);
    return;
  }
  const body = bytes.subarray(range.from, range.to + 1);
  const last = range.from + body.length - 1;
  response.statusCode = answer.status ?? 206;
  response.setHeader("content-length", body.length);
  response.setHeader("content-range", `bytes ${range.from}-${last}/${bytes.length}`);
  sendBody(response, body, answer.cutAfter);
}

function sendBody(response: ServerResponse, body: Buffer, cutAfter: number | undefined): void {
  if (cutAfter === undefined || cutAfter >= body.length) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, cutAfter), () => response.destroy());
}
