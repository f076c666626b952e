import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import process from "node:process";
import { expect, it, onTestFinished } from "vitest";
import type { APIMessage } from "discord-api-types/v10";
import { MESSAGE_LIMIT } from "../../src/discord/reply/split-reply.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import { createTestDatabase } from "../support/database.ts";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import { createGate, end, fail, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";

const repeated = (times: number, toText: (number: number) => string): string =>
  Array.from({ length: times }, (_, index) => toText(index)).join("");
const paragraph = repeated(
  6,
  (number) => `Words that go on for ${number} hours in a long answer. `,
);
const code = `\`\`\`ts\n${repeated(60, (number) => `export const answer${number} = ${number * 7}; // and so on\n`)}\`\`\``;
const long = [paragraph, code, paragraph, code, `${paragraph}The end.`].join("\n\n");

function inPieces(text: string): string[] {
  return text.match(/[\s\S]{1,17}/g) ?? [];
}

async function storedReply(test: TestBot, channelId: string): Promise<string | undefined> {
  for await (const page of test.store.conversations.history(channelId as never)) {
    return page.findLast((entry) => entry.role === "assistant")?.text;
  }
  return undefined;
}

async function botMessages(test: TestBot, channelId: string): Promise<APIMessage[]> {
  const all = await test.ada.messages(channelId, 50);
  return all.filter((message) => message.author.bot === true).toReversed();
}

it("shows a reply of several thousand characters as valid parts, without meeting a limit", async () => {
  const engine = new ScriptedEngine([say(...inPieces(long))]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  let limited = 0;
  test.bot.client.rest.on("rateLimited", () => (limited += 1));
  test.bot.client.rest.on(
    "response",
    (_, response) => (limited += Number(response.status === 429)),
  );
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "Tell me all.");
  await waitForReply(ada, dm.id, /The end\.$/);
  const contents = (await botMessages(test, dm.id)).map(({ content }) => content);
  expect(contents.length).toBeGreaterThan(2);
  for (const content of contents) {
    expect(content.length).toBeLessThanOrEqual(MESSAGE_LIMIT);
    expect((content.match(/^```/gm) ?? []).length % 2).toBe(0);
  }
  const joined = contents.join("\n").replaceAll("```\n```ts\n", "");
  expect(joined.replaceAll(/\s+/g, " ")).toBe(long.replaceAll(/\s+/g, " "));
  expect(limited).toBe(0);
  await test.stop();
  expect(await storedReply(test, dm.id)).toBe(long);
});

it("pings nobody, whatever the model writes", async () => {
  const engine = new ScriptedEngine([say("@everyone <@1> hey "), say("ok")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openThread(ada.channelId, "Loud");
  await ada.post(dm.id, `<@${ada.session.botUserId}> ping all`);
  const message = await waitForReply(ada, dm.id, /everyone/);
  expect([message.mention_everyone, message.mentions, message.mention_roles]).toEqual([
    false,
    [],
    [],
  ]);
});

it.each([
  [
    "the limit for one reply",
    [...say("So far").slice(0, 1), end("length")],
    /So far\n-# ✂ Cut at 1024 tokens.* Press Continue or say “go on” and I will\.$/,
  ],
  [
    "a full context",
    [...say("So far").slice(0, 1), end("context")],
    /So far\n-# ✂ Cut: the model's context/,
  ],
  [
    "a model that fails",
    [...say("So far").slice(0, 1), fail(new Error("out of memory"))],
    /So far\n-# ⚠ Something went wrong/,
  ],
  ["nothing to say", [end("stop")], /^-# The model had nothing to say\. Ask again/],
])("says under a reply that it ended by %s", async (_, steps, shown) => {
  await using test = await startTestBot(new ScriptedEngine([steps, steps]));
  const dm = await test.ada.openDm(test.ada.session.botUserId);
  await test.ada.post(dm.id, "Go on.");
  await waitForReply(test.ada, dm.id, shown);
});

it("ends quietly when its thread is deleted, and answers elsewhere", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([[...say("Begun").slice(0, 1), waitFor(gate)], say("Fine.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const thread = await ada.openThread(ada.channelId, "Doomed");
  await ada.post(thread.id, `<@${ada.session.botUserId}> begin`);
  await waitForReply(ada, thread.id, "Begun");
  await ada.request("DELETE", `/channels/${thread.id}`);
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "Are you well?");
  await waitForReply(ada, dm.id, "Fine.");
});

it("marks a running reply when it is stopped, and goes on after the next start", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([[...say("Half").slice(0, 1), waitFor(gate)]]);
  await using test = await startTestBot(engine);
  const { ada, playground, store } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "Begin.");
  await waitForReply(ada, dm.id, "Half");
  await test.stop();
  await waitForReply(ada, dm.id, /^Half\n-# ⚠ Interrupted/);
  await ada.post(dm.id, "Said while it was away.");
  const later = new ScriptedEngine([say("Back again.")]);
  const { stop } = await startOn({ engine: later, playground, store });
  onTestFinished(stop);
  await waitForReply(ada, dm.id, "Back again.");
  expect(later.requests[0]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "Begin.",
    "Half",
    "Said while it was away.",
  ]);
  await stop();
});

it("keeps and marks the half of a reply that a kill cut off", async () => {
  await using playground = await startTestPlayground();
  await using database = await createTestDatabase("PostgreSQL");
  await using ada = await connectPerson(playground, "Ada");
  const dm = await ada.openDm(ada.session.botUserId);
  const loader = resolve("node_modules/tsx/dist/loader.mjs");
  const script = resolve("test/support/crash-child.ts");
  const { apiUrl, botToken } = playground;
  const given = [apiUrl, botToken, database.url ?? "", "Half of a reply"];
  const child = spawn(process.execPath, ["--import", `file://${loader}`, script, ...given]);
  await once(child.stdout, "data");
  await ada.post(dm.id, "Begin.");
  await waitForReply(ada, dm.id, "Half of a reply");
  child.kill("SIGKILL");
  await once(child, "close");

  await using store = await database.open();
  const engine = new ScriptedEngine([say("I was gone.")]);
  const { stop } = await startOn({ engine, playground, store });
  await waitForReply(ada, dm.id, /^Half of a reply\n-# ⚠ Interrupted/);
  await ada.post(dm.id, "And?");
  await waitForReply(ada, dm.id, "I was gone.");
  expect(engine.requests[0]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "Begin.",
    "Half of a reply",
    "And?",
  ]);
  await stop();
});
