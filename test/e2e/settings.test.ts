import type { APIRole } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { toChannelId, toGuildId, toRoleId } from "../../src/chat/ids.ts";
import type { SettingsChange } from "../../src/chat/settings/settings.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { createGate, say, ScriptedEngine, think, waitFor } from "../support/scripted-engine.ts";

function mentionOf({ session }: Person): string {
  return `<@${session.botUserId}>`;
}

/** Before anything is said: the bot reads settings when it first needs them. */
async function setForServer({ ada, store }: TestBot, change: SettingsChange): Promise<void> {
  await store.settings.change({ kind: "guild", id: toGuildId(ada.session.guildId) }, change);
}

function saidTo(engine: ScriptedEngine): (string | undefined)[] {
  return engine.requests.map(({ messages }) => messages.at(-1)?.text);
}

it("answers everything in a channel where it always speaks, and elsewhere as before", async () => {
  const engine = new ScriptedEngine([say("I hear you."), say("Here, too.")]);
  await using test = await startTestBot(engine);
  const { ada, store } = test;
  const other = ada.session.channels.find(({ id, type }) => id !== ada.channelId && type === 0);
  await store.settings.change(
    { kind: "place", id: toChannelId(ada.channelId) },
    { speak: "always" },
  );
  await ada.post(ada.channelId, "Just so.");
  await waitForReply(ada, ada.channelId, "I hear you.");
  await ada.post(other?.id ?? "", "Nobody asked you.");
  const thread = await ada.openThread(ada.channelId, "Under it");
  await ada.post(thread.id, "And in a thread?");
  await waitForReply(ada, thread.id, "Here, too.");
  expect(saidTo(engine)).toEqual(["Just so.", "And in a thread?"]);
});

it("answers mentions alone where it is set so, in its own threads, too", async () => {
  const engine = new ScriptedEngine([say("Joined."), say("Once more.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await setForServer(test, { speak: "mention" });
  const thread = await ada.openThread(ada.channelId, "A thread");
  await ada.post(thread.id, `${mentionOf(ada)} join us`);
  await waitForReply(ada, thread.id, "Joined.");
  await ada.post(thread.id, "Not to you.");
  await ada.post(thread.id, `${mentionOf(ada)} and now?`);
  await waitForReply(ada, thread.id, "Once more.");
  expect(saidTo(engine)).toEqual(["join us", "and now?"]);
});

it("answers a wake word, whole and in any case", async () => {
  const engine = new ScriptedEngine([say("You called?")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await setForServer(test, { speak: "wake-words", wakeWords: ["Füchschen"] });
  await ada.post(ada.channelId, "All those Füchschenfamilien.");
  await ada.post(ada.channelId, "hey FÜCHSCHEN!");
  await waitForReply(ada, ada.channelId, "You called?");
  expect(saidTo(engine)).toEqual(["hey FÜCHSCHEN!"]);
});

it("never speaks where it is set so, but in direct messages", async () => {
  const engine = new ScriptedEngine([say("Here I may.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await setForServer(test, { speak: "never" });
  await ada.post(ada.channelId, `${mentionOf(ada)} are you there?`);
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "And here?");
  await waitForReply(ada, dm.id, "Here I may.");
  expect(saidTo(engine)).toEqual(["And here?"]);
  await ada.runCommand("chat", { message: "Then in a thread?" });
  await ada.waitForMessage(({ content }) => content === "I am set not to speak here.");
});

it("opens a thread on each mention in a channel, and goes on there", async () => {
  const engine = new ScriptedEngine([say("In here."), say("Still here.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await setForServer(test, { answerIn: "thread" });
  const asked = await ada.post(ada.channelId, `${mentionOf(ada)} tell me about tea`);
  await waitForReply(ada, asked.id, "In here.");
  const thread = await ada.request<{ name: string }>("GET", `/channels/${asked.id}`);
  expect(thread.body).toMatchObject({ name: "tell me about tea", parent_id: ada.channelId });
  await ada.post(asked.id, "And coffee?");
  await waitForReply(ada, asked.id, "Still here.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "tell me about tea",
    "In here.",
    "And coffee?",
  ]);
  const inChannel = await ada.messages(ada.channelId);
  expect(inChannel.filter(({ content }) => content === "In here.")).toEqual([]);
  await ada.remove(asked);
  const id = toChannelId(asked.id);
  while ((await test.store.conversations.find(id)) !== undefined) {
    const conversation = await test.store.conversations.find(id);
    const turns = conversation && (await test.store.conversations.view(conversation));
    if (turns?.every(({ text }) => text !== "tell me about tea") === true) break;
  }
});

it("answers in the channel where it may open no thread", async () => {
  const engine = new ScriptedEngine([say("Then here.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await setForServer(test, { answerIn: "thread" });
  const created = await ada.request<{ id: string }>(
    "POST",
    `/guilds/${ada.session.guildId}/channels`,
    {
      name: "no-threads",
      type: 0,
      // Create Public Threads
      permission_overwrites: [
        { id: ada.session.botUserId, type: 1, allow: "0", deny: String(1n << 35n) },
      ],
    },
  );
  await ada.post(created.body.id, `${mentionOf(ada)} hello`);
  await waitForReply(ada, created.body.id, "Then here.");
});

it("does not answer those whose role is denied, silently", async () => {
  const engine = new ScriptedEngine([say("Hello Ada.")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  const roles = `/guilds/${ada.session.guildId}/roles`;
  const { body: role } = await ada.request<APIRole>("POST", roles, { name: "Pest" });
  await ada.request("PUT", `/guilds/${ada.session.guildId}/members/${ben.id}/roles/${role.id}`);
  await setForServer(test, { access: { deniedRoles: [toRoleId(role.id)] } });
  await ben.post(ben.channelId, `${mentionOf(ben)} and me?`);
  await ada.post(ada.channelId, `${mentionOf(ada)} hello`);
  await waitForReply(ada, ada.channelId, "Hello Ada.");
  expect(saidTo(engine)).toEqual(["hello"]);
  const own = (await ada.messages(ada.channelId)).filter(
    ({ author }) => author.id === ada.session.botUserId,
  );
  expect(own.map(({ content }) => content)).toEqual(["Hello Ada."]);
});

it("says once when a person's quota is used up, keeps what they say, and answers others", async () => {
  const engine = new ScriptedEngine([say("The only one."), say("Hello Ben.")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await setForServer(test, { quota: { repliesPerHour: 1 } });
  const thread = await ada.openThread(ada.channelId, "A thread");
  await ada.post(thread.id, `${mentionOf(ada)} one`);
  const only = await waitForReply(ada, thread.id, "The only one.");
  await ada.waitForMessage(
    (message) => message.id === only.id && JSON.stringify(message.components).includes("regen"),
  );
  await ada.post(thread.id, "two");
  const told = await waitForReply(ada, thread.id, /^⏳ .* <t:\d+:R>\.$/);
  expect(told.content).toContain(`<@${ada.id}>`);
  expect(told.mentions).toEqual([]);
  await ada.post(thread.id, "three");
  await ben.post(thread.id, "And I?");
  await waitForReply(ada, thread.id, "Hello Ben.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "Ada: one",
    "The only one.",
    "Ada: two",
    "Ada: three",
    "Ben: And I?",
  ]);
  const refusals = (await ada.messages(thread.id)).filter(({ content }) =>
    content.startsWith("⏳"),
  );
  expect(refusals).toHaveLength(1);
});

it("counts another variant against the quota of who asks for it", async () => {
  const engine = new ScriptedEngine([say("One."), say("Two.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await setForServer(test, { quota: { repliesPerDay: 2 } });
  const thread = await ada.openThread(ada.channelId, "A thread");
  await ada.post(thread.id, `${mentionOf(ada)} hello`);
  await waitForReply(ada, thread.id, "One.");
  await ada.runCommand("retry", {}, thread.id);
  await waitForReply(ada, thread.id, "Two.");
  const { interactionId } = await ada.runCommand("retry", {}, thread.id);
  const answer = await ada.waitForMessage(
    (message) =>
      message.interaction_metadata?.id === interactionId && message.content.includes("<t:"),
  );
  expect(answer.content).toMatch(/^You have used up your quota/);
  expect(engine.requests).toHaveLength(2);
});

it("reads what people said before a mention, and follows their edits", async () => {
  const engine = new ScriptedEngine([say("I see."), say("Green it is.")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await setForServer(test, { overheardMessages: 2 });
  await ada.post(ada.channelId, "Too long ago.");
  await ada.post(ada.channelId, "I like tea.");
  const black = await ben.post(ben.channelId, "Black tea?");
  await ada.post(ada.channelId, `${mentionOf(ada)} what do you think?`);
  await waitForReply(ada, ada.channelId, "I see.");
  expect(engine.requests[0]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "Ada: I like tea.",
    "Ben: Black tea?",
    "Ada: what do you think?",
  ]);
  await ben.edit(black, "Green tea?");
  await ben.post(ben.channelId, "Or none.");
  await ada.post(ada.channelId, `${mentionOf(ada)} which?`);
  await waitForReply(ada, ada.channelId, "Green it is.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "Ada: I like tea.",
    "Ben: Green tea?",
    "Ada: what do you think?",
    "I see.",
    "Ben: Or none.",
    "Ada: which?",
  ]);
});

it("reads nothing along that was said before a reset", async () => {
  const engine = new ScriptedEngine([say("I see."), say("Afresh.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await setForServer(test, { overheardMessages: 5 });
  await ada.post(ada.channelId, `${mentionOf(ada)} hello`);
  await waitForReply(ada, ada.channelId, "I see.");
  await ada.post(ada.channelId, "Let us forget that.");
  await ada.runCommand("reset");
  await ada.waitForMessage(({ content }) => content.startsWith("Done"));
  await ada.post(ada.channelId, "A new day.");
  await ada.post(ada.channelId, `${mentionOf(ada)} good morning`);
  await waitForReply(ada, ada.channelId, "Afresh.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "A new day.",
    "good morning",
  ]);
});

it("has a mention that nobody listened to answered in a thread of its own, after a restart", async () => {
  const engine = new ScriptedEngine([say("Hello."), say("Here I am.")]);
  await using test = await startTestBot(engine);
  const { ada, playground, store } = test;
  await ada.post(ada.channelId, `${mentionOf(ada)} hello`);
  await waitForReply(ada, ada.channelId, "Hello.");
  await test.stop();
  await setForServer(test, { answerIn: "thread" });
  const asked = await ada.post(ada.channelId, `${mentionOf(ada)} are you there?`);
  const { stop } = await startOn({ engine, playground, store });
  await waitForReply(ada, asked.id, "Here I am.");
  await stop();
  expect(saidTo(engine)).toEqual(["hello", "are you there?"]);
});

it("lets everyone stop a reply where it is set so, and shows thoughts where it is", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([
    [think("Tea or coffee?"), { kind: "say", text: "A long" }, waitFor(gate), ...say(" story.")],
  ]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await setForServer(test, { controlledBy: "everyone", showThoughts: true });
  await ada.post(ada.channelId, `${mentionOf(ada)} tell me a story`);
  await gate.reached;
  await waitForReply(ada, ada.channelId, /A long/);
  await ben.runCommand("stop");
  await waitForReply(ada, ada.channelId, /Stopped/);
  await waitForReply(ada, ada.channelId, /Tea or coffee\?/);
});
