import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { DiscordAPIError, HTTPError, REST } from "discord.js";
import { afterEach, describe, expect, it } from "vitest";
import { toApiBase } from "../../../src/discord/rest/api-base.ts";
import { createRestOptions } from "../../../src/discord/rest/rest-options.ts";

const MESSAGE = "/channels/100000000000000001/messages/200000000000000001";
const WEBHOOK = "/webhooks/300000000000000001/to-ken_1";
const servers: Server[] = [];
const clients: REST[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  for (const client of clients.splice(0)) {
    client.clearHandlerSweeper();
    client.clearHashSweeper();
  }
});

interface Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Record<string, string>;
}

/** Gives the answers in turn, the last one again and again; "hang" never ends its body. */
async function connect(answers: readonly (Answer | "cut" | "hang")[], timeoutMs = 3000) {
  const seen: string[] = [];
  const listener: RequestListener = (request, response) => {
    const answer = answers[seen.length] ?? answers.at(-1);
    seen.push(`${request.method} ${request.url}`);
    if (answer === undefined || answer === "cut") {
      request.socket.destroy();
      return;
    }
    if (answer === "hang") {
      response.writeHead(200, { "content-type": "application/json" });
      response.write("{");
      return;
    }
    response.writeHead(answer.status, { "content-type": "application/json", ...answer.headers });
    response.end(answer.body ?? "{}");
  };
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const apiUrl = `http://127.0.0.1:${port}/api/v10/`;
  const client = new REST(createRestOptions({ apiUrl, timeoutMs })).setToken("token");
  clients.push(client);
  return { client, seen };
}

describe("the API's base", () => {
  it.each([
    "https://example.com/api",
    "https://example.com/api/",
    "https://example.com/api/v10",
    "https://example.com/api/v10/",
    " https://example.com/api/v9// ",
  ])("may be written as %j", (apiUrl) => {
    expect(toApiBase(apiUrl)).toBe("https://example.com/api");
  });
});

describe("a request", () => {
  it("goes to version 10 below the base", async () => {
    const { client, seen } = await connect([{ status: 200, body: '{"id":"1"}' }]);
    expect(await client.get("/users/@me")).toEqual({ id: "1" });
    expect(seen).toEqual(["GET /api/v10/users/@me"]);
  });

  it.each(["get", "put", "delete"] as const)(
    "is repeated after a server's fault and a broken connection: %s",
    async (method) => {
      const { client, seen } = await connect([{ status: 502 }, "cut", { status: 200 }]);
      await client[method]("/channels/100000000000000001");
      expect(seen).toHaveLength(3);
    },
  );

  it("is given up after two repetitions", async () => {
    const { client, seen } = await connect([{ status: 500 }]);
    await expect(client.get("/users/@me")).rejects.toBeInstanceOf(HTTPError);
    expect(seen).toHaveLength(3);
  });

  it("that speaks through a webhook is never repeated", async () => {
    const { client, seen } = await connect([{ status: 500 }]);
    await expect(client.post(WEBHOOK, { body: {} })).rejects.toBeInstanceOf(HTTPError);
    expect(seen).toHaveLength(1);
  });

  it("that creates something is never repeated", async () => {
    const broken = await connect(["cut"]);
    await expect(broken.client.post("/channels/100000000000000001/messages")).rejects.toThrow(
      "other side closed",
    );
    expect(broken.seen).toHaveLength(1);
    const faulty = await connect([{ status: 500 }]);
    await expect(faulty.client.post("/channels/100000000000000001/messages")).rejects.toThrow(
      "Internal Server Error",
    );
    expect(faulty.seen).toHaveLength(1);
  });

  it.each([MESSAGE, `${WEBHOOK}/messages/200000000000000001`] as const)(
    "that edits a message is left to whoever has the newest text: %s",
    async (route) => {
      const { client, seen } = await connect([{ status: 500 }]);
      const query = new URLSearchParams({ thread_id: "100000000000000001" });
      await expect(client.patch(route, { body: {}, query })).rejects.toBeInstanceOf(HTTPError);
      expect(seen).toHaveLength(1);
    },
  );

  it("that edits an answer to a command is repeated", async () => {
    const { client, seen } = await connect([{ status: 500 }, { status: 200 }]);
    await client.patch(`${WEBHOOK}/messages/@original`, { body: {} });
    expect(seen).toHaveLength(2);
  });

  it("has a deadline that covers the answer's body", async () => {
    const { client } = await connect(["hang"], 300);
    await expect(client.post("/channels/100000000000000001/messages")).rejects.toThrow("aborted");
  });

  it("takes an empty answer", async () => {
    const { client } = await connect([{ status: 204, body: "" }]);
    await expect(client.delete(MESSAGE)).resolves.toBeDefined();
  });
});

describe("an answer that is not Discord's", () => {
  it.each(["<html>Forbidden</html>", "", "null", '"no"', "[", "{}"])(
    "is an error with its status, although its body is %j",
    async (body) => {
      const { client } = await connect([{ status: 403, body }]);
      const refused = client.post(`${MESSAGE}/crosspost`);
      await expect(refused).rejects.toBeInstanceOf(DiscordAPIError);
      await expect(refused).rejects.toMatchObject({ status: 403 });
    },
  );

  it("is waited for when it is a 429 that names its time in the body alone", async () => {
    const limited = { status: 429, body: '{"retry_after":0.3}' };
    const { client, seen } = await connect([limited, { status: 200 }]);
    const from = performance.now();
    await client.post("/channels/100000000000000001/typing");
    expect(performance.now() - from).toBeGreaterThanOrEqual(290);
    expect(seen).toHaveLength(2);
  });
});
