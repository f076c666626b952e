import { GatewayIntentBits, MessageFlags, PermissionFlagsBits } from "discord-api-types/v10";
import type { APIMessage, APIWebhook } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { toChannelId } from "../../src/chat/ids.ts";
import type { HistoryEntry } from "../../src/chat/conversation.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

const MANY = { requests: 10_000, perMs: 1_000 };
/** People may write as fast as they like; the bot reads at Discord's pace. */
const chatty = { limits: { global: MANY, messageCreate: MANY } };

/** The answer that only this person sees, once nothing can be stopped any more. */
async function adopt(
  person: Person,
  options: Readonly<Record<string, number>> = {},
  channelId = person.channelId,
): Promise<string> {
  const before = person.events.length;
  await person.runCommand("adopt", options, channelId);
  const { content } = await person.waitForMessage(
    (message) =>
      message.flags === MessageFlags.Ephemeral &&
      message.content !== "" &&
      (message.components ?? []).length === 0 &&
      person.events.findIndex(({ d }) => d === message) >= before,
  );
  return content;
}

async function historyOf({ store }: TestBot, channelId: string): Promise<HistoryEntry[]> {
  const entries: HistoryEntry[] = [];
  for await (const page of store.conversations.history(toChannelId(channelId))) {
    entries.push(...page);
  }
  return entries;
}

async function textsOf(test: TestBot, channelId = test.ada.channelId): Promise<string[]> {
  return (await historyOf(test, channelId)).map(({ text }) => text);
}

async function mention({ ada }: TestBot, text: string, channelId = ada.channelId) {
  return await ada.post(channelId, `<@${ada.session.botUserId}> ${text}`);
}

/** Another app speaks in the channel. */
async function postAsOther({ ada }: TestBot, content: string): Promise<void> {
  const path = `/channels/${ada.channelId}/webhooks`;
  const { id, token } = (await ada.request<APIWebhook>("POST", path, { name: "Other" })).body;
  await ada.request("POST", `/webhooks/${id}/${token}`, { content });
}

it("knows afterwards what was said in a channel before it was there", async () => {
  const engine = new ScriptedEngine([say("At six.")]);
  await using test = await startTestBot(engine);
  const { ada, ben, bot } = test;
  const asked = await ada.post(ada.channelId, "When do we meet?");
  await postAsOther(test, "Buy our things!");
  await ben.reply(asked, "At six.");
  const channel = await bot.client.channels.fetch(ada.channelId);
  if (channel?.isSendable() === true) await channel.send("Noted.\n-# A small print");
  expect(await adopt(ada)).toMatch(
    /^4 messages read, back to <t:\d+:D>\. 3 of them are new to me\. There is nothing older\.$/,
  );
  expect(await historyOf(test, ada.channelId)).toMatchObject([
    { role: "user", speaker: { id: ada.id, name: "Ada" }, text: "When do we meet?" },
    {
      role: "user",
      speaker: { id: ben.id },
      text: '[replying to: Ada, "When do we meet?"]\nAt six.',
    },
    { role: "assistant", speaker: undefined, text: "Noted." },
  ]);
  await mention(test, "When was it?");
  await waitForReply(ada, ada.channelId, "At six.");
  expect(engine.requests[0]?.messages.map(({ text }) => text)).toEqual([
    expect.stringContaining("Be kind."),
    "Ada: When do we meet?",
    'Ben: [replying to: Ada, "When do we meet?"]\nAt six.',
    "Noted.",
    "Ada: When was it?",
  ]);
});

it("adds only what is missing, wherever it belongs", async () => {
  const engine = new ScriptedEngine([say("Hello."), say("Still here.")]);
  await using test = await startTestBot(engine, chatty);
  const { ada, ben } = test;
  const texts = Array.from({ length: 230 }, (_, index) => `Message ${index}`);
  for (const text of texts) await ben.post(ben.channelId, text);
  expect(await adopt(ada, { messages: 120 })).toMatch(
    /^120 messages read, back to .*120 of them are new to me\. There may be more before that\.$/,
  );
  expect(await textsOf(test)).toEqual(texts.slice(110));
  await mention(test, "Hi");
  await waitForReply(ada, ada.channelId, "Hello.");
  expect(await adopt(ada)).toMatch(/^232 messages read, .*110 of them are new/);
  const all = [...texts, "Hi", "Hello."];
  expect(await textsOf(test)).toEqual(all);
  expect(await adopt(ada, { days: 1 })).toMatch(/^232 messages read, .* Nothing of that is new/);
  expect(await textsOf(test)).toEqual(all);
  // What was before the conversation's beginning stays stored, and out of the prompt.
  await mention(test, "Again");
  await waitForReply(ada, ada.channelId, "Still here.");
  expect(engine.requests[1]?.messages[1]?.text).toBe("Ben: Message 110");
});

it("changes and forgets what people change and take back later", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const [first, second] = [
    await ada.post(ada.channelId, "A secret"),
    await ben.post(ben.channelId, "A tpyo"),
  ];
  await adopt(ada);
  await ada.remove(first);
  await ben.edit(second, "A typo");
  await expect.poll(() => textsOf(test)).toEqual(["A typo"]);
});

it("answers nothing of it, also after a restart", async () => {
  const engine = new ScriptedEngine([say("Yes?")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await ada.post(ada.channelId, "Is anyone there?");
  await adopt(ada);
  await test.stop();
  const again = await startOn({ engine, playground: test.playground, store: test.store });
  await mention(test, "You?");
  await waitForReply(ada, ada.channelId, "Yes?");
  await again.stop();
  expect(engine.requests).toHaveLength(1);
});

it("reads a thread from the message that it hangs on", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const starter = await ben.post(ben.channelId, "Holiday plans");
  const thread = await ada.openThread(ada.channelId, "Plans", starter.id);
  await ada.post(thread.id, "To the sea!");
  expect(await adopt(ada, {}, thread.id)).toMatch(/2 of them are new to me/);
  expect(await textsOf(test, thread.id)).toEqual(["Holiday plans", "To the sea!"]);
});

it("says in one sentence why it cannot, and who may", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  await ada.post(ada.channelId, "Hi");
  expect(await adopt(ben)).toBe("You need the Manage Channels permission for that.");
  const path = `/channels/${ada.channelId}/permissions/${ada.session.botUserId}`;
  const deny = String(PermissionFlagsBits.ReadMessageHistory);
  await ada.request("PUT", path, { type: 1, deny });
  expect(await adopt(ada)).toMatch(/^I may not read what was written here: /);
  expect(await textsOf(test)).toEqual([]);
});

it("tells what Discord withheld", async () => {
  const deniedIntents = GatewayIntentBits.MessageContent;
  await using test = await startTestBot(new ScriptedEngine([]), { deniedIntents });
  const { ada } = test;
  await ada.post(ada.channelId, "A secret");
  await ada.post(ada.channelId, `Hello <@${ada.session.botUserId}> there`, {
    allowed_mentions: { users: [ada.session.botUserId] },
  });
  const told = await adopt(ada);
  expect(told).toMatch(/I could not read 1 message: the Message Content intent/);
  expect(await textsOf(test)).not.toContain("A secret");
});

it("can be stopped, and says so where it is not reading any more", async () => {
  await using test = await startTestBot(new ScriptedEngine([]), chatty);
  const { ada, ben, playground } = test;
  for (let index = 0; index < 101; index += 1) await ben.post(ben.channelId, `Message ${index}`);
  const path = "/channels/:channel/messages";
  const isOffered = (message: APIMessage): boolean =>
    message.content.startsWith("I am reading: 100 messages read") &&
    (message.components ?? []).length > 0;
  playground.faults.delay({ method: "GET", path, times: 2 }, 1_000);
  const outcome = adopt(ada);
  const offered = await ada.waitForMessage(isOffered);
  await ada.press(offered, "adopt:stop");
  expect(await outcome).toBe("I am stopping…");
  const last = await ada.waitForMessage(({ content }) => content.startsWith("100 messages read"));
  expect(last.content).toMatch(/Then I was stopped: `\/adopt` adds the rest\.$/);
  expect(await textsOf(test)).toHaveLength(100);
});
