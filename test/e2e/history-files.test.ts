import { MessageFlags } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { startTestBot, waitForReply } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

const CHAT = [
  { user_name: "Anon", character_name: "Mia", create_date: "2023-7-10@14h32m", chat_metadata: {} },
  {
    name: "Mia",
    is_user: false,
    mes: "Welcome, traveller.",
    send_date: "July 10, 2023 2:32pm",
    swipe_id: 1,
    swipes: ["Hello.", "Welcome, traveller.", "Who is there?"],
  },
  { name: "Anon", is_user: true, mes: "Where am I?", send_date: "July 10, 2023 2:33pm" },
  { name: "Mia", is_user: false, mes: "In my tower.", send_date: "July 10, 2023 2:34pm" },
];

function toFile(...lines: readonly unknown[]): File {
  const text = lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)));
  return new File([text.join("\n")], "chat.jsonl");
}

/** The next answer to something, that only this person sees. */
async function answerTo(person: Person, use: () => Promise<unknown>): Promise<APIMessage> {
  const before = person.events.length;
  await use();
  return await person.waitForMessage(
    (message) =>
      message.flags === MessageFlags.Ephemeral &&
      message.content !== "" &&
      person.events.findIndex(({ d }) => d === message) >= before,
  );
}

function importFile(person: Person, file: File, channelId: string): Promise<APIMessage> {
  return answerTo(person, () => person.runCommand("history import", { file }, channelId));
}

async function exportFile(person: Person, channelId: string): Promise<string> {
  const options = { format: "sillytavern" };
  const { attachments } = await answerTo(person, () =>
    person.runCommand("history export", options, channelId),
  );
  expect(attachments[0]?.filename).toMatch(/\.jsonl$/);
  return await (await fetch(attachments[0]?.url ?? "")).text();
}

function parseLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it("goes on with a chat of SillyTavern's, and gives it back with what has come since", async () => {
  const engine = new ScriptedEngine([say("Up the stairs."), say("Down the stairs.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  expect((await importFile(ada, toFile(...CHAT), dm.id)).content).toBe(
    "Done: 3 turns from the file are part of the conversation here.",
  );
  await ada.post(dm.id, "Where to?");
  const reply = await waitForReply(ada, dm.id, "Up the stairs.");
  const texts = engine.requests[0]?.messages.map(({ text }) => text) ?? [];
  expect(texts.slice(1).map((text) => text.split("\n").at(-1))).toEqual([
    "Welcome, traveller.",
    "Where am I?",
    "In my tower.",
    "Where to?",
  ]);
  await ada.runCommand("retry", {}, dm.id);
  await ada.waitForMessage(({ content, id }) => id === reply.id && content === "Down the stairs.");

  await expect
    .poll(async () => parseLines(await exportFile(ada, dm.id)).at(-1))
    .toMatchObject({
      name: "Familiar",
      is_user: false,
      mes: "Down the stairs.",
      swipe_id: 1,
      swipes: ["Up the stairs.", "Down the stairs."],
    });
  const exported = await exportFile(ada, dm.id);
  expect(parseLines(exported)).toMatchObject([
    { user_name: "Anon", character_name: "Familiar", chat_metadata: {} },
    {
      is_user: false,
      mes: "Welcome, traveller.",
      swipe_id: 1,
      swipes: CHAT[1]?.swipes,
      send_date: "2023-07-10T14:32:00.000Z",
    },
    { name: "Anon", is_user: true, mes: "Where am I?" },
    { mes: "In my tower." },
    { name: "Ada", is_user: true, mes: "Where to?" },
    {},
  ]);

  // What we write, we read: in another place it is the same again.
  const general = await importFile(ada, toFile(exported.trim()), ada.channelId);
  expect(general.content).toBe("Done: 5 turns from the file are part of the conversation here.");
  expect(await exportFile(ada, ada.channelId)).toBe(exported);
});

it("writes another variant of an imported reply as a message", async () => {
  const engine = new ScriptedEngine([say("In my castle.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await importFile(ada, toFile(...CHAT), dm.id);
  await ada.runCommand("retry", {}, dm.id);
  await waitForReply(ada, dm.id, "In my castle.");
  await expect
    .poll(async () => parseLines(await exportFile(ada, dm.id)).at(-1))
    .toMatchObject({ swipe_id: 1, swipes: ["In my tower.", "In my castle."] });
});

it("asks before it appends to a conversation", async () => {
  const engine = new ScriptedEngine([say("Hello.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "Hi");
  await waitForReply(ada, dm.id, "Hello.");
  await expect.poll(async () => parseLines(await exportFile(ada, dm.id))).toHaveLength(3);
  const ask = (): Promise<APIMessage> => importFile(ada, toFile(...CHAT), dm.id);
  const question = await ask();
  expect(question.content).toBe(
    "There is a conversation here already, with 2 turns. Shall I append 3 turns from the file?",
  );
  const cancelled = await answerTo(ada, () => ada.press(question, "history:cancel"));
  expect(cancelled).toMatchObject({
    content: "Nothing was imported.",
    attachments: [],
    components: [],
  });
  expect(parseLines(await exportFile(ada, dm.id))).toHaveLength(3);
  const again = await ask();
  const done = await answerTo(ada, () => ada.press(again, "history:append"));
  expect(done).toMatchObject({
    content: "Done: 3 turns from the file are part of the conversation here.",
    attachments: [],
    components: [],
  });
  expect(parseLines(await exportFile(ada, dm.id)).map(({ mes }) => mes)).toEqual([
    undefined,
    "Hi",
    "Hello.",
    "Welcome, traveller.",
    "Where am I?",
    "In my tower.",
  ]);
});

it("keeps the names of a group's characters, for the model too", async () => {
  const engine = new ScriptedEngine([say("Mia: Welcome.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  const bob = { name: "Bob", is_user: false, mes: "Go away!" };
  await importFile(ada, toFile(...CHAT, bob), dm.id);
  await ada.post(dm.id, "Why?");
  await waitForReply(ada, dm.id, "Mia: Welcome.");
  const texts = engine.requests[0]?.messages.map(({ text }) => text) ?? [];
  expect(texts).toContain("Mia: In my tower.");
  expect(texts.join("\n")).toContain("Bob: Go away!");
  const names = parseLines(await exportFile(ada, dm.id)).map(({ name }) => name);
  expect(names.slice(1, 6)).toEqual(["Mia", "Anon", "Mia", "Bob", "Ada"]);
});

it("tells what it left out, what it cannot read, and who may import", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  const hidden = { name: "System", is_user: false, is_system: true, mes: "A note" };
  expect((await importFile(ada, toFile(...CHAT, hidden, "{broken"), dm.id)).content).toBe(
    "Done: 3 turns from the file are part of the conversation here. " +
      "Left out, since the file hides them from the model: 1. Unreadable lines: 1.",
  );
  expect((await importFile(ada, toFile("Hello"), ada.channelId)).content).toMatch(
    /^There is no message in this file/,
  );
  expect((await importFile(ben, toFile(...CHAT), ben.channelId)).content).toBe(
    "You need the Manage Channels permission for that.",
  );
});
