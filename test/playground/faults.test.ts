import { Events, type Message } from "discord.js";
import { expect, test } from "vitest";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { connectBot, nextEvent } from "../support/playground-bot.ts";

const create = { method: "POST", path: "/channels/:channel/messages" };

test("an error before the work leaves nothing behind, and strikes as often as asked", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `/channels/${ada.channelId}/messages`;
  playground.faults.answer({ ...create, status: 503, times: 2 });
  expect((await ada.request("POST", path, { content: "a" })).status).toBe(503);
  expect((await ada.request("POST", path, { content: "b" })).status).toBe(503);
  expect((await ada.request("POST", path, { content: "c" })).status).toBe(200);
  expect((await ada.messages(ada.channelId)).map((message) => message.content)).toEqual(["c"]);
});

test("an error after the work hides that it was done", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  playground.faults.answer({ ...create, status: 500, when: "after" });
  const answer = await ada.request("POST", `/channels/${ada.channelId}/messages`, { content: "a" });
  expect(answer.status).toBe(500);
  expect((await ada.messages(ada.channelId)).map((message) => message.content)).toEqual(["a"]);
});

test("a planned refusal carries Discord's code", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  playground.faults.answer({ ...create, status: 403, code: 50013 });
  const answer = await ada.request("POST", `/channels/${ada.channelId}/messages`, { content: "a" });
  expect(answer).toMatchObject({ status: 403, body: { code: 50013 } });
});

test("a dropped connection answers nothing, with the work done or not", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  for (const when of ["before", "after"] as const) {
    playground.faults.drop({ ...create, when });
    await expect(ada.post(ada.channelId, when)).rejects.toThrow("fetch failed");
  }
  expect((await ada.messages(ada.channelId)).map((message) => message.content)).toEqual(["after"]);
});

test("a held request waits until it is released, and the rest goes on", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const hold = playground.faults.hold({ method: "POST", path: "/channels/:channel/typing" });
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() !== true) throw new Error("no place to type in");
  const typing = channel.sendTyping();
  await hold.reached;
  await ada.post(ada.channelId, "meanwhile");
  expect(ada.events.map((event) => event.t)).not.toContain("TYPING_START");
  hold.release();
  await typing;
  await ada.waitForEvent("TYPING_START");
});

test("a delayed request is answered in the end", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  playground.faults.delay(create, 30);
  const started = performance.now();
  await ada.post(ada.channelId, "slow");
  expect(performance.now() - started).toBeGreaterThanOrEqual(29);
});

test("gateways are closed with the code that is asked for", async () => {
  await using playground = await startTestPlayground();
  await using bot = await connectBot(playground);
  const lost = nextEvent<number>(bot.client, Events.ShardReconnecting);
  const resumed = nextEvent(bot.client, Events.ShardResume);
  playground.faults.dropGateways(4000);
  expect(await lost).toBe(0);
  await resumed;
});

test("cleared faults strike no more", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  playground.faults.answer({ ...create, status: 500, times: 9 });
  playground.faults.clear();
  const heard = nextEvent<Message>(bot.client, Events.MessageCreate);
  await ada.post(ada.channelId, "well");
  expect((await heard).content).toBe("well");
});

test("a channel's write limit is 20028, for all who write there and for no other channel", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  playground.faults.limitWrites({ requests: 2, perMs: 60_000 });
  const path = `/channels/${ada.channelId}/messages`;
  const message = await ada.post(ada.channelId, "one");
  await ada.edit(message, "two");
  const refused = await ben.request<{ retry_after: number }>("POST", path, { content: "three" });
  expect(refused).toMatchObject({ status: 429, body: { code: 20028, global: false } });
  expect(refused.body.retry_after).toBeGreaterThan(50);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(50);
  await ben.post(ben.session.channels[1]?.id ?? "", "elsewhere");
  playground.faults.clear();
  await ben.post(ben.channelId, "three");
});

test("too many edits of old messages are 30046, and a client that waits gets through", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const message = await ada.post(ada.channelId, "one");
  playground.faults.limitOldEdits({ requests: 1, perMs: 60_000 });
  await ada.edit(message, "young");
  await ada.edit(message, "young still");
  playground.faults.limitOldEdits({ requests: 1, perMs: 60_000, ageMs: 0 });
  await ada.edit(message, "old");
  const path = `/channels/${ada.channelId}/messages/${message.id}`;
  const refused = await ada.request("PATCH", path, { content: "too often" });
  expect(refused).toMatchObject({ status: 429, body: { code: 30046 } });
  playground.faults.clear();
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() !== true) throw new Error("no place to send to");
  const own = await channel.send("mine");
  playground.faults.limitOldEdits({ requests: 1, perMs: 900, ageMs: 0 });
  await own.edit("first");
  await own.edit("second");
  expect((await ada.message(ada.channelId, own.id)).content).toBe("second");
});
