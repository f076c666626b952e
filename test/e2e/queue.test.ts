import { expect, it } from "vitest";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { createGate, say, ScriptedEngine, think, waitFor } from "../support/scripted-engine.ts";

const NEXT = /^-# ⏳ You are next in the queue\.$/;

/** Opens a thread and says something to Familiar in it. */
async function askInThread(person: Person, text: string): Promise<string> {
  const thread = await person.openThread(person.channelId, text);
  await person.post(thread.id, `<@${person.session.botUserId}> ${text}`);
  return thread.id;
}

async function ownContents(person: Person, channelId: string): Promise<string[]> {
  const messages = await person.messages(channelId, 50);
  return messages.filter(({ author }) => author.bot === true).map(({ content }) => content);
}

it("shows people their place, moves them up, and writes into the same message", async () => {
  const gate = createGate();
  const replies = [[...say("One.").slice(0, 1), waitFor(gate), ...say(" Done.")], say("Two.")];
  await using test = await startTestBot(new ScriptedEngine([...replies, say("Three.")], 4_096, 1));
  const { ada } = test;
  const first = await askInThread(ada, "first");
  await waitForReply(ada, first, "One.");
  const second = await askInThread(ada, "second");
  const waiting = await waitForReply(ada, second, NEXT);
  const third = await askInThread(ada, "third");
  const last = await waitForReply(ada, third, /^-# ⏳ You are number 2 in the queue\.$/);
  gate.open();
  await waitForReply(ada, first, "One. Done.");
  expect((await waitForReply(ada, second, "Two.")).id).toBe(waiting.id);
  expect((await waitForReply(ada, third, "Three.")).id).toBe(last.id);
  expect(await ownContents(ada, third)).toEqual(["Three."]);
});

it("lets nobody with several threads keep another person waiting", async () => {
  const gate = createGate();
  const texts = ["two", "three", "four"].map((text) => say(text));
  const engine = new ScriptedEngine([[waitFor(gate), ...say("one")], ...texts], 4_096, 1);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  const first = await askInThread(ada, "first of Ada");
  await gate.reached;
  const second = await askInThread(ada, "second of Ada");
  await waitForReply(ada, second, NEXT);
  const third = await askInThread(ada, "third of Ada");
  await waitForReply(ada, third, /number 2/);
  const bens = await askInThread(ben, "only one of Ben");
  await waitForReply(ben, bens, NEXT);
  gate.open();
  await waitForReply(ada, first, "one");
  await waitForReply(ben, bens, "two");
  await waitForReply(ada, second, "three");
  await waitForReply(ada, third, "four");
});

it("refuses with a sentence what is too much, and keeps what was said", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([[waitFor(gate), ...say("one")], say("two")], 4_096, 1);
  await using test = await startTestBot(engine, { settings: { maxWaiting: 0 } });
  const { ada, ben } = test;
  const first = await askInThread(ada, "first");
  await gate.reached;
  const refused = await askInThread(ben, "too much");
  const { content } = await waitForReply(ben, refused, /^-# ⏳ /);
  expect(content).not.toContain("next in the queue");
  gate.open();
  await waitForReply(ada, first, "one");
  await ben.post(refused, "Now?");
  await waitForReply(ben, refused, "two");
  const asked = engine.requests[1]?.messages.map(({ text }) => text);
  expect(asked?.some((text) => text.includes("too much"))).toBe(true);
});

it("takes the place in the queue away when what was asked is deleted", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([[waitFor(gate), ...say("one")]], 4_096, 1);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const first = await askInThread(ada, "first");
  await gate.reached;
  const thread = await ada.openThread(ada.channelId, "Doomed");
  const question = await ada.post(thread.id, `<@${ada.session.botUserId}> never mind`);
  const waiting = await waitForReply(ada, thread.id, NEXT);
  const gone = ada.waitForEvent("MESSAGE_DELETE", ({ id }) => id === waiting.id);
  await ada.request("DELETE", `/channels/${thread.id}/messages/${question.id}`);
  await gone;
  gate.open();
  await waitForReply(ada, first, "one");
  expect(engine.requests).toHaveLength(1);
});

it("answers after the next start what waited when it was stopped, and leaves no stale place", async () => {
  const gate = createGate();
  await using test = await startTestBot(new ScriptedEngine([[waitFor(gate)]], 4_096, 1));
  const { ada, playground, store } = test;
  await askInThread(ada, "first");
  await gate.reached;
  const second = await askInThread(ada, "second");
  await waitForReply(ada, second, NEXT);
  await test.stop();
  const later = new ScriptedEngine([say("Here I am."), say("Here I am.")]);
  const { stop } = await startOn({ engine: later, playground, store });
  await waitForReply(ada, second, "Here I am.");
  expect(await ownContents(ada, second)).toEqual(["Here I am."]);
  await stop();
});

it("hides what the model thinks, or shows it folded", async () => {
  const script = [[think("They greet me."), ...say("Hello!")]];
  await using hidden = await startTestBot(new ScriptedEngine(script));
  const dm = await hidden.ada.openDm(hidden.ada.session.botUserId);
  await hidden.ada.post(dm.id, "Hi");
  await waitForReply(hidden.ada, dm.id, "Hello!");
  expect((await ownContents(hidden.ada, dm.id)).join()).not.toContain("greet");

  await using shown = await startTestBot(new ScriptedEngine(script), {
    settings: { showThoughts: true },
  });
  const other = await shown.ada.openDm(shown.ada.session.botUserId);
  await shown.ada.post(other.id, "Hi");
  await waitForReply(shown.ada, other.id, /They greet me\./);
});

it("gives up a model that is silent for too long, and answers the next question", async () => {
  const engine = new ScriptedEngine([
    [...say("So far").slice(0, 1), waitFor(createGate())],
    say("Well again."),
  ]);
  await using test = await startTestBot(engine, { settings: { replyTimeoutMs: 300 } });
  const dm = await test.ada.openDm(test.ada.session.botUserId);
  await test.ada.post(dm.id, "Hi");
  await waitForReply(test.ada, dm.id, /^So far\n-# ⚠ Stopped: the model gave no sign of life/);
  await test.ada.post(dm.id, "And now?");
  await waitForReply(test.ada, dm.id, "Well again.");
});
