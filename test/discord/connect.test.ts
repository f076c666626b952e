import { GatewayIntentBits } from "discord.js";
import type { Client } from "discord.js";
import { expect, it, onTestFinished } from "vitest";
import { connectDiscord } from "../../src/discord/connect.ts";
import type { ConnectionOptions } from "../../src/discord/connect.ts";
import { createRestOptions } from "../../src/discord/rest/rest-options.ts";
import type { Playground } from "../../src/playground/playground.ts";
import { startTestPlayground } from "../support/playground.ts";

interface Attempt extends ConnectionOptions {
  readonly lines: string[];
  readonly wired: Client[];
  readonly lost: Promise<Error>;
}

function attempt(playground: Pick<Playground, "apiUrl">, token: string): Attempt {
  const lines: string[] = [];
  const wired: Client[] = [];
  const write = (_: unknown, line: string): void => void lines.push(line);
  let onLost: ConnectionOptions["onLost"] = () => undefined;
  const lost = new Promise<Error>((resolve) => {
    onLost = resolve;
  });
  return {
    token,
    rest: createRestOptions({ apiUrl: playground.apiUrl }),
    log: { info: write, warn: write, error: write },
    signal: AbortSignal.timeout(20_000),
    wire: (client) => wired.push(client),
    onLost: (error) => onLost(error),
    lines,
    wired,
    lost,
  };
}

async function startPlayground(): Promise<Playground> {
  const playground = await startTestPlayground();
  onTestFinished(() => playground[Symbol.asyncDispose]());
  return playground;
}

it("goes on without the Message Content intent where it is not granted, and says how to grant it", async () => {
  const playground = await startPlayground();
  playground.faults.denyIntents(GatewayIntentBits.MessageContent);
  const options = attempt(playground, playground.botToken);
  await using connection = await connectDiscord(options);
  expect(connection.client.options.intents.has(GatewayIntentBits.MessageContent)).toBe(false);
  expect(options.lines.join("\n")).toMatch(/Message Content Intent/);
  expect(options.wired.at(-1)).toBe(connection.client);
});

it("says in one sentence that a token is wrong", async () => {
  const playground = await startPlayground();
  const { botToken } = playground;
  const wrong = botToken.replace(/\.[^.]+$/, ".bm90LXRoZS1yaWdodC1vbmUtYXQtYWxs");
  await expect(connectDiscord(attempt(playground, wrong))).rejects.toMatchObject({
    code: "discord-failed",
    message: expect.stringMatching(/^Discord does not take DISCORD_TOKEN/),
  });
});

it("waits for a Discord that is away at start", async () => {
  const playground = await startPlayground();
  playground.faults.answer({ method: "GET", path: "/gateway/bot", status: 503, times: 4 });
  const options = attempt(playground, playground.botToken);
  await using connection = await connectDiscord(options);
  expect(connection.client.isReady()).toBe(true);
  expect(options.lines[0]).toMatch(/^Waiting for Discord at http/);
});

it("tells when Discord ends the connection for good", async () => {
  const playground = await startPlayground();
  const options = attempt(playground, playground.botToken);
  await using _connection = await connectDiscord(options);
  playground.faults.dropGateways(4004);
  expect((await options.lost).message).toMatch(/DISCORD_TOKEN/);
});
