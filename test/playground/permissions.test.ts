import type { APIChannel, APIRole } from "discord-api-types/v10";
import { Events, type Guild, PermissionFlagsBits } from "discord.js";
import { expect, test } from "vitest";
import { connectPerson, type Person, startTestPlayground } from "../support/playground.ts";
import { connectBot, nextEvent, refusalCode } from "../support/playground-bot.ts";

function deny(person: Person, userId: string, permissions: bigint): Promise<unknown> {
  return person.request("PUT", `/channels/${person.channelId}/permissions/${userId}`, {
    type: 1,
    deny: String(permissions),
  });
}

test("a permission taken away by an overwrite refuses with 50013, a hidden channel with 50001", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const path = `/channels/${ada.channelId}/messages`;
  await deny(ada, ben.id, PermissionFlagsBits.SendMessages);
  expect(await ben.request("POST", path, { content: "x" })).toMatchObject({
    status: 403,
    body: { code: 50013 },
  });
  await deny(ada, ben.id, PermissionFlagsBits.ViewChannel);
  expect(await ben.request("POST", path, { content: "x" })).toMatchObject({
    status: 403,
    body: { code: 50001 },
  });
  expect((await ada.post(ada.channelId, "owners always may")).content).toBe("owners always may");
});

test("the bot sees its permissions change", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isTextBased() !== true || channel.isDMBased()) throw new Error("no guild channel");
  const may = (): boolean | undefined =>
    channel.permissionsFor(bot.client.user)?.has(PermissionFlagsBits.CreatePublicThreads);
  expect(may()).toBe(true);
  const updated = nextEvent(bot.client, Events.ChannelUpdate);
  await deny(ada, ada.session.botUserId, PermissionFlagsBits.CreatePublicThreads);
  await updated;
  expect(may()).toBe(false);
  if (!("threads" in channel)) throw new Error("no place for threads");
  expect(await refusalCode(channel.threads.create({ name: "t" }))).toBe(50013);
});

test("messages of a hidden channel do not reach the gateway", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await deny(ada, ben.id, PermissionFlagsBits.ViewChannel);
  await ada.post(ada.channelId, "not for Ben");
  const random = ada.session.channels[1]?.id ?? "";
  await ada.post(random, "for all");
  await ben.waitForMessage((message) => message.content === "for all");
  const contents = ben.events
    .filter((event) => event.t === "MESSAGE_CREATE")
    .map(({ d }) => d.content);
  expect(contents).toEqual(["for all"]);
});

test("in threads the right to send in threads counts, of the parent's", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const thread = await ada.openThread(ada.channelId, "t");
  await deny(ada, ben.id, PermissionFlagsBits.SendMessages);
  expect((await ben.post(thread.id, "still")).content).toBe("still");
  await deny(ada, ben.id, PermissionFlagsBits.SendMessagesInThreads);
  const refused = await ben.request("POST", `/channels/${thread.id}/messages`, { content: "x" });
  expect(refused.body).toMatchObject({ code: 50013 });
});

test("without the history a channel reads as empty", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await ada.post(ada.channelId, "old");
  await deny(ada, ben.id, PermissionFlagsBits.ReadMessageHistory);
  expect(await ben.messages(ben.channelId)).toEqual([]);
});

test("roles give what @everyone lacks, and only those with the right give roles", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const guild = `/guilds/${ada.session.guildId}`;
  const create = { name: "n" };
  expect((await ben.request("POST", `${guild}/channels`, create)).body).toMatchObject({
    code: 50013,
  });
  const role = await ada.request<APIRole>("POST", `${guild}/roles`, {
    name: "builder",
    permissions: String(PermissionFlagsBits.ManageChannels),
  });
  const give = `${guild}/members/${ben.id}/roles/${role.body.id}`;
  expect((await ben.request("PUT", give)).body).toMatchObject({ code: 50013 });
  expect((await ada.request("PUT", give)).status).toBe(204);
  expect((await ben.request<APIChannel>("POST", `${guild}/channels`, create)).status).toBe(201);
});

test("people cannot touch an application's commands", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `/applications/${ada.session.applicationId}/commands`;
  expect((await ada.request("PUT", path, [])).body).toMatchObject({ code: 20012 });
});

test("a bot that leaves hears that its guild is gone, and may not read it any more", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const left = nextEvent<Guild>(bot.client, Events.GuildDelete);
  await bot.client.guilds.cache.first()?.leave();
  expect((await left).id).toBe(ada.session.guildId);
  expect(await refusalCode(bot.client.rest.get(`/guilds/${ada.session.guildId}`))).toBe(10004);
  expect(await refusalCode(bot.client.rest.get(`/channels/${ada.channelId}`))).toBe(50001);
});

test("the owner deletes the guild, and the bot hears of it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const gone = nextEvent<Guild>(bot.client, Events.GuildDelete);
  expect((await ada.request("DELETE", `/guilds/${ada.session.guildId}`)).status).toBe(204);
  expect((await gone).id).toBe(ada.session.guildId);
});

function overwrite(
  person: Person,
  id: string,
  change: { readonly type: 0 | 1; readonly allow?: bigint; readonly deny?: bigint },
): Promise<unknown> {
  return person.request("PUT", `/channels/${person.channelId}/permissions/${id}`, {
    type: change.type,
    allow: String(change.allow ?? 0n),
    deny: String(change.deny ?? 0n),
  });
}

test("overwrites count in Discord's order: everyone, then all roles together, then the member", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const guild = `/guilds/${ada.session.guildId}`;
  const right = PermissionFlagsBits.SendMessages;
  const may = async (): Promise<boolean> => {
    const body = { content: "x" };
    return (await ben.request("POST", `/channels/${ben.channelId}/messages`, body)).status === 200;
  };
  const addRole = async (name: string): Promise<string> => {
    const { body } = await ada.request<APIRole>("POST", `${guild}/roles`, { name });
    await ada.request("PUT", `${guild}/members/${ben.id}/roles/${body.id}`);
    return body.id;
  };
  const [allowing, denying] = [await addRole("allowing"), await addRole("denying")];
  await overwrite(ada, ada.session.guildId, { type: 0, deny: right });
  expect(await may()).toBe(false);
  await overwrite(ada, allowing, { type: 0, allow: right });
  await overwrite(ada, denying, { type: 0, deny: right });
  expect(await may()).toBe(true);
  await overwrite(ada, ben.id, { type: 1, deny: right });
  expect(await may()).toBe(false);
  await ada.request("DELETE", `/channels/${ada.channelId}/permissions/${ben.id}`);
  expect(await may()).toBe(true);
  await ada.request("DELETE", `${guild}/roles/${allowing}`);
  expect(await may()).toBe(false);
});

test("administrators are bound by no overwrite", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const guild = `/guilds/${ada.session.guildId}`;
  const role = await ada.request<APIRole>("POST", `${guild}/roles`, {
    name: "chief",
    permissions: String(PermissionFlagsBits.Administrator),
  });
  await deny(ada, ben.id, PermissionFlagsBits.ViewChannel);
  await ada.request("PUT", `${guild}/members/${ben.id}/roles/${role.body.id}`);
  expect((await ben.post(ben.channelId, "all the same")).content).toBe("all the same");
});

test("a deleted role is gone from its members and channels, and the bot hears of it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBot(playground);
  const guild = `/guilds/${ada.session.guildId}`;
  const { body: role } = await ada.request<APIRole>("POST", `${guild}/roles`, { name: "brief" });
  await ada.request("PUT", `${guild}/members/${ben.id}/roles/${role.id}`);
  await overwrite(ada, role.id, { type: 0, deny: PermissionFlagsBits.SendMessages });
  expect((await ben.request("DELETE", `${guild}/roles/${role.id}`)).body).toMatchObject({
    code: 50013,
  });
  const heard = nextEvent<{ id: string }>(bot.client, Events.GuildRoleDelete);
  expect((await ada.request("DELETE", `${guild}/roles/${role.id}`)).status).toBe(204);
  expect((await heard).id).toBe(role.id);
  const member = await ada.request(`GET`, `${guild}/members/${ben.id}`);
  expect(member.body).toMatchObject({ roles: [] });
  const channel = await ada.request<APIChannel>("GET", `/channels/${ada.channelId}`);
  expect(channel.body).toMatchObject({ permission_overwrites: [] });
  for (const id of [role.id, ada.session.guildId])
    expect((await ada.request("DELETE", `${guild}/roles/${id}`)).status).toBeGreaterThanOrEqual(
      400,
    );
});
