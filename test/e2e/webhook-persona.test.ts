import { ComponentType, PermissionFlagsBits } from "discord-api-types/v10";
import type { APIMessage, APIWebhook } from "discord-api-types/v10";
import { expect, it, vi } from "vitest";
import { createCardFiles } from "../../src/card-files.ts";
import { toChannelId, toGuildId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import { createPersonaContent } from "../../src/chat/persona/persona.ts";
import { isByBot, startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { createGate, end, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";

const PERSONA = "Code Reviewer";
const WEBHOOKS = { method: "GET", path: "/channels/:channel/webhooks" };
const WEBHOOK_POST = { method: "POST", path: "/webhooks/:webhook/:token" };

/** A bot whose replies in the server are the persona's. */
async function startAsPersona(script: readonly ScriptStep[][], name = PERSONA): Promise<TestBot> {
  const test = await startTestBot(new ScriptedEngine([...script]));
  const guild = { kind: "guild", id: toGuildId(test.ada.session.guildId) } as const;
  await test.store.personas.use(guild, {
    persona: { kind: "built-in", name },
    version: undefined,
  });
  return test;
}

async function mention({ ada }: TestBot, text: string, channelId = ada.channelId) {
  return await ada.post(channelId, `<@${ada.session.botUserId}> ${text}`);
}

async function webhooksOf({ ada }: TestBot): Promise<APIWebhook[]> {
  const path = `/channels/${ada.channelId}/webhooks`;
  return (await ada.request<APIWebhook[]>("GET", path)).body;
}

async function takeRight(
  { ada }: TestBot,
  right = PermissionFlagsBits.ManageWebhooks,
): Promise<void> {
  const path = `/channels/${ada.channelId}/permissions/${ada.session.botUserId}`;
  const deny = String(right);
  await ada.request("PUT", path, { type: 1, deny });
}

function idOf(message: APIMessage, label: RegExp): string {
  for (const row of message.components ?? []) {
    if (row.type !== ComponentType.ActionRow) continue;
    for (const one of row.components) {
      const isMeant = "custom_id" in one && "label" in one && label.test(one.label ?? "");
      if (isMeant) return one.custom_id;
    }
  }
  throw new Error(`no ${label.source}`);
}

function waitForState(person: Person, fits: (message: APIMessage) => boolean) {
  return person.waitForMessage((message) => isByBot(person, message) && fits(message));
}

function waitForButtons(person: Person, content: string, label: RegExp): Promise<APIMessage> {
  return waitForState(
    person,
    (message) => message.content === content && label.test(JSON.stringify(message.components)),
  );
}

/** A part is stored after its message has been posted. */
async function waitUntilStored({ store }: TestBot, message: APIMessage): Promise<void> {
  const [placeId, messageId] = [toChannelId(message.channel_id), toMessageId(message.id)];
  await vi.waitFor(async () => {
    expect(await store.conversations.findTurn(placeId, messageId)).toBeDefined();
  });
}

function waitForGone(person: Person, { id }: APIMessage): Promise<unknown> {
  return person.waitForEvent("MESSAGE_DELETE", (deleted) => deleted.id === id);
}

it("speaks under the persona's name, and grows by edits", async () => {
  const gate = createGate();
  await using test = await startAsPersona([
    [{ kind: "say", text: "Looks" }, waitFor(gate), { kind: "say", text: " right." }, end("stop")],
  ]);
  const { ada } = test;
  await mention(test, "Review this @everyone");
  const first = await waitForReply(ada, ada.channelId, "Looks");
  expect(first.author).toMatchObject({ username: PERSONA, bot: true });
  expect(first.author.id).not.toBe(ada.session.botUserId);
  gate.open();
  const whole = await waitForReply(ada, ada.channelId, "Looks right.");
  expect(whole).toMatchObject({ id: first.id, author: { username: PERSONA }, mentions: [] });
  expect(await webhooksOf(test)).toMatchObject([
    { id: first.webhook_id, application_id: ada.session.applicationId },
  ]);
});

it("has one webhook for a channel and its threads, also after a restart", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two"), say("Three")]);
  await using test = await startAsPersona([]);
  await test.stop();
  const { ada, playground, store } = test;
  const first = await startOn({ engine, playground, store });
  await mention(test, "Hello");
  const one = await waitForReply(ada, ada.channelId, "One");
  const { id } = await ada.openThread(ada.channelId, "Talk");
  await mention(test, "Hello", id);
  const two = await waitForReply(ada, id, "Two");
  await first.stop();
  const second = await startOn({ engine, playground, store });
  await ada.post(id, "Still there?");
  const three = await waitForReply(ada, id, "Three");
  await second.stop();
  const webhookIds = [one, two, three].map(({ webhook_id: webhookId }) => webhookId);
  expect(new Set(webhookIds)).toEqual(new Set((await webhooksOf(test)).map((each) => each.id)));
  expect(await webhooksOf(test)).toHaveLength(1);
});

it("makes another webhook when its own was deleted between two replies", async () => {
  await using test = await startAsPersona([say("One"), say("Two")]);
  const { ada } = test;
  await mention(test, "Hello");
  const one = await waitForReply(ada, ada.channelId, "One");
  await ada.request("DELETE", `/webhooks/${one.webhook_id}`);
  await mention(test, "Again");
  const two = await waitForReply(ada, ada.channelId, "Two");
  expect(two.author.username).toBe(PERSONA);
  expect(two.webhook_id).not.toBe(one.webhook_id);
});

it("looks for its webhook again when Discord no longer knows it", async () => {
  await using test = await startAsPersona([say("One"), say("Two")]);
  const { ada, playground } = test;
  await mention(test, "Hello");
  const one = await waitForReply(ada, ada.channelId, "One");
  playground.faults.answer({ ...WEBHOOK_POST, status: 404, code: 10_015 });
  await mention(test, "Again");
  const two = await waitForReply(ada, ada.channelId, "Two");
  expect(two).toMatchObject({ webhook_id: one.webhook_id, author: { username: PERSONA } });
});

it("does not follow its webhook into another channel", async () => {
  await using test = await startAsPersona([say("One"), say("Two")]);
  const { ada } = test;
  await mention(test, "Hello");
  const one = await waitForReply(ada, ada.channelId, "One");
  const random = ada.session.channels[1]?.id ?? "";
  await ada.request("PATCH", `/webhooks/${one.webhook_id}`, { channel_id: random });
  await mention(test, "Again");
  const two = await waitForReply(ada, ada.channelId, "Two");
  expect(two.author.username).toBe(PERSONA);
  expect(two.webhook_id).not.toBe(one.webhook_id);
  expect(await ada.messages(random)).toEqual([]);
});

it("posts a reply anew when its webhook is deleted in the middle of it", async () => {
  const gate = createGate();
  await using test = await startAsPersona([
    [{ kind: "say", text: "Half" }, waitFor(gate), { kind: "say", text: " and half" }, end("stop")],
    say("Next"),
  ]);
  const { ada } = test;
  await mention(test, "Hello");
  const half = await waitForReply(ada, ada.channelId, "Half");
  await ada.request("DELETE", `/webhooks/${half.webhook_id}`);
  gate.open();
  const whole = await waitForReply(ada, ada.channelId, "Half and half");
  expect(whole.id).not.toBe(half.id);
  expect(whole.author.username).toBe(PERSONA);
  await waitForGone(ada, half);
  await ada.reply(whole, "And?");
  await waitForReply(ada, ada.channelId, "Next");
});

it("speaks as the bot where it may not manage webhooks, and in messages to it", async () => {
  await using test = await startAsPersona([say("One"), say("Two")]);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "Hello");
  const one = await waitForReply(ada, dm.id, "One");
  await takeRight(test);
  await mention(test, "Hello");
  const two = await waitForReply(ada, ada.channelId, "Two");
  expect([one, two].map(({ author }) => author.id)).toEqual(Array(2).fill(ada.session.botUserId));
  expect(await webhooksOf(test)).toEqual([]);
});

it("speaks as the bot where nobody knows of webhooks, and where there is room for no more", async () => {
  await using test = await startAsPersona([say("One"), say("Two"), say("Three")]);
  const { ada, playground } = test;
  const [, random = { id: "" }] = ada.session.channels;
  const botUserId = ada.session.botUserId;
  playground.faults.answer({ ...WEBHOOKS, status: 501, times: 3 });
  await mention(test, "Hello", random.id);
  const one = await waitForReply(ada, random.id, "One");
  for (let count = 0; count < 15; count += 1) {
    await ada.request("POST", `/channels/${ada.channelId}/webhooks`, { name: "Full" });
  }
  await mention(test, "Hello");
  const two = await waitForReply(ada, ada.channelId, "Two");
  expect([one, two].map(({ author }) => author.id)).toEqual([botUserId, botUserId]);
});

it("speaks as the bot where Discord does not take the name", async () => {
  await using test = await startAsPersona([say("One"), say("Two")]);
  const { ada, playground } = test;
  playground.faults.answer({ ...WEBHOOK_POST, status: 400, code: 50_035 });
  await mention(test, "Hello");
  const one = await waitForReply(ada, ada.channelId, "One");
  await mention(test, "Again");
  const two = await waitForReply(ada, ada.channelId, "Two");
  expect([one, two].map(({ webhook_id: webhookId }) => webhookId)).toEqual([undefined, undefined]);
});

it("is not posted twice when nobody knows whether it was posted", async () => {
  await using test = await startAsPersona([say("One"), say("Two")]);
  const { ada, playground } = test;
  playground.faults.answer({ ...WEBHOOK_POST, status: 500, when: "after" });
  await mention(test, "Hello");
  await waitForButtons(ada, "One", /Regenerate/);
  playground.faults.drop({ ...WEBHOOK_POST, when: "after" });
  await mention(test, "Again");
  await waitForButtons(ada, "Two", /Regenerate/);
  const own = (await ada.messages(ada.channelId)).filter((message) => isByBot(ada, message));
  expect(own.map(({ author, content }) => [author.username, content])).toEqual([
    [PERSONA, "Two"],
    [PERSONA, "One"],
  ]);
});

it("marks a reply that a crash cut off", async () => {
  const gate = createGate();
  await using test = await startAsPersona([[{ kind: "say", text: "Half" }, waitFor(gate)]]);
  const { ada, bot, playground, store } = test;
  await mention(test, "Hello");
  const half = await waitForReply(ada, ada.channelId, "Half");
  await bot.client.destroy();
  const restarted = await startOn({ engine: new ScriptedEngine([]), playground, store });
  const marked = await waitForReply(ada, ada.channelId, /^Half\n-# /);
  expect(marked).toMatchObject({ id: half.id, author: { username: PERSONA } });
  await restarted.stop();
  gate.open();
});

it("shows the picture of the persona's card, uploaded once and without the card in it", async () => {
  await using test = await startTestBot(new ScriptedEngine([say("One"), say("Two")]));
  const { ada, playground, store } = test;
  const guildId = toGuildId(ada.session.guildId);
  const cards = createCardFiles();
  const file = await cards.write(createPersonaContent({ name: "Rosie" }), "v2-png");
  const { content } = await cards.read(file, "rosie.png");
  const by = { id: toUserId(ada.id), name: "Ada" };
  const created = await store.personas.create(guildId, content, by);
  if (created === undefined) throw new Error("no persona");
  const persona = { kind: "stored", id: created.id } as const;
  await store.personas.use({ kind: "guild", id: guildId }, { persona, version: undefined });
  await mention(test, "Hello");
  const one = await waitForReply(ada, ada.channelId, "One");
  await mention(test, "Again");
  const two = await waitForReply(ada, ada.channelId, "Two");
  expect(Buffer.from(file).includes("chara")).toBe(true);
  expect(two.author).toMatchObject({ username: "Rosie", avatar: one.author.avatar });
  const shown = await fetch(
    new URL(`/avatars/${one.author.id}/${one.author.avatar}.png`, playground.pageUrl),
  );
  const bytes = Buffer.from(await shown.arrayBuffer());
  expect([shown.status, bytes.includes("chara")]).toEqual([200, false]);
});

it("goes on with a reply in whose middle the right is taken away, and is the bot in the next", async () => {
  const gate = createGate();
  await using test = await startAsPersona([
    [{ kind: "say", text: "Half" }, waitFor(gate), { kind: "say", text: " and half" }, end("stop")],
    say("Plain"),
  ]);
  const { ada } = test;
  await mention(test, "Hello");
  const half = await waitForReply(ada, ada.channelId, "Half");
  await takeRight(test);
  gate.open();
  const whole = await waitForReply(ada, ada.channelId, "Half and half");
  expect(whole.id).toBe(half.id);
  await mention(test, "Again");
  const plain = await waitForReply(ada, ada.channelId, "Plain");
  expect(plain.author.id).toBe(ada.session.botUserId);
  await waitForState(ada, ({ components, id }) => id === half.id && components?.length === 0);
});

it("is itself where a system prompt is set, and where the setting says so", async () => {
  await using test = await startAsPersona([say("One")]);
  const { ada, playground, store } = test;
  const { id } = await ada.openThread(ada.channelId, "Talk");
  const placeId = toChannelId(id);
  await store.systemPrompts.change(placeId, "You are a cat.", {
    id: toUserId(ada.id),
    name: "Ada",
  });
  await mention(test, "Hello", id);
  const one = await waitForReply(ada, id, "One");
  await test.stop();
  const guild = { kind: "guild", id: toGuildId(ada.session.guildId) } as const;
  await store.settings.change(guild, { personaWebhook: false });
  const engine = new ScriptedEngine([say("Two")]);
  const started = await startOn({ engine, playground, store });
  await mention(test, "Hello");
  const two = await waitForReply(ada, ada.channelId, "Two");
  await started.stop();
  expect([one, two].map(({ author }) => author.id)).toEqual(Array(2).fill(ada.session.botUserId));
});

it("never answers a webhook, its own least of all, but whoever replies to one of its own", async () => {
  await using test = await startAsPersona([say("One"), say("Two")]);
  const { ada, ben } = test;
  const path = `/channels/${ada.channelId}/webhooks`;
  const { body } = await ada.request<Required<APIWebhook>>("POST", path, { name: "Courier" });
  const content = `<@${ada.session.botUserId}> Hello`;
  await ada.request("POST", `/webhooks/${body.id}/${body.token}`, { content });
  await mention(test, "Hello");
  const one = await waitForReply(ada, ada.channelId, "One");
  await ben.reply(one, "And what else?");
  await waitForReply(ada, ada.channelId, "Two");
  const own = (await ada.messages(ada.channelId)).filter((message) => isByBot(ada, message));
  expect(own.map((message) => message.content)).toEqual(["Two", "One"]);
});

it("has buttons that work, also after a restart, and takes them from the reply before", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two"), say("Three")]);
  await using test = await startAsPersona([]);
  await test.stop();
  const { ada, playground, store } = test;
  const first = await startOn({ engine, playground, store });
  const { id } = await ada.openThread(ada.channelId, "Talk");
  await mention(test, "Hello", id);
  const one = await waitForButtons(ada, "One", /Regenerate/);
  await first.stop();
  const second = await startOn({ engine, playground, store });
  await ada.press(one, idOf(one, /Regenerate/));
  const two = await waitForButtons(ada, "Two", /2\/2/);
  expect(two).toMatchObject({ id: one.id, author: { username: PERSONA } });
  await ada.press(two, idOf(two, /◀/));
  await waitForButtons(ada, "One", /1\/2/);
  await ada.post(id, "And then?");
  await waitForButtons(ada, "Three", /Regenerate/);
  await waitForState(ada, (message) => message.id === one.id && message.components?.length === 0);
  await second.stop();
});

it("changes what it said before a restart, also where the right is gone since", async () => {
  const engine = new ScriptedEngine([say("Two")]);
  await using test = await startAsPersona([say("One")]);
  const { ada, playground, store } = test;
  await mention(test, "Hello");
  const one = await waitForButtons(ada, "One", /Regenerate/);
  await test.stop();
  await takeRight(test);
  const restarted = await startOn({ engine, playground, store });
  await ada.press(one, idOf(one, /Regenerate/));
  const two = await waitForButtons(ada, "Two", /2\/2/);
  expect(two.id).toBe(one.id);
  await restarted.stop();
});

it("does not use a webhook to speak where it may not speak itself", async () => {
  await using test = await startAsPersona([say("One"), say("Two")]);
  const { ada } = test;
  await takeRight(test, PermissionFlagsBits.SendMessages);
  await mention(test, "Hello");
  const { id } = await ada.openThread(ada.channelId, "Talk");
  await mention(test, "Hello", id);
  await waitForReply(ada, id, /One|Two/);
  const own = (await ada.messages(ada.channelId)).filter((message) => isByBot(ada, message));
  expect(own).toEqual([]);
});

it("forks, forgets and takes back what a persona said", async () => {
  await using test = await startAsPersona([say("One"), say("Two"), say("Three"), say("Four")]);
  const { ada, store } = test;
  const { id } = await ada.openThread(ada.channelId, "Talk");
  await mention(test, "Hello", id);
  const one = await waitForButtons(ada, "One", /Regenerate/);
  await waitUntilStored(test, one);
  await ada.runContextMenu("Fork from here", one.id, id);
  const opened = await ada.waitForMessage(({ content }) => content.startsWith("Here it is"));
  expect(opened.content).toMatch(/<#\d+>/);
  await ada.runContextMenu("Forget this message", one.id, id);
  await waitForGone(ada, one);
  await ada.post(id, "More");
  const two = await waitForButtons(ada, "Two", /Regenerate/);
  await ada.runCommand("undo", {}, id);
  await waitForGone(ada, two);
  await ada.post(id, "And more");
  const three = await waitForButtons(ada, "Three", /Regenerate/);
  await waitUntilStored(test, three);
  await ada.remove(three);
  await ada.post(id, "Once more");
  await waitForReply(ada, id, "Four");
  const texts: string[] = [];
  for await (const page of store.conversations.history(toChannelId(id))) {
    texts.push(...page.map(({ text }) => text));
  }
  expect(texts).toEqual(["And more", "Once more", "Four"]);
});
