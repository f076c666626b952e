import { ComponentType, MessageFlags } from "discord-api-types/v10";
import type { APIButtonComponentWithCustomId, APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { createGate, end, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";

function buttonsOf({ components }: APIMessage): APIButtonComponentWithCustomId[] {
  return (components ?? []).flatMap((row) =>
    row.type === ComponentType.ActionRow
      ? row.components.filter(
          (one): one is APIButtonComponentWithCustomId =>
            one.type === ComponentType.Button && "custom_id" in one,
        )
      : [],
  );
}

function labelsOf(message: APIMessage): (string | undefined)[] {
  return buttonsOf(message).map(({ label }) => label);
}

function idOf(message: APIMessage, label: RegExp): string {
  const found = buttonsOf(message).find((one) => label.test(one.label ?? ""));
  if (found === undefined) throw new Error(`no ${label.source} among ${labelsOf(message).join()}`);
  return found.custom_id;
}

/** The first state of a message of the bot with these words and these buttons. */
async function waitForButtons(
  person: Person,
  content: string | RegExp,
  labels: readonly string[],
): Promise<APIMessage> {
  return await person.waitForMessage(
    (message) =>
      message.author.id === person.session.botUserId &&
      (typeof content === "string" ? message.content === content : content.test(message.content)) &&
      JSON.stringify(labelsOf(message)) === JSON.stringify(labels),
  );
}

function waitForPrivate(person: Person, text: RegExp): Promise<APIMessage> {
  return person.waitForMessage(
    ({ content, flags }) => flags === MessageFlags.Ephemeral && text.test(content),
  );
}

const ENDED = ["↻ Regenerate", "⋯"];
const CUT = ["↻ Regenerate", "… Continue", "⋯"];
const cutAt = (text: string): ScriptStep[] => [{ kind: "say", text }, end("length")];

/** Ada in a thread of her own, where Familiar takes part. */
async function openThread({ ada }: TestBot): Promise<{ id: string; first: APIMessage }> {
  const { id } = await ada.openThread(ada.channelId, "Talk");
  const first = await ada.post(id, `<@${ada.session.botUserId}> Hello`);
  return { id, first };
}

function promptsOf(engine: ScriptedEngine): string[][] {
  return engine.requests.map(({ messages }) => messages.map(({ text }) => text));
}

async function botContents(person: Person, channelId: string): Promise<string[]> {
  const messages = await person.messages(channelId);
  return messages
    .filter(({ author }) => author.id === person.session.botUserId)
    .map(({ content }) => content)
    .toReversed();
}

it("stops a running reply by its button, for its asker and nobody else", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([[{ kind: "say", text: "Once upon" }, waitFor(gate)]]);
  await using test = await startTestBot(engine);
  await openThread(test);
  const running = await waitForButtons(test.ada, /^Once/, ["■ Stop"]);
  await test.ben.press(running, idOf(running, /Stop/));
  await waitForPrivate(test.ben, /^Only who asked/);
  expect(await test.ada.press(running, idOf(running, /Stop/))).toMatchObject({ kind: "success" });
  await waitForButtons(test.ada, /^Once upon\n-# ■ Stopped/, CUT);
});

it("stops by /stop, and says so where there is nothing to stop", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([[{ kind: "say", text: "Once upon" }, waitFor(gate)]]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const { id } = await openThread(test);
  await waitForReply(ada, id, /^Once/);
  await ada.runCommand("stop", {}, id);
  await waitForPrivate(ada, /^Done: I have stopped/);
  await ada.runCommand("stop", {}, id);
  await waitForPrivate(ada, /^There is nothing to stop/);
});

it("writes a reply once more, and shows its variants one by one", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two"), say("Three")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const { id } = await openThread(test);
  const first = await waitForButtons(ada, "One", ENDED);
  await ada.press(first, idOf(first, /Regenerate/));
  const second = await waitForButtons(ada, "Two", ["↻ Regenerate", "◀", "2/2 ▶", "⋯"]);
  expect(second.id).toBe(first.id);
  expect(buttonsOf(second).map(({ disabled }) => disabled === true)).toEqual([
    false,
    false,
    true,
    false,
  ]);
  await ada.press(second, idOf(second, /◀/));
  const back = await waitForButtons(ada, "One", ["↻ Regenerate", "◀", "1/2 ▶", "⋯"]);
  const past = new Set(ada.events.map(({ d }) => d));
  await ada.press(back, idOf(back, /▶/));
  const forth = await ada.waitForMessage((one) => !past.has(one) && one.content === "Two");
  past.add(forth);
  await ada.press(forth, idOf(forth, /◀/));
  await ada.waitForMessage((one) => !past.has(one) && one.content === "One");
  await ada.post(id, "And then?");
  await waitForReply(ada, id, "Three");
  expect(promptsOf(engine)).toEqual([
    ["Be kind.", "Hello"],
    ["Be kind.", "Hello"],
    ["Be kind.", "Hello", "One", "And then?"],
  ]);
  expect(engine.requests[1]?.sampling).not.toEqual(engine.requests[0]?.sampling);
});

it("goes on with a reply that was cut, in the same reply", async () => {
  const engine = new ScriptedEngine([cutAt("Once upon"), say(" a time")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await openThread(test);
  const cut = await waitForButtons(ada, /^Once upon\n-# ✂/, CUT);
  await ada.press(cut, idOf(cut, /Continue/));
  const whole = await waitForButtons(ada, "Once upon a time", ENDED);
  expect(whole.id).toBe(cut.id);
  expect(engine.requests[1]).toMatchObject({ continues: "Once upon" });
  expect(promptsOf(engine)[1]).toEqual(["Be kind.", "Hello"]);
});

it("forks at a reply from its menu, into a thread that goes on alone", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await openThread(test);
  const reply = await waitForButtons(ada, "One", ENDED);
  await ada.press(reply, idOf(reply, /⋯/));
  const menu = await ada.waitForMessage((one) => labelsOf(one).includes("↳ Fork here"));
  expect(menu.flags).toBe(MessageFlags.Ephemeral);
  await ada.press(menu, idOf(menu, /Fork/));
  const { content } = await waitForPrivate(ada, /^Here it is: <#\d+>$/);
  const forkId = /<#(\d+)>/.exec(content)?.[1] ?? "";
  await ada.post(forkId, "Go on");
  await waitForReply(ada, forkId, "Two");
  expect(promptsOf(engine)[1]).toEqual(["Be kind.", "Hello", "One", "Go on"]);
});

it("deletes a reply from its menu, and gives the buttons back to the one before", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two"), say("Three")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const { id } = await openThread(test);
  const one = await waitForButtons(ada, "One", ENDED);
  await ada.post(id, "More");
  const two = await waitForButtons(ada, "Two", ENDED);
  expect(labelsOf(await waitForButtons(ada, "One", []))).toEqual([]);
  await ada.press(two, idOf(two, /⋯/));
  const menu = await ada.waitForMessage((message) => labelsOf(message).includes("✕ Delete"));
  const past = new Set(ada.events.map(({ d }) => d));
  await ada.press(menu, idOf(menu, /Delete/));
  await waitForPrivate(ada, /^Done: the reply is gone/);
  expect(await botContents(ada, id)).toEqual(["One"]);
  await ada.waitForMessage(
    (again) => again.id === one.id && !past.has(again) && labelsOf(again).length === 2,
  );
  await ada.post(id, "Again");
  await waitForReply(ada, id, "Three");
  expect(promptsOf(engine)[2]).toEqual(["Be kind.", "Hello", "One", "More", "Again"]);
});

it("takes the buttons off at a fresh start", async () => {
  const engine = new ScriptedEngine([say("One")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const { id } = await openThread(test);
  const reply = await waitForButtons(ada, "One", ENDED);
  await ada.runCommand("reset", {}, id);
  expect((await waitForButtons(ada, "One", [])).id).toBe(reply.id);
});

it("lets only the asker or a moderator have a reply written again", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await openThread(test);
  const reply = await waitForButtons(ada, "One", ENDED);
  await ben.press(reply, idOf(reply, /Regenerate/));
  await waitForPrivate(ben, /^Only who asked/);
  expect(engine.requests).toHaveLength(1);
});

it("keeps its buttons over a restart, and says so of one that is too old", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two"), say("Three")]);
  await using test = await startTestBot(engine);
  const { ada, playground, store } = test;
  const { id } = await openThread(test);
  const one = await waitForButtons(ada, "One", ENDED);
  await test.stop();
  const restarted = await startOn({ engine, playground, store });
  await ada.press(one, idOf(one, /Regenerate/));
  await waitForButtons(ada, "Two", ["↻ Regenerate", "◀", "2/2 ▶", "⋯"]);
  await ada.post(id, "More");
  const three = await waitForButtons(ada, "Three", ENDED);
  await ada.runContextMenu("Regenerate", one.id, id);
  await waitForPrivate(ada, /^That is only possible with my last reply/);
  expect(idOf(three, /Regenerate/)).toMatch(/^reply:regenerate:\d+$/);
  await restarted.stop();
});

it("offers to answer again when what it answers is edited", async () => {
  const engine = new ScriptedEngine([say("Woof"), say("Meow")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const { first } = await openThread(test);
  await waitForButtons(ada, "Woof", ENDED);
  await ada.edit(first, `<@${ada.session.botUserId}> Be a cat`);
  const offer = await waitForButtons(ada, "Woof", ["↻ Answer the edit", "⋯"]);
  await ada.press(offer, idOf(offer, /Answer/));
  await waitForReply(ada, offer.channel_id, "Meow");
  expect(promptsOf(engine)[1]).toEqual(["Be kind.", "Be a cat"]);
});

it("takes the last exchange back with /undo, and writes again with /retry", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two"), say("Three"), say("Four")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const { id } = await openThread(test);
  await waitForButtons(ada, "One", ENDED);
  await ada.post(id, "A secret");
  await waitForButtons(ada, "Two", ENDED);
  await ada.runCommand("undo", {}, id);
  await waitForPrivate(ada, /^Done: I no longer remember/);
  expect(await botContents(ada, id)).toEqual(["One"]);
  expect(engine.forgotten.at(-1)?.remaining?.map(({ text }) => text)).toEqual([
    "Be kind.",
    "Hello",
    "One",
  ]);
  await ada.runCommand("retry", {}, id);
  await waitForReply(ada, id, "Three");
  await ada.post(id, "So?");
  await waitForReply(ada, id, "Four");
  expect(promptsOf(engine)[3]).toEqual(["Be kind.", "Hello", "Three", "So?"]);
});

it("says with /say what a moderator wants, and remembers it as its own", async () => {
  const engine = new ScriptedEngine([say("Indeed")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  const { id } = await ada.openThread(ada.channelId, "Talk");
  await ada.runCommand("say", { text: "I am a cat." }, id);
  await waitForPrivate(ada, /^Done: I have said it/);
  await waitForReply(ada, id, "I am a cat.");
  await ada.post(id, "Are you?");
  await waitForReply(ada, id, "Indeed");
  expect(engine.requests[0]?.messages.slice(1)).toEqual([
    { role: "assistant", text: "I am a cat." },
    { role: "user", text: "Are you?" },
  ]);
  await expect(ben.runCommand("say", { text: "Me too" }, id)).rejects.toThrow(/no command/);
});

it("forks from any message by its menu, and answers what that ends with", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const { first, id } = await openThread(test);
  await waitForButtons(ada, "One", ENDED);
  await ada.runContextMenu("Fork from here", first.id, id);
  const { content } = await waitForPrivate(ada, /^Here it is: <#\d+>$/);
  const forkId = /<#(\d+)>/.exec(content)?.[1] ?? "";
  await waitForReply(ada, forkId, "Two");
  expect(promptsOf(engine)[1]).toEqual(["Be kind.", "Hello"]);
  await ada.edit(first, `<@${ada.session.botUserId}> Changed`);
  await ada.waitForMessage((one) => labelsOf(one).includes("↻ Answer the edit"));
});

it("writes again and forgets by a message's menu", async () => {
  const engine = new ScriptedEngine([say("One"), say("Two"), say("Three")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  const { first, id } = await openThread(test);
  const reply = await waitForButtons(ada, "One", ENDED);
  await ada.runContextMenu("Regenerate", reply.id, id);
  await waitForReply(ada, id, "Two");
  await ben.runContextMenu("Forget this message", first.id, id);
  await waitForPrivate(ben, /^Only who asked/);
  await ada.runContextMenu("Forget this message", first.id, id);
  await waitForPrivate(ada, /^Done: I no longer remember it/);
  await ada.runContextMenu("Forget this message", reply.id, id);
  await ada.waitForEvent("MESSAGE_DELETE", (deleted) => deleted.id === reply.id);
  expect((await ada.message(id, first.id)).content).toContain("Hello");
  await ada.post(id, "Anyone?");
  await waitForReply(ada, id, "Three");
  expect(promptsOf(engine)[2]).toEqual(["Be kind.", "Anyone?"]);
});

it("refuses while it writes, and shows what was there when nothing new comes", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([say("One"), [waitFor(gate), end("stop")], say("")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const { id } = await openThread(test);
  const reply = await waitForButtons(ada, "One", ENDED);
  await ada.press(reply, idOf(reply, /Regenerate/));
  await gate.reached;
  await ada.runCommand("undo", {}, id);
  await waitForPrivate(ada, /^I am writing right now/);
  gate.open();
  await waitForButtons(ada, /^One\n-# The model had nothing to say/, ENDED);
});
