import { request } from "node:http";
import { expect, test } from "vitest";
import { readSession, startTestPlayground } from "../support/playground.ts";
import { RawGateway } from "../support/raw-gateway.ts";

/** fetch sets Host and the Sec-Fetch headers by itself; this does not. */
function statusOf(url: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const { hostname, port, pathname } = new URL(url);
    request({ hostname, port, path: pathname, headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("the tokens are given to the own origin, and refused to foreign pages and names", async () => {
  await using playground = await startTestPlayground();
  const url = `${playground.pageUrl}playground/session`;
  const own = new URL(url).host;
  expect(await statusOf(url, { host: own })).toBe(200);
  expect(await statusOf(url, { host: own, origin: `http://${own}` })).toBe(200);
  expect(await statusOf(url, { host: "rebound.example" })).toBe(403);
  expect(await statusOf(url, { host: own, origin: "https://evil.example" })).toBe(403);
  expect(await statusOf(url, { host: own, origin: "http://127.0.0.1:1" })).toBe(403);
  expect(await statusOf(url, { host: own, origin: "null" })).toBe(403);
  expect(await statusOf(url, { host: own, "sec-fetch-site": "cross-site" })).toBe(403);
});

test("a foreign page cannot open the gateway", async () => {
  await using playground = await startTestPlayground();
  const { gatewayUrl } = await readSession(playground);
  await using gateway = new RawGateway(gatewayUrl, { origin: "https://evil.example" });
  expect(await gateway.closed).toBe(1006);
  expect(gateway.frames).toEqual([]);
});

test("the session tells a script all that it needs", async () => {
  await using playground = await startTestPlayground();
  const session = await readSession(playground);
  expect(session).toMatchObject({
    apiUrl: playground.apiUrl,
    gatewayUrl: playground.apiUrl.replace("http", "ws").replace("/api", "/gateway"),
    channels: [
      { name: "general", type: 0 },
      { name: "random", type: 0 },
    ],
    people: [
      { username: "ada", displayName: "Ada" },
      { username: "ben", displayName: "Ben" },
    ],
  });
  for (const id of [session.guildId, session.applicationId, session.botUserId])
    expect(id).toMatch(/^\d{17,20}$/);
});

test("files outside of the page are not served", async () => {
  await using playground = await startTestPlayground();
  for (const path of ["page/..%2fplayground.ts", "page/%2e%2e/playground.ts", "page/.env", "page/"])
    expect(await statusOf(`${playground.pageUrl}${path}`, {})).toBe(404);
});

test("an unknown version of the API is refused", async () => {
  await using playground = await startTestPlayground();
  const response = await fetch(`${playground.apiUrl}/v5/gateway`);
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 50041 });
});
