import type { RateLimitData } from "discord.js";
import { expect, test } from "vitest";
import { defaultLimits } from "../../src/playground/limits.ts";
import { RateLimits } from "../../src/playground/rest/rate-limits.ts";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { connectBot } from "../support/playground-bot.ts";

test("the sixth message within 5 s is refused with 429 and says when to come again", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `/channels/${ada.channelId}/messages`;
  const remaining: (string | null)[] = [];
  for (let index = 0; index < 5; index += 1) {
    const { headers } = await ada.request("POST", path, { content: "x" });
    expect(headers.get("x-ratelimit-limit")).toBe("5");
    remaining.push(headers.get("x-ratelimit-remaining"));
  }
  expect(remaining).toEqual(["4", "3", "2", "1", "0"]);
  const refused = await ada.request<{ retry_after: number }>("POST", path, { content: "x" });
  expect(refused.status).toBe(429);
  expect(refused.body).toMatchObject({ message: "You are being rate limited.", global: false });
  expect(refused.body.retry_after).toBeGreaterThan(0);
  expect(refused.body.retry_after).toBeLessThanOrEqual(5);
  expect(refused.headers.get("x-ratelimit-scope")).toBe("user");
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
});

test("edits have a bucket of their own, and so has every channel and every user", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const message = await ada.post(ada.channelId, "1");
  for (let index = 0; index < 4; index += 1) await ada.post(ada.channelId, "x");
  for (let index = 0; index < 5; index += 1) await ada.edit(message, String(index));
  const path = `/channels/${ada.channelId}/messages`;
  expect((await ada.request("PATCH", `${path}/${message.id}`, { content: "y" })).status).toBe(429);
  expect((await ada.post(ada.session.channels[1]?.id ?? "", "elsewhere")).content).toBe(
    "elsewhere",
  );
  expect((await ben.post(ben.channelId, "someone else")).content).toBe("someone else");
});

test("the global limit refuses a user on every route, interaction endpoints excepted", async () => {
  await using playground = await startTestPlayground({
    limits: { global: { requests: 2, perMs: 60_000 } },
  });
  const authorization = `Bot ${playground.botToken}`;
  const read = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${playground.apiUrl}/v10${path}`, { ...init, headers: { authorization } });
  await read("/users/@me");
  await read("/gateway/bot");
  const refused = await read("/users/@me/guilds");
  expect(refused.status).toBe(429);
  expect(refused.headers.get("x-ratelimit-global")).toBe("true");
  expect(refused.headers.get("x-ratelimit-scope")).toBe("global");
  expect(await refused.json()).toMatchObject({ global: true });
  const callback = await read("/interactions/1/token/callback", { method: "POST" });
  expect(callback.status).toBe(404);
});

test("discord.js keeps to the bucket by itself and sees no 429", async () => {
  await using playground = await startTestPlayground({
    limits: { messageCreate: { requests: 2, perMs: 100 } },
  });
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const statuses: number[] = [];
  const waits: RateLimitData[] = [];
  bot.client.rest.on("response", (_request, response) => statuses.push(response.status));
  bot.client.rest.on("rateLimited", (data) => waits.push(data));
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() !== true) throw new Error("no place to send to");
  for (let index = 0; index < 6; index += 1) await channel.send(String(index));
  expect(statuses).not.toContain(429);
  expect(waits.length).toBeGreaterThan(0);
});

test("a window that is over begins anew with the next request", () => {
  let now = 0;
  const limits = new RateLimits(defaultLimits, () => now);
  const decide = (): string =>
    limits.decide({
      userId: "1",
      route: "POST /x",
      majorId: "2",
      window: { requests: 1, perMs: 1000 },
      countsGlobally: true,
    }).kind;
  expect([decide(), decide()]).toEqual(["allowed", "route-limited"]);
  now = 1000;
  expect(decide()).toBe("allowed");
});
