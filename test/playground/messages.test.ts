import type { APIMessage } from "discord-api-types/v10";
import { ActionRowBuilder, ButtonBuilder, ButtonStyle, Events, type Message } from "discord.js";
import { expect, test } from "vitest";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { connectBot, nextEvent, refusalCode } from "../support/playground-bot.ts";

const generous = { messageCreate: { requests: 1000, perMs: 1000 } };

interface Refusal {
  readonly code: number;
  readonly message: string;
  readonly errors?: Record<string, { _errors: { code: string; message: string }[] }>;
}

test("a bot reads what a person writes, answers it, and the person sees the edit live", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const heard = nextEvent<Message>(bot.client, Events.MessageCreate);
  const question = await ada.post(ada.channelId, "  hello there \n");
  const reply = await (await heard).reply("hm");
  await reply.edit("hello Ada");
  const seen = await ada.waitForMessage((message) => message.content === "hello Ada");
  expect((await heard).content).toBe("hello there");
  expect(seen).toMatchObject({
    id: reply.id,
    type: 19,
    message_reference: { message_id: question.id },
    referenced_message: { id: question.id, content: "hello there" },
    mentions: [{ id: ada.id }],
  });
  expect(seen.edited_timestamp).not.toBeNull();
});

test("content over 2000 characters is refused with the nested error, 2000 emojis are not", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `/channels/${ada.channelId}/messages`;
  const refused = await ada.request<Refusal>("POST", path, { content: "x".repeat(2001) });
  expect(refused.status).toBe(400);
  expect(refused.body).toEqual({
    code: 50035,
    message: "Invalid Form Body",
    errors: {
      content: {
        _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message: "Must be 2000 or fewer in length." }],
      },
    },
  });
  const emojis = await ada.request("POST", path, { content: "🙂".repeat(2000) });
  expect(emojis.status).toBe(200);
});

test("an empty message is refused with 50006, on sending and on editing", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `/channels/${ada.channelId}/messages`;
  for (const body of [{}, { content: "" }, { content: " \n " }, { content: null }])
    expect((await ada.request("POST", path, body)).body).toMatchObject({ code: 50006 });
  const message = await ada.post(ada.channelId, "something");
  const edit = await ada.request("PATCH", `${path}/${message.id}`, { content: " " });
  expect(edit.body).toMatchObject({ code: 50006 });
});

test("unknown channels, unknown messages, unknown routes and wrong methods are told apart", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const answers = await Promise.all([
    ada.request("GET", "/channels/1/messages"),
    ada.request("GET", `/channels/${ada.channelId}/messages/1`),
    ada.request("GET", "/no/such/route"),
    ada.request("PUT", `/channels/${ada.channelId}/messages`),
    ada.request("GET", "/channels/abc"),
  ]);
  expect(answers.map(({ status, body }) => [status, (body as Refusal).code])).toEqual([
    [404, 10003],
    [404, 10008],
    [404, 0],
    [405, 0],
    [400, 50035],
  ]);
});

test("a wrong token is 401, and a person's token does not pass as a bot's", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const url = `${playground.apiUrl}/v10/users/@me`;
  for (const authorization of ["", "nonsense", `Bot ${ada.token}`, playground.botToken]) {
    const response = await fetch(url, { headers: { authorization } });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({ message: "401: Unauthorized", code: 0 });
  }
});

test("a body that is no JSON is refused with 50109", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const response = await fetch(`${playground.apiUrl}/v10/channels/${ada.channelId}/messages`, {
    method: "POST",
    headers: { authorization: ada.token, "content-type": "application/json" },
    body: "{",
  });
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({ code: 50109 });
});

function pinged(message: APIMessage): string[] {
  return message.mentions.map((user) => user.id);
}

test("allowed_mentions decides whom a message pings, on every edit anew", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const ben = ada.session.people.find((person) => person.displayName === "Ben");
  const content = `<@${ben?.id}> and @everyone`;
  const loud = await ada.post(ada.channelId, content);
  const silent = await ada.post(ada.channelId, content, { allowed_mentions: { parse: [] } });
  const chosen = await ada.post(ada.channelId, content, { allowed_mentions: { users: [ben?.id] } });
  expect([pinged(loud), loud.mention_everyone]).toEqual([[ben?.id], true]);
  expect([pinged(silent), silent.mention_everyone]).toEqual([[], false]);
  expect([pinged(chosen), chosen.mention_everyone]).toEqual([[ben?.id], false]);
  const edited = await ada.edit(silent, `again <@${ben?.id}>`);
  expect(pinged(edited)).toEqual([ben?.id]);
});

test("an ordinary member's @everyone pings nobody", async () => {
  await using playground = await startTestPlayground();
  await using ben = await connectPerson(playground, "Ben");
  expect((await ben.post(ben.channelId, "@everyone")).mention_everyone).toBe(false);
});

test("a reply pings its author unless allowed_mentions says otherwise", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const question = await ada.post(ada.channelId, "who is there?");
  const reference = { message_reference: { message_id: question.id } };
  const loud = await ben.post(ben.channelId, "I", reference);
  const quiet = await ben.post(ben.channelId, "I", {
    ...reference,
    allowed_mentions: { parse: [] },
  });
  expect(loud.mentions.map((user) => user.id)).toEqual([ada.id]);
  expect(quiet.mentions).toEqual([]);
});

test("a reply to a message that is gone is refused, or sent as it is when that is wanted", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const path = `/channels/${ada.channelId}/messages`;
  const refused = await ada.request<Refusal>("POST", path, {
    content: "x",
    message_reference: { message_id: "1" },
  });
  expect(refused.body.errors?.["message_reference"]?._errors[0]?.code).toBe(
    "REPLIES_UNKNOWN_MESSAGE",
  );
  const sent = await ada.post(ada.channelId, "x", {
    message_reference: { message_id: "1", fail_if_not_exists: false },
  });
  expect(sent.type).toBe(0);
});

test("an enforced nonce sent twice makes one message, and its event carries the nonce", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const extra = { nonce: "n-1", enforce_nonce: true };
  const first = await ada.post(ada.channelId, "once", extra);
  const second = await ada.post(ada.channelId, "once", extra);
  expect(second.id).toBe(first.id);
  expect(await ada.messages(ada.channelId)).toHaveLength(1);
  const event = await ada.waitForEvent("MESSAGE_CREATE");
  expect(event.nonce).toBe("n-1");
});

test("a channel is read in pages, before, after and around a message", async () => {
  await using playground = await startTestPlayground({ limits: generous });
  await using ada = await connectPerson(playground, "Ada");
  const posted: string[] = [];
  for (let index = 0; index < 7; index += 1)
    posted.push((await ada.post(ada.channelId, String(index))).id);
  const page = async (query: string): Promise<string[]> => {
    const { body } = await ada.request<APIMessage[]>(
      "GET",
      `/channels/${ada.channelId}/messages?${query}`,
    );
    return body.map((message) => message.content);
  };
  expect(await page("limit=2")).toEqual(["6", "5"]);
  expect(await page(`limit=2&before=${posted[5]}`)).toEqual(["4", "3"]);
  expect(await page(`limit=2&after=${posted[0]}`)).toEqual(["2", "1"]);
  expect(await page(`limit=3&around=${posted[3]}`)).toEqual(["4", "3", "2"]);
  const tooMany = await ada.request<Refusal>(
    "GET",
    `/channels/${ada.channelId}/messages?limit=101`,
  );
  expect(tooMany.body.errors?.["limit"]?._errors[0]?.code).toBe("NUMBER_TYPE_MAX");
});

test("nobody edits another's message, and only moderators delete it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const message = await ada.post(ada.channelId, "mine");
  const path = `/channels/${ada.channelId}/messages/${message.id}`;
  expect((await ben.request("PATCH", path, { content: "x" })).body).toMatchObject({ code: 50005 });
  expect((await ben.request("DELETE", path)).body).toMatchObject({ code: 50013 });
  const other = await ben.post(ben.channelId, "his");
  await ada.remove(other);
  const event = await ben.waitForEvent("MESSAGE_DELETE");
  expect(event).toMatchObject({ id: other.id, channel_id: ben.channelId });
});

test("bulk deletion takes 2 to 100 messages, none older than two weeks, and says so in one event", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const ids = [(await ada.post(ada.channelId, "a")).id, (await ada.post(ada.channelId, "b")).id];
  const path = `/channels/${ada.channelId}/messages/bulk-delete`;
  const one = await ada.request<Refusal>("POST", path, { messages: ids.slice(1) });
  expect(one.body.errors?.["messages"]?._errors[0]?.code).toBe("BASE_TYPE_BAD_LENGTH");
  const old = await ada.request("POST", path, { messages: [ids[0], "100000000000000000"] });
  expect(old.body).toMatchObject({ code: 50034 });
  expect((await ada.request("POST", path, { messages: ids })).status).toBe(204);
  const event = await ada.waitForEvent("MESSAGE_DELETE_BULK");
  expect(event.ids).toEqual(ids);
  expect(await ada.messages(ada.channelId)).toEqual([]);
});

test("a file travels from the bot to a person byte for byte, and cannot run as a page", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() !== true) throw new Error("no place to send to");
  await channel.send({
    files: [
      { attachment: Buffer.from("<script>1</script>"), name: "notes.html", description: "d" },
    ],
  });
  const message = await ada.waitForMessage((one) => one.attachments.length === 1);
  const [attachment] = message.attachments;
  expect(attachment).toMatchObject({ filename: "notes.html", size: 18, description: "d" });
  const response = await fetch(attachment?.url ?? "");
  expect(await response.text()).toBe("<script>1</script>");
  expect(response.headers.get("content-type")).toMatch(/^(text\/plain|application\/octet-stream)/);
  expect(response.headers.get("content-security-policy")).toContain("sandbox");
});

test("embeds and components are checked and come back as they were sent", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() !== true) throw new Error("no place to send to");
  const button = new ButtonBuilder().setCustomId("go").setLabel("Go").setStyle(ButtonStyle.Primary);
  await channel.send({
    embeds: [{ title: "t", description: "d" }],
    components: [new ActionRowBuilder<ButtonBuilder>().addComponents(button)],
  });
  const message = await ada.waitForMessage((one) => one.embeds.length === 1);
  expect(message.embeds[0]).toMatchObject({ title: "t", description: "d" });
  expect(message.components?.[0]).toMatchObject({ components: [{ custom_id: "go" }] });
  const refused = await ada.request<Refusal>("POST", `/channels/${ada.channelId}/messages`, {
    content: "x",
    components: [{ type: 1, components: [{ type: 2, style: 1, label: "no id" }] }],
  });
  expect(JSON.stringify(refused.body.errors)).toContain(
    '"custom_id":{"_errors":[{"code":"BASE_TYPE_REQUIRED"',
  );
  expect(await refusalCode(channel.send({ embeds: [{ description: "x".repeat(4097) }] }))).toBe(
    50035,
  );
});

test("a person and a bot talk in a DM that nobody else sees", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  await using bot = await connectBot(playground);
  const heard = nextEvent<Message>(bot.client, Events.MessageCreate);
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "in private");
  await (await heard).reply("quite");
  await ada.waitForMessage((message) => message.content === "quite");
  expect((await ada.openDm(ada.session.botUserId)).id).toBe(dm.id);
  expect((await ben.request("GET", `/channels/${dm.id}/messages`)).body).toMatchObject({
    code: 50001,
  });
  expect(ben.events.map((event) => event.t)).not.toContain("MESSAGE_CREATE");
});

test("typing is shown to those who see the channel", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() !== true) throw new Error("no place to type in");
  await channel.sendTyping();
  const event = await ada.waitForEvent("TYPING_START");
  expect(event).toMatchObject({ user_id: ada.session.botUserId, channel_id: ada.channelId });
});
