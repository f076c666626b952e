import { request } from "node:http";
import { expect, it } from "vitest";
import { startServe } from "../../src/serve/serve.ts";
import { HandClock } from "../support/hand-clock.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";
import { HELLO, openServe, SAMPLING } from "../support/serve.ts";

const KEY = "a-key-of-some-length";

it.each([undefined, "", KEY, `Basic ${KEY}`, "Bearer ", "Bearer wrong", `Bearer ${KEY}x`])(
  "asks for the key: %j is not it",
  async (authorization) => {
    const { get } = await openServe(new ScriptedEngine([]), { key: KEY });
    const response = await get("/v1/models", authorization === undefined ? {} : { authorization });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", code: "invalid_api_key" },
    });
  },
);

it("answers whoever has the key", async () => {
  const { ask, get } = await openServe(new ScriptedEngine([say("Hi.")]), { key: KEY });
  const headers = { authorization: `Bearer ${KEY}` };
  expect((await get("/v1/models", headers)).status).toBe(200);
  expect((await ask({}, { headers })).status).toBe(200);
});

it("tells anyone that it is well", async () => {
  const { get } = await openServe(new ScriptedEngine([]), { key: KEY });
  expect(await (await get("/health")).json()).toEqual({ status: "ok" });
});

it.each(["0.0.0.0", "::", "192.168.1.2", "example.org", "127.0.0.1.example.org"])(
  "does not listen on %s without a key",
  async (host) => {
    await expect(openServe(new ScriptedEngine([]), { host })).rejects.toMatchObject({
      code: "config-invalid",
      message: expect.stringContaining(host),
    });
  },
);

it("listens on any address with a key", async () => {
  const { server } = await openServe(new ScriptedEngine([]), { host: "0.0.0.0", key: KEY });
  const { port } = new URL(server.url);
  expect((await fetch(`http://127.0.0.1:${port}/health`)).status).toBe(200);
});

it("says in a sentence that its port is taken", async () => {
  const { server } = await openServe(new ScriptedEngine([]));
  const port = Number(new URL(server.url).port);
  await expect(openServe(new ScriptedEngine([]), { port })).rejects.toMatchObject({
    code: "config-invalid",
    message: expect.stringMatching(/another program uses that port/),
  });
});

it.each(["https://example.org", "null", "http://127.0.0.1:1", "chrome-extension://abc"])(
  "keeps web pages out: origin %s",
  async (origin) => {
    const engine = new ScriptedEngine([]);
    const { ask } = await openServe(engine, { key: KEY });
    const headers = { origin, authorization: `Bearer ${KEY}` };
    const response = await ask({}, { headers });
    expect(response.status).toBe(403);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
    expect(await response.json()).toMatchObject({ error: { type: "permission_error" } });
    expect(engine.requests).toEqual([]);
  },
);

it("gives a page no leave to ask first", async () => {
  const { server } = await openServe(new ScriptedEngine([]));
  const response = await fetch(`${server.url}/v1/chat/completions`, {
    method: "OPTIONS",
    headers: { origin: "https://example.org", "access-control-request-method": "POST" },
  });
  expect(response.status).toBe(403);
  expect([...response.headers.keys()].join()).not.toContain("access-control");
});

function askAs(url: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const headers = { host, origin: `http://${host}` };
    const asking = request(`${url}/v1/chat/completions`, { method: "POST", headers });
    asking.on("response", (response) => resolve(response.resume().statusCode));
    asking.on("error", reject).end(JSON.stringify(HELLO));
  });
}

it("without a key answers only to the names of this computer", async () => {
  const { server } = await openServe(new ScriptedEngine([say("Hi."), say("Hi.")]));
  expect(await askAs(server.url, "rebound.example.org:80")).toBe(403);
  expect(await askAs(server.url, "localhost:80")).toBe(200);
  expect(await askAs(server.url, "[::1]:80")).toBe(200);
});

it("reads no more than 8 MiB of a request", async () => {
  const { post } = await openServe(new ScriptedEngine([]));
  const response = await post("/v1/chat/completions", " ".repeat(8 * 1024 * 1024 + 1));
  expect(response.status).toBe(413);
  expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
});

it("reads no more than 8 MiB of a request that does not say how long it is", async () => {
  const { post } = await openServe(new ScriptedEngine([]));
  const piece = new Uint8Array(1024 * 1024);
  const body = ReadableStream.from(Array.from({ length: 9 }, () => piece));
  const response = await post("/v1/chat/completions", "", { body, duplex: "half" });
  expect(response.status).toBe(413);
});

it("says that an address is not known", async () => {
  const { get, post } = await openServe(new ScriptedEngine([]));
  for (const response of [await get("/v1/chat/completions"), await post("/v1/embeddings", {})]) {
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
  }
});

it("can be started again on the port that it has left", async () => {
  const options = {
    engine: new ScriptedEngine([]),
    host: "127.0.0.1",
    key: undefined,
    sampling: SAMPLING,
    maxReplyTokens: 1,
    maxWaiting: 1,
    replyTimeoutMs: 60_000,
    clock: new HandClock(),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
  const first = await startServe({ ...options, port: 0 });
  await fetch(`${first.url}/health`);
  await first[Symbol.asyncDispose]();
  await using second = await startServe({ ...options, port: Number(new URL(first.url).port) });
  expect(second.url).toBe(first.url);
});
