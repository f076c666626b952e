import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { APIChannel, APIMessage, APIRole, APIUser, APIWebhook } from "discord-api-types/v10";
import {
  ActionRowBuilder,
  ButtonBuilder,
  type ButtonInteraction,
  ButtonStyle,
  ChannelType,
  Events,
  GatewayIntentBits,
  type Message,
  PermissionFlagsBits,
  type TextChannel,
  WebhookClient,
} from "discord.js";
import { expect, onTestFinished, test } from "vitest";
import { startPlayground } from "../../src/playground/playground.ts";
import { connectPerson, type Person, startTestPlayground } from "../support/playground.ts";
import { type Bot, connectBot, nextEvent, refusalCode } from "../support/playground-bot.ts";

const picture = `data:image/png;base64,${Buffer.from("\u0089PNG\r\n\u001A\nrest", "latin1").toString("base64")}`;

async function findGeneral(bot: Bot, person: Person): Promise<TextChannel> {
  const channel = await bot.client.channels.fetch(person.channelId);
  if (channel?.type !== ChannelType.GuildText) throw new Error("no text channel");
  return channel;
}

async function createWebhook(person: Person, name = "Courier"): Promise<Required<APIWebhook>> {
  const path = `/channels/${person.channelId}/webhooks`;
  const { body } = await person.request<Required<APIWebhook>>("POST", path, { name });
  return body;
}

function pathOf({ id, token }: Pick<APIWebhook, "id" | "token">): string {
  return `/webhooks/${id}/${token}`;
}

test("a bot's webhook speaks under any name, and edits, reads and deletes what it said", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const { Guilds, GuildMessages, GuildWebhooks, MessageContent } = GatewayIntentBits;
  await using bot = await connectBot(playground, {
    intents: [Guilds, GuildMessages, GuildWebhooks, MessageContent],
  });
  const general = await findGeneral(bot, ada);
  const told = nextEvent(bot.client, Events.WebhooksUpdate);
  const webhook = await general.createWebhook({ name: "Familiar personas" });
  await told;
  const heard = nextEvent<Message>(bot.client, Events.MessageCreate);
  const sent = await webhook.send({ content: "I walk", username: "Ishmael" });
  const seen = await ada.waitForMessage((message) => message.content === "I walk");
  expect(seen).toMatchObject({
    id: sent.id,
    type: 0,
    webhook_id: webhook.id,
    application_id: ada.session.applicationId,
    author: { id: webhook.id, username: "Ishmael", bot: true, avatar: null, discriminator: "0000" },
  });
  expect(seen).not.toHaveProperty("member");
  expect(await heard).toMatchObject({ webhookId: webhook.id, author: { username: "Ishmael" } });
  await webhook.editMessage(sent, { content: "I walked" });
  await ada.waitForMessage(({ content, edited_timestamp: at }) => content === "I walked" && !!at);
  expect((await webhook.fetchMessage(sent.id)).content).toBe("I walked");
  await webhook.deleteMessage(sent);
  await ada.waitForEvent("MESSAGE_DELETE", ({ id }) => id === sent.id);
});

test("the token alone is enough, and without wait nothing comes back", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const { id, token } = await createWebhook(ada);
  using client = disposable(new WebhookClient({ id, token }, { rest: { api: playground.apiUrl } }));
  const sent = await client.value.send("from outside");
  expect((await ada.message(ada.channelId, sent.id)).author.username).toBe("Courier");
  const url = `${playground.apiUrl}/v10${pathOf({ id, token })}`;
  const init = { method: "POST", headers: { "content-type": "application/json" } };
  const quiet = await fetch(url, { ...init, body: JSON.stringify({ content: "quiet" }) });
  expect([quiet.status, await quiet.text()]).toEqual([204, ""]);
  const shown = (await (await fetch(url)).json()) as APIWebhook;
  expect(shown).toMatchObject({ id, token, type: 1, name: "Courier", application_id: null });
  expect(shown).not.toHaveProperty("user");
});

function disposable(value: WebhookClient): Disposable & { readonly value: WebhookClient } {
  return { value, [Symbol.dispose]: () => value.destroy() };
}

test("in a thread it speaks by thread_id, and wakes it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const webhook = await (await findGeneral(bot, ada)).createWebhook({ name: "w" });
  const thread = await ada.openThread(ada.channelId, "t");
  await ada.request("PATCH", `/channels/${thread.id}`, { archived: true });
  const sent = await webhook.send({ content: "inside", threadId: thread.id });
  expect(sent.channelId).toBe(thread.id);
  const awake = await ada.request<APIChannel>("GET", `/channels/${thread.id}`);
  expect(awake.body).toMatchObject({ thread_metadata: { archived: false } });
  await webhook.editMessage(sent, { content: "still inside", threadId: thread.id });
  expect((await ada.message(thread.id, sent.id)).content).toBe("still inside");
  expect(await refusalCode(webhook.fetchMessage(sent.id))).toBe(10008);
  const elsewhere = ada.session.channels[1]?.id ?? "";
  const foreign = await ada.openThread(elsewhere, "foreign");
  expect(await refusalCode(webhook.send({ content: "x", threadId: foreign.id }))).toBe(10003);
  await webhook.deleteMessage(sent.id, thread.id);
  expect(await ada.messages(thread.id)).toEqual([]);
});

test("names and pictures are checked, on webhooks and on what they say", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `/channels/${ada.channelId}/webhooks`;
  const codeOf = async (name: string): Promise<unknown> => {
    const { status, body } = await ada.request<{ errors?: object }>("POST", path, { name });
    return status === 200 ? status : body;
  };
  for (const name of ["my Clyde", "DISCORD news"])
    expect(await codeOf(name)).toMatchObject({
      code: 50035,
      errors: { name: { _errors: [{ code: "USERNAME_INVALID_CONTAINS" }] } },
    });
  for (const name of ["", "   ", "n".repeat(81)])
    expect(await codeOf(name)).toMatchObject({ code: 50035, errors: { name: {} } });
  expect(await codeOf(` ${"n".repeat(80)} `)).toBe(200);
  const picturePath = { name: "p", avatar: "data:image/png;base64,AAAA" };
  expect((await ada.request("POST", path, picturePath)).body).toMatchObject({
    errors: { avatar: {} },
  });
  const send = async (extra: object): Promise<unknown> => {
    const webhook = await createWebhook(ada);
    return (await ada.request("POST", pathOf(webhook), { content: "x", ...extra })).body;
  };
  expect(await send({ username: "Discordia" })).toMatchObject({ errors: { username: {} } });
  expect(await send({ avatar_url: "no address" })).toMatchObject({ errors: { avatar_url: {} } });
  expect(await send({ thread_name: "t" })).toMatchObject({ code: 220_003 });
  expect(await send({ content: "" })).toMatchObject({ code: 50006 });
});

test("a picture is shown under its hash: the webhook's, or one that was uploaded here", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `/channels/${ada.channelId}/webhooks`;
  const { body: webhook } = await ada.request<Required<APIWebhook>>("POST", path, {
    name: "Pictured",
    avatar: picture,
  });
  const form = new FormData();
  form.set("files[0]", new Blob(["GIF89a…"], { type: "image/gif" }), "face.gif");
  const upload = await ada.request<APIMessage>("POST", `/channels/${ada.channelId}/messages`, form);
  const send = async (extra: object): Promise<APIUser> => {
    const body = { content: "x", ...extra };
    return (await ada.request<APIMessage>("POST", `${pathOf(webhook)}?wait=true`, body)).body
      .author;
  };
  const own = await send({});
  const given = await send({ avatar_url: upload.body.attachments[0]?.url });
  const unknown = await send({ avatar_url: "https://example.com/face.png" });
  expect(own.avatar).toBe(webhook.avatar);
  const fetchPicture = async ({ id, avatar }: APIUser): Promise<unknown[]> => {
    const response = await fetch(new URL(`/avatars/${id}/${avatar}.png`, playground.pageUrl));
    return [response.status, response.headers.get("content-type")];
  };
  expect(await fetchPicture(own)).toEqual([200, "image/png"]);
  expect(await fetchPicture(given)).toEqual([200, "image/gif"]);
  expect(unknown.avatar).toMatch(/^[\da-f]{32}$/);
  expect((await fetchPicture(unknown))[0]).toBe(404);
});

test("only those who may manage webhooks see, make, change and delete them", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBot(playground);
  const { id: botsId } = await (await findGeneral(bot, ada)).createWebhook({ name: "bot's" });
  const adas = await createWebhook(ada, "Ada's");
  const inChannel = `/channels/${ada.channelId}/webhooks`;
  const inGuild = `/guilds/${ada.session.guildId}/webhooks`;
  const attempts = (): Promise<unknown[]> =>
    Promise.all(
      (
        [
          ["POST", inChannel, { name: "n" }],
          ["GET", inChannel],
          ["GET", inGuild],
          ["GET", `/webhooks/${adas.id}`],
          ["PATCH", `/webhooks/${adas.id}`, { name: "m" }],
        ] as const
      ).map(async ([method, path, body]) => (await ben.request(method, path, body)).status),
    );
  expect(await attempts()).toEqual([403, 403, 403, 403, 403]);
  const role = await ada.request<APIRole>("POST", `/guilds/${ada.session.guildId}/roles`, {
    name: "keeper",
    permissions: String(PermissionFlagsBits.ManageWebhooks),
  });
  await ada.request(
    "PUT",
    `/guilds/${ada.session.guildId}/members/${ben.id}/roles/${role.body.id}`,
  );
  expect(await attempts()).toEqual([200, 200, 200, 200, 200]);
  const listed = (await ben.request<APIWebhook[]>("GET", inGuild)).body;
  const bots = listed.find(({ id }) => id === botsId);
  expect(bots).toMatchObject({ application_id: ada.session.applicationId, user: { bot: true } });
  expect(bots).not.toHaveProperty("token");
  expect(listed.find(({ id }) => id === adas.id)).toMatchObject({ token: adas.token, name: "m" });
  expect((await ben.request("DELETE", `/webhooks/${botsId}`)).status).toBe(204);
});

test("a bot that lost the right still reads its own webhook, and is refused the rest", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const general = await findGeneral(bot, ada);
  const webhook = await general.createWebhook({ name: "mine" });
  await ada.request("PUT", `/channels/${ada.channelId}/permissions/${ada.session.botUserId}`, {
    type: 1,
    deny: String(PermissionFlagsBits.ManageWebhooks),
  });
  expect((await bot.client.fetchWebhook(webhook.id)).token).toBe(webhook.token);
  expect(await refusalCode(general.fetchWebhooks())).toBe(50013);
  expect(await refusalCode(general.createWebhook({ name: "another" }))).toBe(50013);
  expect((await webhook.send("still mine")).content).toBe("still mine");
});

test("a channel holds 15, a thread none", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  for (let count = 0; count < 15; count += 1) await createWebhook(ada);
  expect(await createWebhook(ada)).toMatchObject({ code: 30007 });
  const thread = await ada.openThread(ada.channelId, "t");
  const inThread = await ada.request("POST", `/channels/${thread.id}/webhooks`, { name: "n" });
  expect(inThread.body).toMatchObject({ code: 50024 });
});

test("a deleted webhook is 10015, a wrong token 50027, and what was said stays", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const webhook = await createWebhook(ada);
  const path = pathOf(webhook);
  const sent = await ada.request<APIMessage>("POST", `${path}?wait=true`, { content: "stays" });
  const forged = await ada.request("POST", `/webhooks/${webhook.id}/wrong`, { content: "x" });
  expect(forged).toMatchObject({ status: 401, body: { code: 50027 } });
  expect((await ada.request("DELETE", path)).status).toBe(204);
  await ada.waitForEvent("WEBHOOKS_UPDATE", (event) => event.channel_id === ada.channelId);
  for (const answer of [
    await ada.request("POST", path, { content: "x" }),
    await ada.request("PATCH", `${path}/messages/${sent.body.id}`, { content: "x" }),
    await ada.request("GET", `/webhooks/${webhook.id}`),
  ])
    expect(answer).toMatchObject({ status: 404, body: { code: 10015 } });
  expect(await ada.message(ada.channelId, sent.body.id)).toMatchObject({
    content: "stays",
    author: { username: "Courier" },
  });
});

test("a webhook goes with its channel, and can be moved to another", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const [moved, lost] = [await createWebhook(ada), await createWebhook(ada)];
  const random = ada.session.channels[1]?.id ?? "";
  await ada.request("PATCH", `/webhooks/${moved.id}`, { channel_id: random, name: "Moved" });
  await ada.waitForEvent("WEBHOOKS_UPDATE", (event) => event.channel_id === random);
  await ada.request("DELETE", `/channels/${ada.channelId}`);
  const send = (webhook: Required<APIWebhook>): Promise<{ body: unknown }> =>
    ada.request("POST", `${pathOf(webhook)}?wait=true`, { content: "x" });
  expect((await send(lost)).body).toMatchObject({ code: 10015 });
  expect((await send(moved)).body).toMatchObject({
    channel_id: random,
    author: { username: "Moved" },
  });
});

test("each webhook has its own bucket, which its headers tell", async () => {
  await using playground = await startTestPlayground({
    limits: { webhookWrite: { requests: 2, perMs: 60_000 } },
  });
  await using ada = await connectPerson(playground, "Ada");
  const [one, other] = [await createWebhook(ada), await createWebhook(ada)];
  const send = (webhook: Required<APIWebhook>): ReturnType<typeof ada.request> =>
    ada.request("POST", pathOf(webhook), { content: "x" });
  const first = await send(one);
  expect(first.headers.get("x-ratelimit-remaining")).toBe("1");
  await send(one);
  expect((await send(one)).status).toBe(429);
  expect((await send(other)).status).toBe(204);
});

test("mentions obey allowed_mentions; whoever replies to a webhook pings nobody", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `${pathOf(await createWebhook(ada))}?wait=true`;
  const content = `@everyone <@${ada.id}>`;
  const loud = (await ada.request<APIMessage>("POST", path, { content })).body;
  expect([loud.mention_everyone, loud.mentions.length]).toEqual([true, 1]);
  const quiet = { content, allowed_mentions: { parse: [] } };
  const silent = (await ada.request<APIMessage>("POST", path, quiet)).body;
  expect([silent.mention_everyone, silent.mentions]).toEqual([false, []]);
  const reply = await ada.reply(silent, "well said");
  expect(reply.mentions).toEqual([]);
  expect(reply.referenced_message?.author.username).toBe("Courier");
  const thread = await ada.openThread(ada.channelId, "about it", silent.id);
  expect((await ada.messages(thread.id))[0]?.referenced_message?.author.username).toBe("Courier");
});

function createButtonRow(customId: string): ActionRowBuilder<ButtonBuilder> {
  const button = new ButtonBuilder()
    .setCustomId(customId)
    .setLabel("Go")
    .setStyle(ButtonStyle.Primary);
  return new ActionRowBuilder<ButtonBuilder>().addComponents(button);
}

test("buttons under a webhook's message reach its application, and it can take them off", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const webhook = await (await findGeneral(bot, ada)).createWebhook({ name: "w" });
  const sent = await webhook.send({ content: "press", components: [createButtonRow("go")] });
  const pressed = nextEvent<ButtonInteraction>(bot.client, Events.InteractionCreate);
  const outcome = ada.press(await ada.message(ada.channelId, sent.id), "go");
  const interaction = await pressed;
  expect(interaction.message).toMatchObject({ id: sent.id, webhookId: webhook.id });
  await interaction.deferUpdate();
  expect((await outcome).kind).toBe("success");
  await webhook.editMessage(sent, { components: [] });
  expect(await ada.message(ada.channelId, sent.id)).toMatchObject({
    content: "press",
    components: [],
  });
});

test("a person's webhook sends no buttons that nobody would answer", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = pathOf(await createWebhook(ada));
  const body = { content: "x", components: [createButtonRow("go").toJSON()] };
  const dropped = await ada.request<APIMessage>("POST", `${path}?wait=true`, body);
  expect(dropped.body.components).toEqual([]);
  const refused = await ada.request("POST", `${path}?with_components=true`, body);
  expect(refused.body).toMatchObject({ code: 50035, errors: { components: {} } });
});

test("webhooks, their pictures and what they said outlive a restart", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "playground-webhooks-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const before = await startPlayground({ port: 0, dataDir });
  await using ada = await connectPerson(before, "Ada");
  const webhook = await createWebhook(ada);
  const path = `${pathOf(webhook)}?wait=true`;
  await ada.request("PATCH", pathOf(webhook), { avatar: picture });
  await ada.request("POST", path, { content: "before", username: "Ishmael" });
  await before[Symbol.asyncDispose]();
  await using after = await startPlayground({ port: 0, dataDir });
  await using again = await connectPerson(after, "Ada");
  const said = await again.request<APIMessage>("POST", path, { content: "after" });
  expect(said.body.author).toMatchObject({ username: "Courier" });
  const { id, avatar } = said.body.author;
  expect((await fetch(new URL(`/avatars/${id}/${avatar}.png`, after.pageUrl))).status).toBe(200);
  const names = (await again.messages(again.channelId)).map(({ author }) => author.username);
  expect(names).toEqual(["Courier", "Ishmael"]);
});
