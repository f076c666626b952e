import { MessageFlags, PermissionFlagsBits } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { startTestBot, waitForReply } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

/** What only the person who asked can see. */
function waitForPrivate(person: Person, text: RegExp): Promise<APIMessage> {
  return person.waitForMessage(
    ({ content, flags }) => flags === MessageFlags.Ephemeral && text.test(content),
  );
}

it("registers its commands with sensible permissions", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const commands = await test.bot.client.application.commands.fetch();
  expect(commands.map(({ name }) => name).toSorted()).toEqual([
    "chat",
    "history",
    "ping",
    "reset",
    "system",
  ]);
  expect(commands.find(({ name }) => name === "system")?.defaultMemberPermissions?.bitfield).toBe(
    PermissionFlagsBits.SendMessages,
  );
});

it("opens a thread with /chat, with a first message and a system prompt of its own", async () => {
  const engine = new ScriptedEngine([say("Arr!"), say("Aye.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await ada.runCommand("chat", { message: "Ahoy!", system: "You are a pirate." });
  const { content } = await waitForPrivate(ada, /^Here it is: <#\d+>/);
  const threadId = /<#(\d+)>/.exec(content)?.[1] ?? "";
  await waitForReply(ada, threadId, "Arr!");
  await ada.post(threadId, "Are you with me?");
  await waitForReply(ada, threadId, "Aye.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual([
    "You are a pirate.",
    "Ahoy!",
    "Arr!",
    "Are you with me?",
  ]);
});

it("sets, shows and resets the system prompt of a place, and says who did", async () => {
  const engine = new ScriptedEngine([say("Meow."), say("Hm.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  const outcome = await ada.runCommand("system set", {}, dm.id);
  if (outcome.kind !== "modal") throw new Error(`no form: ${outcome.kind}`);
  await ada.submitModal(outcome.modal, { prompt: "You are a cat." });
  await waitForPrivate(ada, /^Done: the new system prompt/);
  await ada.post(dm.id, "Who are you?");
  await waitForReply(ada, dm.id, "Meow.");
  await ada.runCommand("system show", {}, dm.id);
  const shown = await waitForPrivate(ada, /^Set by <@\d+>/);
  expect(shown.embeds[0]?.description).toBe("You are a cat.");
  await ada.runCommand("system reset", {}, dm.id);
  await waitForPrivate(ada, /^Done: the default/);
  await ada.post(dm.id, "And now?");
  await waitForReply(ada, dm.id, "Hm.");
  expect(engine.requests.map((request) => request.messages[0]?.text)).toEqual([
    "You are a cat.",
    "Be kind.",
  ]);
});

it("lets only those who may manage a channel change its prompt", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  await test.ben.runCommand("system reset", {}, test.ben.channelId);
  await waitForPrivate(test.ben, /Manage Channels/);
});

it("refuses a system prompt that leaves no room to talk", async () => {
  await using test = await startTestBot(new ScriptedEngine([], 256));
  await test.ada.runCommand("chat", { system: "word ".repeat(300) });
  await waitForPrivate(test.ada, /takes 304 tokens, and at most 128/);
});

it("begins anew with /reset, and /history still has everything", async () => {
  const engine = new ScriptedEngine([say("One."), say("Two.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "First");
  await waitForReply(ada, dm.id, "One.");
  await ada.runCommand("reset", {}, dm.id);
  await waitForPrivate(ada, /^Done: a fresh start/);
  await ada.post(dm.id, "Second");
  await waitForReply(ada, dm.id, "Two.");
  expect(engine.requests[1]?.messages.map(({ text }) => text)).toEqual(["Be kind.", "Second"]);
  await ada.runCommand("history", { format: "chatml-json" }, dm.id);
  const { attachments } = await waitForPrivate(ada, /^\d+ turns stored here/);
  const file = (await (await fetch(attachments[0]?.url ?? "")).json()) as {
    messages: { role: string; content: string; isInView?: boolean }[];
  };
  expect(file.messages.map(({ content, isInView }) => [content, isInView])).toEqual([
    ["Be kind.", undefined],
    ["First", false],
    ["One.", false],
    ["Second", true],
    ["Two.", true],
  ]);
});

it("tells with /ping whether everything is well", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  await test.ada.runCommand("ping");
  const { content } = await waitForPrivate(test.ada, /Database/);
  expect(content).toMatch(
    /✅ Discord: .*ms\n✅ Database \(PostgreSQL.*\): .* ms\n✅ Model \(scripted\): .* ms/,
  );
});
