import { MessageFlags, PermissionFlagsBits } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { startTestBot, waitForReply } from "../support/bot.ts";
import { GREEDY } from "../support/model.ts";
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
    "Forget this message",
    "Fork from here",
    "Import as persona",
    "Regenerate",
    "Remember this",
    "adopt",
    "ask",
    "chat",
    "context",
    "history",
    "memory",
    "persona",
    "ping",
    "privacy",
    "quota",
    "remember",
    "reset",
    "retry",
    "sampling",
    "say",
    "settings",
    "stop",
    "system",
    "undo",
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
  const { content } = await waitForPrivate(ada, /^Here it is, just write in it: <#\d+>$/);
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

it("sets the sampling of a place before anyone has talked there, shows it and takes it away", async () => {
  const engine = new ScriptedEngine([say("Wild."), say("Tame.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.runCommand("sampling set", { temperature: 1.5, top_k: 7 }, dm.id);
  await waitForPrivate(ada, /^Done: this holds here[^]*\ntemperature: 1.5 \(set here\)/);
  const stop = String.raw`The end | \n`;
  await ada.runCommand("sampling set", { seed: 42, stop }, dm.id);
  await waitForPrivate(ada, /\nseed: 42 \(set here\)/);
  await ada.post(dm.id, "Surprise me.");
  await waitForReply(ada, dm.id, "Wild.");
  expect(engine.requests[0]?.sampling).toEqual({
    ...GREEDY,
    temperature: 1.5,
    topK: 7,
    seed: 42,
    stop: ["The end", "\n"],
  });

  await ada.runCommand("sampling show", {}, dm.id);
  const { content } = await waitForPrivate(ada, /^temperature/);
  expect(content.split("\n")).toEqual([
    "temperature: 1.5 (set here)",
    `top-p: ${GREEDY.topP} (my owner's setting)`,
    "top-k: 7 (set here)",
    `min-p: ${GREEDY.minP} (my owner's setting)`,
    `repeat penalty: ${GREEDY.repeatPenalty} (my owner's setting)`,
    "seed: 42 (set here)",
    "stop: `The end`, `\\n` (set here)",
  ]);

  await ada.runCommand("sampling reset", {}, dm.id);
  await waitForPrivate(ada, /^Done: nothing is set here/);
  await ada.post(dm.id, "And now?");
  await waitForReply(ada, dm.id, "Tame.");
  expect(engine.requests[1]?.sampling).toEqual(GREEDY);
});

it("says what is wrong with a sampling, and changes nothing", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  await ada.runCommand("sampling set", { stop: "a|b|c|d|e" });
  await waitForPrivate(ada, /^There can be at most 4 stop strings\.$/);
  await ada.runCommand("sampling set");
  await waitForPrivate(ada, /^Name at least one value to set\.$/);
  await ada.runCommand("sampling show");
  expect((await waitForPrivate(ada, /^temperature/)).content).not.toContain("set here");
});

it("lets only those who may manage a channel change its sampling", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ben } = test;
  await ben.runCommand("sampling set", { temperature: 5 }, ben.channelId);
  await waitForPrivate(ben, /Manage Channels/);
  await ben.runCommand("sampling show", {}, ben.channelId);
  expect((await waitForPrivate(ben, /^temperature/)).content).not.toContain("set here");
});

it("begins anew with /reset, and /history export still has everything", async () => {
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
  await ada.runCommand("history export", { format: "chatml-json" }, dm.id);
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
  expect(content).toMatch(/\nReplies: 0 of \d+ at once, 0 waiting$/);
});

it("tells with /ping how replies went", async () => {
  await using test = await startTestBot(new ScriptedEngine([say("One."), say("Two.")]));
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "First");
  await waitForReply(ada, dm.id, "One.");
  await ada.post(dm.id, "Second");
  // By now the first reply has ended in every respect.
  await waitForReply(ada, dm.id, "Two.");
  await ada.runCommand("ping", {}, dm.id);
  const { content } = await waitForPrivate(ada, /Database/);
  expect(content).toMatch(
    /\nSpeed: first token after 1 ms .*\nPrompt tokens: 0 % reused \(0 reused, \d+ evaluated\)$/,
  );
});
