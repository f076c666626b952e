import { GatewayIntentBits } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { startTestBot, waitForReply } from "../support/bot.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

const withoutContent = { deniedIntents: GatewayIntentBits.MessageContent };
const NOTICE = /^I cannot read messages here that do not mention me/;

it("answers mentions, replies that mention it, and direct messages", async () => {
  const engine = new ScriptedEngine([say("Here."), say("Again."), say("Direct.")]);
  await using test = await startTestBot(engine, withoutContent);
  const { ada, ben } = test;
  const aside = await ben.post(ada.channelId, "A secret.");
  await ada.reply(aside, `<@${ada.session.botUserId}> are you there?`);
  const here = await waitForReply(ada, ada.channelId, "Here.");
  await ada.reply(here, "And now?");
  await waitForReply(ada, ada.channelId, "Again.");
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "In private");
  await waitForReply(ada, dm.id, "Direct.");
  expect(engine.requests.map(({ messages }) => messages.at(-1)?.text)).toEqual([
    "[replying to: Ben]\nare you there?",
    "And now?",
    "In private",
  ]);
  expect(ada.events.filter(({ d }) => NOTICE.test(d?.content ?? ""))).toEqual([]);
});

it("opens threads with /chat, and says once in each what it cannot read there", async () => {
  const engine = new ScriptedEngine([say("Hello."), say("Mentioned.")]);
  await using test = await startTestBot(engine, withoutContent);
  const { ada } = test;
  await ada.runCommand("chat", { message: "Hi" });
  const { channel_id: threadId } = await ada.waitForMessage(({ content }) => content === "Hello.");
  await ada.post(threadId, "Did you get that?");
  const notice = await waitForReply(ada, threadId, NOTICE);
  expect(notice).toMatchObject({ mentions: [] });
  expect(notice.content).toContain(`<@${ada.session.botUserId}>`);
  await ada.post(threadId, "And that?");
  await ada.post(threadId, `<@${ada.session.botUserId}> and this?`);
  await waitForReply(ada, threadId, "Mentioned.");
  const notices = (await ada.messages(threadId)).filter(({ content }) => NOTICE.test(content));
  expect(notices).toHaveLength(1);
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "Hi",
    "Hello.",
    "and this?",
  ]);
});

it("says it in a channel where someone replies to it without a mention, and nowhere else", async () => {
  const engine = new ScriptedEngine([say("Here."), say("Still.")]);
  await using test = await startTestBot(engine, withoutContent);
  const { ada } = test;
  await ada.post(ada.channelId, "Just among us.");
  const asked = await ada.post(ada.channelId, `<@${ada.session.botUserId}> there?`);
  const here = await waitForReply(ada, ada.channelId, "Here.");
  await ada.edit(asked, "there?");
  expect(ada.events.filter(({ d }) => NOTICE.test(d?.content ?? ""))).toEqual([]);
  await ada.post(ada.channelId, "And now?", {
    message_reference: { message_id: here.id },
    allowed_mentions: { parse: [], replied_user: false },
  });
  await waitForReply(ada, ada.channelId, NOTICE);
  await ada.post(ada.channelId, `<@${ada.session.botUserId}> still?`);
  await waitForReply(ada, ada.channelId, "Still.");
  expect(engine.requests[1]?.messages[1]?.text).toBe("there?");
});
