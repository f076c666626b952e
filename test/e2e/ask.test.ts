import { type APIMessage, MessageFlags, PermissionFlagsBits } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { toChannelId, toGuildId, toUserId } from "../../src/chat/ids.ts";
import { startTestBot, waitForReply } from "../support/bot.ts";
import { findElsewhere } from "../support/playground.ts";
import { createGate, end, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";

const quick = { limits: { webhookWrite: { requests: 1_000, perMs: 1_000 } } };
const abroad = { ...quick, hasElsewhere: true };

it("answers once where it is a member, with the persona of the place, and stores nothing", async () => {
  const engine = new ScriptedEngine([say("Calm", " down.")]);
  await using test = await startTestBot(engine, quick);
  const { ada, ben, store } = test;
  await ada.runCommand("persona use", { name: "Tutor", scope: "server" });
  const question = "[attachment: a.txt] What is\n# a prime?";
  expect((await ada.runCommand("ask", { message: question })).kind).toBe("success");
  const answer = await waitForReply(
    ben,
    ada.channelId,
    "> \\[attachment: a.txt\\] What is \\# a prime?\nCalm down.",
  );
  expect(answer.interaction_metadata?.user.id).toBe(ada.id);
  expect((await ada.message(ada.channelId, answer.id)).components).toEqual([]);
  const [request] = engine.requests;
  expect(request?.conversationId).toBeUndefined();
  expect(request?.messages[0]?.text).toMatch(/^You are Tutor, a patient tutor/);
  expect(request?.messages.at(-1)?.text).toBe(`\\${question}`);
  expect(await store.conversations.find(toChannelId(ada.channelId))).toBeUndefined();
});

it("answers in servers where it is no member, and between people, with its own prompt", async () => {
  const engine = new ScriptedEngine([say("From afar."), say("For you two.")]);
  await using test = await startTestBot(engine, abroad);
  const { ada, ben } = test;
  const { channelId } = await findElsewhere(ada);
  await ada.runCommand("ask", { message: "Hello?" }, channelId);
  await waitForReply(ben, channelId, "> Hello?\nFrom afar.");
  const between = await ada.openDm(ben.id);
  await ada.runCommand("ask", { message: "And here?" }, between.id);
  await waitForReply(ben, between.id, "> And here?\nFor you two.");
  expect(engine.requests.map(({ messages }) => messages.map(({ text }) => text))).toEqual([
    ["Be kind.", "Hello?"],
    ["Be kind.", "And here?"],
  ]);
});

it("lets only the asker see the answer, where they want it so or Discord does", async () => {
  const engine = new ScriptedEngine([say("Hush."), say("For you.")]);
  await using test = await startTestBot(engine, abroad);
  const { ada, ben } = test;
  await ada.runCommand("ask", { message: "Psst", private: true });
  const hidden = await waitForReply(ada, ada.channelId, "Hush.");
  const { channelId } = await findElsewhere(ada);
  await ben.request("PUT", `/channels/${channelId}/permissions/${ada.id}`, {
    type: 1,
    deny: String(PermissionFlagsBits.UseExternalApps),
  });
  await ada.runCommand("ask", { message: "Aloud" }, channelId);
  const forced = await waitForReply(ada, channelId, "For you.");
  expect([hidden.flags, forced.flags]).toEqual([MessageFlags.Ephemeral, MessageFlags.Ephemeral]);
  expect(await ben.messages(channelId)).toEqual([]);
});

it("goes on in follow-ups, and ends with a notice where Discord allows no more", async () => {
  const sentences = Array.from({ length: 700 }, (_, at) => `${at} is followed by ${at + 1}.`);
  const long = sentences.join(" ");
  const engine = new ScriptedEngine([[{ kind: "say", text: long }, end("stop")]]);
  await using test = await startTestBot(engine, abroad);
  const { ada } = test;
  const { channelId } = await findElsewhere(ada);
  await ada.runCommand("ask", { message: "Tell me all." }, channelId);
  const last = await waitForReply(ada, channelId, /-# ✂ Cut/);
  const shown = (await ada.messages(channelId)).toReversed();
  expect(shown.length).toBeLessThanOrEqual(6);
  const text = shown.map(({ content }) => content).join(" ");
  expect(text.slice(0, 15)).toBe("> Tell me all.\n");
  expect(long.startsWith(text.slice(15, text.indexOf("-#")).trim())).toBe(true);
  expect(text.length).toBeGreaterThan(9_000);
  expect(last.content).toMatch(/-# ✂ Cut at what Discord has room for here/);
  expect(shown.every(({ components }) => components?.length === 0)).toBe(true);
});

it("is stopped by its asker, and by nobody else where nobody moderates", async () => {
  const gate = createGate();
  const half = { kind: "say", text: "Half of it" } as const;
  const engine = new ScriptedEngine([[half, waitFor(gate), ...say("never")]]);
  await using test = await startTestBot(engine, abroad);
  const { ada, ben } = test;
  const between = await ada.openDm(ben.id);
  await ada.runCommand("ask", { message: "Tell me." }, between.id);
  const running = await waitForReply(ben, between.id, "> Tell me.\nHalf of it");
  await ben.press(running, buttonOf(running));
  await ben.waitForMessage(({ content }) => content.startsWith("Only who asked"));
  await ada.press(running, buttonOf(running));
  const stopped = await waitForReply(ada, between.id, "> Tell me.\nHalf of it\n-# ■ Stopped.");
  expect(stopped.components).toEqual([]);
});

it("may end when the bot is told to stop", async () => {
  const gate = createGate();
  const half = { kind: "say", text: "Half of it" } as const;
  const engine = new ScriptedEngine([[half, waitFor(gate), ...say(" and all of it.")]]);
  await using test = await startTestBot(engine, quick);
  const { ada } = test;
  await ada.runCommand("ask", { message: "Tell me." });
  await waitForReply(ada, ada.channelId, "> Tell me.\nHalf of it");
  const stopped = test.stop();
  gate.open();
  await waitForReply(ada, ada.channelId, "> Tell me.\nHalf of it and all of it.");
  await stopped;
});

it("pings nobody, and takes a question that is only blank for none", async () => {
  const engine = new ScriptedEngine([say("@everyone <@1>")]);
  await using test = await startTestBot(engine, quick);
  const { ada, ben } = test;
  await ada.runCommand("ask", { message: `Call @here and <@${ben.id}>` });
  const shown = `> Call \\@here and <@${ben.id}>\n@everyone <@1>`;
  const answer = await waitForReply(ada, ada.channelId, shown);
  expect(answer).toMatchObject({ mention_everyone: false, mentions: [] });
  await ada.runCommand("ask", { message: "   " });
  await waitForReply(ada, ada.channelId, "There is no question in that.");
});

it("tells the asker alone that their quota is used up or that they are denied", async () => {
  const engine = new ScriptedEngine([say("The only one.")]);
  await using test = await startTestBot(engine, quick);
  const { ada, ben, store } = test;
  const server = { kind: "guild", id: toGuildId(ada.session.guildId) } as const;
  const deniedUsers = [toUserId(ben.id)];
  await store.settings.change(server, {
    quota: { repliesPerHour: 1 },
    access: { allowedRoles: [], allowedUsers: [], deniedRoles: [], deniedUsers },
  });
  await ada.runCommand("ask", { message: "One" });
  const only = await waitForReply(ada, ada.channelId, /The only one\.$/);
  await ada.waitForMessage(({ components, id }) => id === only.id && components?.length === 0);
  await ada.runCommand("ask", { message: "Two" });
  const used = await waitForReply(ada, ada.channelId, /^You have used up your quota/);
  await ben.runCommand("ask", { message: "And I?" });
  const denied = await waitForReply(ben, ada.channelId, /^I do not answer you here/);
  expect([used.flags, denied.flags]).toEqual([MessageFlags.Ephemeral, MessageFlags.Ephemeral]);
  expect((await ben.messages(ada.channelId)).map(({ id }) => id)).toEqual([only.id]);
});

function buttonOf(message: APIMessage): string {
  const row = message.components?.[0];
  const button = row !== undefined && "components" in row ? row.components[0] : undefined;
  return button !== undefined && "custom_id" in button ? (button.custom_id ?? "") : "";
}
