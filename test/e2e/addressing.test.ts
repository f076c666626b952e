import { expect, it, vi } from "vitest";
import { toChannelId, toMessageId } from "../../src/chat/ids.ts";
import { startTestBot, waitForReply } from "../support/bot.ts";
import { createGate, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";

it("answers in a channel only when it is mentioned or replied to, and refers to the message", async () => {
  const engine = new ScriptedEngine([say("Here."), say("Again.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const bot = `<@${ada.session.botUserId}>`;
  await ada.post(ada.channelId, "Nobody asked you.");
  const asked = await ada.post(ada.channelId, `${bot} are you there?`);
  const answer = await waitForReply(ada, ada.channelId, "Here.");
  expect(answer.message_reference?.message_id).toBe(asked.id);
  await ada.reply(answer, "And now?");
  await waitForReply(ada, ada.channelId, "Again.");
  expect(engine.requests.map((request) => request.messages.at(-1)?.text)).toEqual([
    "are you there?",
    "And now?",
  ]);
});

it("needs no mention in a direct message, nor in a thread once it was addressed there", async () => {
  const engine = new ScriptedEngine([say("Direct."), say("Joined."), say("Still here.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "Hello!");
  await waitForReply(ada, dm.id, "Direct.");
  const thread = await ada.openThread(ada.channelId, "A thread");
  await ada.post(thread.id, "Not to you.");
  await ada.post(thread.id, `<@${ada.session.botUserId}> join us`);
  await waitForReply(ada, thread.id, "Joined.");
  await ada.post(thread.id, "Still there?");
  await waitForReply(ada, thread.id, "Still here.");
  expect(engine.requests).toHaveLength(3);
});

it("begins a thread's history with the message that the thread hangs on", async () => {
  const engine = new ScriptedEngine([say("Tea it is.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const starter = await ada.post(ada.channelId, "I like tea.");
  const thread = await ada.openThread(ada.channelId, "Tea", starter.id);
  await ada.post(thread.id, `<@${ada.session.botUserId}> what do I like?`);
  await waitForReply(ada, thread.id, "Tea it is.");
  expect(engine.requests[0]?.messages.map((message) => message.text)).toEqual([
    "Be kind.",
    "I like tea.",
    "what do I like?",
  ]);
});

it("names the speakers once a second person speaks", async () => {
  const engine = new ScriptedEngine([say("One."), say("Two.")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  const thread = await ada.openThread(ada.channelId, "Both");
  await ada.post(thread.id, `<@${ada.session.botUserId}> I am first.`);
  await waitForReply(ada, thread.id, "One.");
  await ben.post(thread.id, "I am second.");
  await waitForReply(ada, thread.id, "Two.");
  expect(engine.requests.map((request) => request.messages.map(({ text }) => text))).toEqual([
    ["Be kind.", "I am first."],
    ["Be kind.", "Ada: I am first.", "One.", "Ben: I am second."],
  ]);
});

it("answers what was said during a reply together after it", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([[waitFor(gate), ...say("First.")], say("Both.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "One");
  await gate.reached;
  await ada.post(dm.id, "Two");
  const three = await ada.post(dm.id, "Three");
  while ((await test.store.conversations.alive(1))[0]?.lastMessageId !== three.id);
  gate.open();
  await waitForReply(ada, dm.id, "Both.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "One",
    "First.",
    "Two",
    "Three",
  ]);
  expect(engine.requests).toHaveLength(2);
});

it("forgets what is deleted and follows what is edited", async () => {
  const engine = new ScriptedEngine([say("A."), say("B."), say("C.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  const secret = await ada.post(dm.id, "My secret is 42.");
  await waitForReply(ada, dm.id, "A.");
  const typo = await ada.post(dm.id, "I like te.");
  const answer = await waitForReply(ada, dm.id, "B.");
  await ada.remove(secret);
  await ada.edit(typo, "I like tea.");
  await test.bot.client.rest.delete(`/channels/${dm.id}/messages/${answer.id}`);
  await ada.post(dm.id, "What do you know?");
  await waitForReply(ada, dm.id, "C.");
  expect(engine.requests[2]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "A.",
    "I like tea.",
    "What do you know?",
  ]);
});

it("stops a reply whose question is taken back", async () => {
  const gate = createGate();
  const half = { kind: "say", text: "Half of it" } as const;
  const engine = new ScriptedEngine([[half, waitFor(gate), ...say("never")]]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  const asked = await ada.post(dm.id, "Tell me.");
  await gate.reached;
  await waitForReply(ada, dm.id, "Half of it");
  await ada.remove(asked);
  await waitForReply(ada, dm.id, /^Half of it\n-# ■ Stopped\.$/);
});

it("forgets what is deleted in bulk, and all of a deleted thread", async () => {
  const engine = new ScriptedEngine([say("A."), say("B."), say("C.")]);
  await using test = await startTestBot(engine);
  const { ada, store } = test;
  const thread = await ada.openThread(ada.channelId, "Short-lived");
  const first = await ada.post(thread.id, `<@${ada.session.botUserId}> one`);
  const answer = await waitForReply(ada, thread.id, "A.");
  const [placeId, answerId] = [toChannelId(thread.id), toMessageId(answer.id)];
  await vi.waitFor(async () => {
    expect(await store.conversations.findTurn(placeId, answerId)).toBeDefined();
  });
  const path = `/channels/${thread.id}/messages/bulk-delete`;
  await ada.request("POST", path, { messages: [first.id, answer.id] });
  await ada.post(thread.id, "two");
  await waitForReply(ada, thread.id, "B.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual(["Be kind.", "two"]);

  const dm = await ada.openDm(ada.session.botUserId);
  await ada.request("DELETE", `/channels/${thread.id}`);
  await ada.post(dm.id, "Is it gone?");
  await waitForReply(ada, dm.id, "C.");
  await vi.waitFor(async () => {
    expect(await store.conversations.find(placeId)).toBeUndefined();
  });
});

it("never answers bots, nor itself", async () => {
  const engine = new ScriptedEngine([say("Only once.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await test.bot.client.rest.post(`/channels/${dm.id}/messages`, { body: { content: "Echo?" } });
  await ada.post(dm.id, "Hello");
  await waitForReply(ada, dm.id, "Only once.");
  expect(engine.requests).toHaveLength(1);
});
