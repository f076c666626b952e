import { ApplicationFlags, Events, GatewayIntentBits, type Message } from "discord.js";
import { expect, test } from "vitest";
import { connectPerson, readSession, startTestPlayground } from "../support/playground.ts";
import { connectBot, nextEvent } from "../support/playground-bot.ts";
import { RawGateway } from "../support/raw-gateway.ts";

const withoutContent = GatewayIntentBits.Guilds | GatewayIntentBits.GuildMessages;

test("READY names guilds as unavailable, and GUILD_CREATE brings their channels and threads", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const thread = await ada.openThread(ada.channelId, "t");
  await using gateway = new RawGateway(ada.session.gatewayUrl);
  const ready = await gateway.identify(playground.botToken, withoutContent);
  expect(ready.d).toMatchObject({
    v: 10,
    user: { id: ada.session.botUserId, bot: true },
    guilds: [{ id: ada.session.guildId, unavailable: true }],
    application: { id: ada.session.applicationId },
  });
  const { d: guild } = await gateway.event("GUILD_CREATE");
  expect(guild).toMatchObject({ name: "Familiar's playground", owner_id: ada.id });
  expect(guild.channels.map((channel: { name: string }) => channel.name)).toEqual([
    "general",
    "random",
  ]);
  expect(guild.threads).toMatchObject([{ id: thread.id }]);
  expect(guild.members).toMatchObject([{ user: { id: ada.session.botUserId } }]);
});

test("without MESSAGE_CONTENT a bot reads only DMs, its mentions and itself", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground, {
    intents: [withoutContent, GatewayIntentBits.DirectMessages],
  });
  const heard: string[] = [];
  const all = nextEvent<Message>(bot.client, Events.MessageCreate, (message) => {
    heard.push(message.content);
    return message.content === "in private";
  });
  await ada.post(ada.channelId, "hidden");
  await ada.post(ada.channelId, `<@${ada.session.botUserId}> shown`);
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "in private");
  await all;
  expect(heard).toEqual(["", `<@${ada.session.botUserId}> shown`, "in private"]);
});

test("events of intents that were not asked for do not come", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using gateway = new RawGateway(ada.session.gatewayUrl);
  await gateway.identify(playground.botToken, GatewayIntentBits.Guilds);
  await ada.post(ada.channelId, "unheard");
  await ada.openThread(ada.channelId, "heard");
  await gateway.event("THREAD_CREATE");
  expect(gateway.frames.map((frame) => frame.t)).not.toContain("MESSAGE_CREATE");
});

test("a privileged intent that is not granted closes with 4014", async () => {
  await using playground = await startTestPlayground();
  playground.faults.denyIntents(GatewayIntentBits.MessageContent);
  await expect(connectBot(playground)).rejects.toThrow("Used disallowed intents");
  const application = await fetch(`${playground.apiUrl}/v10/applications/@me`, {
    headers: { authorization: `Bot ${playground.botToken}` },
  });
  const { flags } = (await application.json()) as { flags: number };
  expect(flags & ApplicationFlags.GatewayMessageContentLimited).toBe(0);
  playground.faults.denyIntents(0);
  await using bot = await connectBot(playground);
  expect(bot.client.isReady()).toBe(true);
});

test("a session resumes with what was missed meanwhile", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using first = new RawGateway(ada.session.gatewayUrl);
  const ready = await first.identify(playground.botToken, withoutContent);
  await first.event("GUILD_CREATE");
  const seq = first.frames.at(-1)?.s;
  first.cut();
  await first.closed;
  const missed = await ada.post(ada.channelId, "while you were away");
  await using second = new RawGateway(ada.session.gatewayUrl);
  await second.next((frame) => frame.op === 10);
  second.send(6, { token: playground.botToken, session_id: ready.d.session_id, seq });
  await second.event("RESUMED");
  const replayed = second.frames.filter((frame) => frame.op === 0);
  expect(replayed.map((frame) => [frame.t, frame.d.id])).toEqual([
    ["MESSAGE_CREATE", missed.id],
    ["RESUMED", undefined],
  ]);
});

test("discord.js survives a dropped gateway and hears what was said meanwhile", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const heard = nextEvent<Message>(bot.client, Events.MessageCreate);
  const resumed = nextEvent(bot.client, Events.ShardResume);
  playground.faults.dropGateways();
  const posted = await ada.post(ada.channelId, "anyone there?");
  await resumed;
  expect((await heard).id).toBe(posted.id);
});

test("op 7 makes discord.js reconnect and resume", async () => {
  await using playground = await startTestPlayground();
  await using bot = await connectBot(playground);
  const resumed = nextEvent(bot.client, Events.ShardResume);
  playground.faults.requestReconnect();
  await resumed;
  expect(bot.client.isReady()).toBe(true);
});

test("an invalid session is told apart by whether it can be resumed", async () => {
  await using playground = await startTestPlayground();
  const { gatewayUrl } = await readSession(playground);
  await using gateway = new RawGateway(gatewayUrl);
  const ready = await gateway.identify(playground.botToken, withoutContent);
  playground.faults.invalidateSessions({ resumable: true });
  expect((await gateway.next((frame) => frame.op === 9)).d).toBe(true);
  playground.faults.invalidateSessions({ resumable: false });
  await gateway.next((frame) => frame.op === 9 && frame.d === false);
  await using later = new RawGateway(gatewayUrl);
  await later.next((frame) => frame.op === 10);
  later.send(6, { token: playground.botToken, session_id: ready.d.session_id, seq: 1 });
  expect((await later.next((frame) => frame.op === 9)).d).toBe(false);
});

test("1000 ends the session: it cannot be resumed", async () => {
  await using playground = await startTestPlayground();
  const { gatewayUrl } = await readSession(playground);
  await using gateway = new RawGateway(gatewayUrl);
  const ready = await gateway.identify(playground.botToken, withoutContent);
  await gateway.close(1000);
  // Both sides of the closed socket are done once a whole request went through after it.
  await readSession(playground);
  await using later = new RawGateway(gatewayUrl);
  await later.next((frame) => frame.op === 10);
  later.send(6, { token: playground.botToken, session_id: ready.d.session_id, seq: 1 });
  expect((await later.next((frame) => frame.op === 9)).d).toBe(false);
});

test("faulty clients are closed with the documented codes", async () => {
  await using playground = await startTestPlayground();
  const { gatewayUrl } = await readSession(playground);
  const identify = { token: playground.botToken, properties: {}, intents: withoutContent };
  const closeCodeAfter = async (...frames: readonly [number, unknown][]): Promise<number> => {
    await using gateway = new RawGateway(gatewayUrl);
    await gateway.next((frame) => frame.op === 10);
    for (const [op, data] of frames) gateway.send(op, data);
    return await gateway.closed;
  };
  expect(await closeCodeAfter([99, null])).toBe(4001);
  expect(await closeCodeAfter([2, "no object"])).toBe(4002);
  expect(await closeCodeAfter([3, {}])).toBe(4003);
  expect(await closeCodeAfter([2, { ...identify, token: "wrong" }])).toBe(4004);
  expect(await closeCodeAfter([2, identify], [2, identify])).toBe(4005);
  expect(await closeCodeAfter([2, { ...identify, shard: [2, 2] }])).toBe(4010);
  expect(await closeCodeAfter([2, { ...identify, intents: 1 << 30 }])).toBe(4013);
  expect(await closeCodeAfter([2, { ...identify, filler: "x".repeat(5000) }])).toBe(4002);
});

test("another version of the gateway is closed with 4012", async () => {
  await using playground = await startTestPlayground();
  const { gatewayUrl } = await readSession(playground);
  await using gateway = new RawGateway(gatewayUrl, {}, 5);
  expect(await gateway.closed).toBe(4012);
});

test("a resume beyond what was sent is closed with 4007", async () => {
  await using playground = await startTestPlayground();
  const { gatewayUrl } = await readSession(playground);
  await using gateway = new RawGateway(gatewayUrl);
  const ready = await gateway.identify(playground.botToken, withoutContent);
  await using later = new RawGateway(gatewayUrl);
  await later.next((frame) => frame.op === 10);
  later.send(6, { token: playground.botToken, session_id: ready.d.session_id, seq: 1000 });
  expect(await later.closed).toBe(4007);
});

test("too many sent events close with 4008", async () => {
  await using playground = await startTestPlayground({
    limits: { gatewaySends: { requests: 3, perMs: 60_000 } },
  });
  const { gatewayUrl } = await readSession(playground);
  await using gateway = new RawGateway(gatewayUrl);
  await gateway.next((frame) => frame.op === 10);
  for (let index = 0; index < 4; index += 1) gateway.send(1, null);
  expect(await gateway.closed).toBe(4008);
});

test("heartbeats are acknowledged, and a client without them is closed", async () => {
  await using playground = await startTestPlayground({ limits: { heartbeatIntervalMs: 40 } });
  const { gatewayUrl } = await readSession(playground);
  await using gateway = new RawGateway(gatewayUrl);
  const hello = await gateway.next((frame) => frame.op === 10);
  expect(hello.d.heartbeat_interval).toBe(40);
  gateway.send(1, null);
  await gateway.next((frame) => frame.op === 11);
  expect(await gateway.closed).toBe(4009);
});

test("op 8 is answered with the members", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using gateway = new RawGateway(ada.session.gatewayUrl);
  await gateway.identify(playground.botToken, withoutContent);
  gateway.send(8, { guild_id: ada.session.guildId, query: "", limit: 0, nonce: "n" });
  const { d } = await gateway.event("GUILD_MEMBERS_CHUNK");
  expect(d).toMatchObject({ nonce: "n", chunk_index: 0, chunk_count: 1 });
  expect(d.members).toHaveLength(3);
});
