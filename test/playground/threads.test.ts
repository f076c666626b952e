import type { APIChannel, APIMessage } from "discord-api-types/v10";
import { Events, type Message, MessageType, type ThreadChannel } from "discord.js";
import { expect, test } from "vitest";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { connectBot, nextEvent } from "../support/playground-bot.ts";

test("a thread started from a message has its id, and begins with a message that shows it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const heard = nextEvent<Message>(bot.client, Events.MessageCreate);
  const starter = await ada.post(ada.channelId, "let us talk");
  const thread = await (await heard).startThread({ name: "talk" });
  await thread.send("here");
  const first = await ada.waitForMessage(
    (message) => message.type === MessageType.ThreadStarterMessage,
  );
  expect(thread.id).toBe(starter.id);
  expect(first).toMatchObject({
    channel_id: thread.id,
    content: "",
    message_reference: { message_id: starter.id, channel_id: ada.channelId },
    referenced_message: { content: "let us talk" },
  });
  const parent = await ada.message(ada.channelId, starter.id);
  expect(parent.thread).toMatchObject({ id: thread.id, name: "talk", message_count: 1 });
  expect((await thread.fetchStarterMessage())?.content).toBe("let us talk");
});

test("a thread started without a message is announced in its parent", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const created = nextEvent<ThreadChannel>(bot.client, Events.ThreadCreate);
  const thread = await ada.openThread(ada.channelId, "ideas");
  const notice = await ada.waitForMessage((message) => message.type === MessageType.ThreadCreated);
  expect(notice).toMatchObject({
    channel_id: ada.channelId,
    content: "ideas",
    message_reference: { channel_id: thread.id },
  });
  expect((await created).ownerId).toBe(ada.id);
  expect((await created).parentId).toBe(ada.channelId);
});

test("a message carries one thread only: the second is refused with 160004", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const message = await ada.post(ada.channelId, "x");
  await ada.openThread(ada.channelId, "one", message.id);
  const second = await ada.request(
    "POST",
    `/channels/${ada.channelId}/messages/${message.id}/threads`,
    { name: "two" },
  );
  expect(second).toMatchObject({ status: 400, body: { code: 160004 } });
});

test("whoever writes in a thread or is mentioned there becomes its member", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const thread = await ada.openThread(ada.channelId, "t");
  await ada.post(thread.id, `<@${ada.session.botUserId}> hello`);
  await ben.post(thread.id, "me too");
  await ada.waitForEvent("THREAD_MEMBERS_UPDATE", (event) => event.member_count === 3);
  const { body } = await ada.request<{ user_id: string }[]>(
    "GET",
    `/channels/${thread.id}/thread-members`,
  );
  expect(body.map((member) => member.user_id)).toEqual([ada.id, ada.session.botUserId, ben.id]);
});

test("an archived thread takes no edits, and wakes when someone writes in it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const thread = await ada.openThread(ada.channelId, "t");
  const message = await ada.post(thread.id, "x");
  const archive = { archived: true };
  expect((await ada.request("PATCH", `/channels/${thread.id}`, archive)).status).toBe(200);
  const edit = await ada.request("PATCH", `/channels/${thread.id}/messages/${message.id}`, {
    content: "y",
  });
  expect(edit).toMatchObject({ status: 400, body: { code: 50083 } });
  await ada.post(thread.id, "wake up");
  const event = await ada.waitForEvent(
    "THREAD_UPDATE",
    (update) => update.thread_metadata.archived === false,
  );
  expect(event.id).toBe(thread.id);
});

test("a locked thread is closed to members and open to moderators", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const thread = await ada.openThread(ada.channelId, "t");
  await ada.request("PATCH", `/channels/${thread.id}`, { locked: true });
  const path = `/channels/${thread.id}/messages`;
  expect(await ben.request("POST", path, { content: "x" })).toMatchObject({
    status: 400,
    body: { code: 160005 },
  });
  await ada.request("PATCH", `/channels/${thread.id}`, { archived: true });
  expect(await ben.request("POST", path, { content: "x" })).toMatchObject({
    status: 400,
    body: { code: 50083 },
  });
  expect((await ben.request("PATCH", `/channels/${thread.id}`, { archived: false })).status).toBe(
    400,
  );
  expect((await ada.post(thread.id, "still here")).content).toBe("still here");
});

test("its owner renames and archives a thread, another member does not", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const own = await ben.openThread(ben.channelId, "his");
  const foreign = await ada.openThread(ada.channelId, "hers");
  const rename = { name: "new" };
  expect((await ben.request("PATCH", `/channels/${own.id}`, rename)).status).toBe(200);
  expect(await ben.request("PATCH", `/channels/${foreign.id}`, rename)).toMatchObject({
    status: 403,
    body: { code: 50013 },
  });
});

test("active threads are listed, archived ones apart", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const open = await ada.openThread(ada.channelId, "open");
  const closed = await ada.openThread(ada.channelId, "closed");
  await ada.request("PATCH", `/channels/${closed.id}`, { archived: true });
  const list = async (path: string): Promise<string[]> =>
    (await ada.request<{ threads: APIChannel[] }>("GET", path)).body.threads.map(({ id }) => id);
  expect(await list(`/guilds/${ada.session.guildId}/threads/active`)).toEqual([open.id]);
  expect(await list(`/channels/${ada.channelId}/threads/archived/public`)).toEqual([closed.id]);
});

test("a deleted thread is gone with its messages, and the bot hears of it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using bot = await connectBot(playground);
  const starter = await ada.post(ada.channelId, "x");
  const thread = await ada.openThread(ada.channelId, "t", starter.id);
  const message = await ada.post(thread.id, "inside");
  const gone = nextEvent<ThreadChannel>(bot.client, Events.ThreadDelete);
  await ada.request("DELETE", `/channels/${thread.id}`);
  expect((await gone).id).toBe(thread.id);
  const read = await ada.request("GET", `/channels/${thread.id}/messages/${message.id}`);
  expect(read.body).toMatchObject({ code: 10003 });
  const parent = await ada.message(ada.channelId, starter.id);
  expect(parent.thread).toBeUndefined();
});

test("a private thread is hidden from everyone whom nobody added", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const { body: thread } = await ada.request<APIChannel>(
    "POST",
    `/channels/${ada.channelId}/threads`,
    { name: "secret" },
  );
  expect(thread.type).toBe(12);
  const path = `/channels/${thread.id}/messages`;
  expect((await ben.request("GET", path)).body).toMatchObject({ code: 50001 });
  await ada.request("PUT", `/channels/${thread.id}/thread-members/${ben.id}`);
  await ben.waitForEvent("THREAD_CREATE", (event) => event.id === thread.id);
  expect((await ben.request<APIMessage[]>("GET", path)).status).toBe(200);
});

test("deleting a channel takes its threads with it", async () => {
  await using playground = await startTestPlayground();
  await using ada = await connectPerson(playground, "Ada");
  const { body: channel } = await ada.request<APIChannel>(
    "POST",
    `/guilds/${ada.session.guildId}/channels`,
    { name: "Short Lived", type: 0 },
  );
  const thread = await ada.openThread(channel.id, "t");
  await ada.request("DELETE", `/channels/${channel.id}`);
  const deleted = await ada.waitForEvent("CHANNEL_DELETE");
  expect(deleted).toMatchObject({ id: channel.id, name: "short-lived" });
  expect((await ada.request("GET", `/channels/${thread.id}`)).body).toMatchObject({ code: 10003 });
});
