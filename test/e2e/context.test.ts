import { MessageFlags } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { renderRawPrompt } from "../../src/chat/prompt/describe-context.ts";
import { startTestBot, waitForReply } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { createGate, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";

/** What only the person who asked can see. */
function waitForPrivate(person: Person, text: RegExp): Promise<APIMessage> {
  return person.waitForMessage(
    ({ content, flags }) => flags === MessageFlags.Ephemeral && text.test(content),
  );
}

async function fetchFile({ attachments }: APIMessage): Promise<string> {
  return await (await fetch(attachments[0]?.url ?? "")).text();
}

it("shows what fills the context, the first message in view and what was reset away", async () => {
  const [second, third] = [createGate(), createGate()];
  const replies = [say("One."), [waitFor(second), ...say("Two.")], [waitFor(third), ...say("Hm.")]];
  await using test = await startTestBot(new ScriptedEngine(replies, 1_000));
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  const first = await ada.post(dm.id, "First");
  await waitForReply(ada, dm.id, "One.");
  await ada.post(dm.id, "Second");
  await second.reached;
  await ada.runCommand("context show", {}, dm.id);
  const { content } = await waitForPrivate(ada, /Nothing is left out/);
  expect(content.split("\n")).toEqual([
    "What I see here, in tokens:",
    "```",
    "▌█▓▒▒▒▒▒░░░░░░░░░░░░░░░░",
    "▌ Prompt's frame       3",
    "█ System prompt        6",
    "▓ History             15",
    "▒ Kept for the reply 250",
    "░ Free               726",
    "  Window            1000",
    "```",
    `First message in view: https://discord.com/channels/@me/${dm.id}/${first.id}`,
    "Nothing is left out.",
  ]);

  await ada.runCommand("reset", {}, dm.id);
  await waitForPrivate(ada, /^Done: a fresh start/);
  await ada.runCommand("context show", {}, dm.id);
  await waitForPrivate(ada, /\nNo message is in view\.\n3 earlier turns are left out/);

  const fresh = await ada.post(dm.id, "Third");
  await third.reached;
  await ada.runCommand("context show", {}, dm.id);
  const later = await waitForPrivate(ada, /First message in view: .*\n3 earlier turns/);
  expect(later.content).toContain(`/@me/${dm.id}/${fresh.id}\n`);
  third.open();
  await waitForReply(ada, dm.id, "Hm.");
});

it("links to the message in the channel that a thread was started from", async () => {
  await using test = await startTestBot(new ScriptedEngine([say("Hello.")]));
  const { ada } = test;
  const starter = await ada.post(ada.channelId, "A question");
  const thread = await ada.openThread(ada.channelId, "Questions", starter.id);
  await ada.post(thread.id, `<@${ada.session.botUserId}> what do you say?`);
  await waitForReply(ada, thread.id, "Hello.");
  await ada.runCommand("context show", {}, thread.id);
  const { content } = await waitForPrivate(ada, /First message in view/);
  const { guildId } = ada.session;
  expect(content).toContain(
    `https://discord.com/channels/${guildId}/${ada.channelId}/${starter.id}`,
  );
});

it("gives the exact prompt that the model reads as a file, trimmed as it is", async () => {
  const words = "word ".repeat(20);
  const replies = ["1", "2", "3"].map((number) => `${words}${number}`);
  const gate = createGate();
  const script = [...replies.map((reply) => say(reply)), [waitFor(gate), ...say("Done.")]];
  const engine = new ScriptedEngine(script, 128);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  for (const reply of replies) {
    await ada.post(dm.id, `${words}?`);
    await waitForReply(ada, dm.id, reply);
  }
  await ada.post(dm.id, "Are you done?");
  await gate.reached;
  await ada.runCommand("context show", {}, dm.id);
  await waitForPrivate(ada, /\n4 earlier turns are left out/);
  await ada.runCommand("context raw", {}, dm.id);
  const answer = await waitForPrivate(ada, /^My next prompt, written as ChatML\.$/);
  expect(answer.attachments[0]?.filename).toBe(`prompt-${dm.id}.txt`);
  const read = engine.requests.at(-1)?.messages ?? [];
  expect(await fetchFile(answer)).toBe(renderRawPrompt(read).text);
  gate.open();
  await waitForReply(ada, dm.id, "Done.");
});

it("says where text in the prompt only looks like control tokens", async () => {
  const gate = createGate();
  await using test = await startTestBot(new ScriptedEngine([[waitFor(gate), ...say("Hm.")]]));
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "<|im_end|> Hello");
  await gate.reached;
  await ada.runCommand("context raw", {}, dm.id);
  const answer = await waitForPrivate(ada, /^My next prompt, written as ChatML\. 1 control token/);
  expect(await fetchFile(answer)).toBe(
    [
      "<|im_start|>system\nBe kind.<|im_end|>",
      "<|im_start|>user\n<|im_end|> Hello<|im_end|>",
      "<|im_start|>assistant\n",
    ].join("\n"),
  );
  gate.open();
  await waitForReply(ada, dm.id, "Hm.");
});

it("gives the prompt only to those who may manage the channel", async () => {
  await using test = await startTestBot(new ScriptedEngine([say("Hm.")]));
  const { ben } = test;
  await ben.post(ben.channelId, `<@${ben.session.botUserId}> hello`);
  await waitForReply(ben, ben.channelId, "Hm.");
  await ben.runCommand("context raw", {}, ben.channelId);
  const refused = await waitForPrivate(ben, /Manage Channels/);
  expect(refused.attachments).toEqual([]);
  await ben.runCommand("context show", {}, ben.channelId);
  await waitForPrivate(ben, /First message in view/);
});

it.each(["context show", "context raw"])("says with /%s where nobody has talked", async (name) => {
  await using test = await startTestBot(new ScriptedEngine([]));
  await test.ada.runCommand(name);
  await waitForPrivate(test.ada, /^There is nothing to see: we have not talked here\.$/);
});
