import { MessageFlags } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { toChannelId } from "../../src/chat/ids.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import { GREEDY } from "../support/model.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

/** What only the person who asked can see. */
function waitForPrivate(person: Person, text: RegExp): Promise<APIMessage> {
  return person.waitForMessage(
    ({ content, flags }) => flags === MessageFlags.Ephemeral && text.test(content),
  );
}

type Form = Parameters<Person["submitModal"]>[0];

async function openForm(
  person: Person,
  command: string,
  options: Readonly<Record<string, string>> = {},
  channelId?: string,
): Promise<Form> {
  const outcome = await person.runCommand(command, options, channelId);
  if (outcome.kind !== "modal") throw new Error(`no form: ${outcome.kind}`);
  return outcome.modal;
}

/** What the fields of a form hold when it opens. */
function valuesIn(form: Form): Record<string, string | undefined> {
  const labels = form.components as readonly {
    readonly component: { readonly custom_id: string; readonly value?: string };
  }[];
  return Object.fromEntries(labels.map(({ component }) => [component.custom_id, component.value]));
}

function tryAgainOf({ components }: APIMessage): string {
  return /persona:again:\d+/.exec(JSON.stringify(components))?.[0] ?? "";
}

/** Opens a refused form once more. */
async function openAgain(person: Person, refusal: APIMessage): Promise<Form> {
  const outcome = await person.press(refusal, tryAgainOf(refusal));
  if (outcome.kind !== "modal") throw new Error(`no form: ${outcome.kind}`);
  return outcome.modal;
}

async function readFile({ attachments }: APIMessage): Promise<Uint8Array> {
  const response = await fetch(attachments[0]?.url ?? "");
  return new Uint8Array(await response.arrayBuffer());
}

const NO_TEXTS = { systemPrompt: "", description: "", greeting: "", postHistoryInstructions: "" };

async function createPersona(
  person: Person,
  texts: Readonly<Record<string, string>>,
  channelId?: string,
): Promise<void> {
  const form = await openForm(person, "persona create", {}, channelId);
  await person.submitModal(form, { ...NO_TEXTS, ...texts });
  await waitForPrivate(person, new RegExp(`^Done: \\*\\*${texts["name"]}\\*\\* is in the library`));
}

async function openChat(person: Person, options: Readonly<Record<string, string>> = {}) {
  const before = person.events.length;
  await person.runCommand("chat", options);
  const { content } = await person.waitForMessage(
    (message) =>
      person.events.findIndex(({ d }) => d === message) >= before &&
      message.content.startsWith("Here it is"),
  );
  return /<#(\d+)>/.exec(content)?.[1] ?? "";
}

async function historyOf({ store }: TestBot, placeId: string) {
  const turns: { role: string; text: string }[] = [];
  for await (const page of store.conversations.history(toChannelId(placeId))) {
    turns.push(...page.map(({ role, text }) => ({ role, text })));
  }
  return turns;
}

it("makes a persona in a form, lists it and shows what it is made of", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const form = await openForm(ada, "persona create");
  expect(Object.keys(valuesIn(form))).toEqual([
    "name",
    "systemPrompt",
    "description",
    "greeting",
    "postHistoryInstructions",
  ]);
  await createPersona(ada, { name: "Rosie", systemPrompt: "You are a cat." });
  await ada.runCommand("persona list");
  const listed = await waitForPrivate(ada, /^This server's/);
  expect(listed.content.split("\n")).toEqual([
    "This server's: Rosie",
    "Built in: Assistant, Hermes, Tutor, Game Master, Code Reviewer",
  ]);
  await ada.runCommand("persona show", { name: "rosie" });
  const shown = await waitForPrivate(
    ada,
    /^\*\*Rosie\*\* is in this server's library, version 1\.$/,
  );
  expect(shown.embeds[0]).toMatchObject({
    title: "Rosie",
    fields: [{ name: "System prompt", value: "You are a cat." }],
  });
});

it("proposes names while one is typed, and only those that can be changed where it changes one", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  await createPersona(ada, { name: "Hermine" });
  expect(await ada.autocomplete("persona use", "name", { name: "herm" })).toEqual([
    { name: "Hermine", value: "Hermine" },
    { name: "Hermes (built in)", value: "Hermes" },
  ]);
  expect(await ada.autocomplete("persona edit", "name", { name: "" })).toEqual([
    { name: "Hermine", value: "Hermine" },
  ]);
});

it("changes a persona in two forms, keeps every version and goes back to one", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  await createPersona(ada, { name: "Rosie", systemPrompt: "You are a cat." });
  const main = await openForm(ada, "persona edit", { name: "ROSIE" });
  expect(valuesIn(main)).toMatchObject({ name: "Rosie", systemPrompt: "You are a cat." });
  await ada.submitModal(main, { ...NO_TEXTS, name: "Rosa", systemPrompt: "You are a dog." });
  await waitForPrivate(ada, /^Done: \*\*Rosa\*\* is now at version 2\./);

  const more = { personality: "sleepy", scenario: "", exampleDialogue: "" };
  const form = await openForm(ada, "persona edit", { name: "Rosa", part: "more" });
  await ada.submitModal(form, {
    ...more,
    alternateGreetings: "Hi.\n---\nHey.",
    sampling: "temperature: 0.5\ntop-k: 7",
  });
  await waitForPrivate(ada, /^Done: \*\*Rosa\*\* is now at version 3\./);
  const again = await openForm(ada, "persona edit", { name: "Rosa", part: "more" });
  expect(valuesIn(again)).toEqual({
    personality: "sleepy",
    alternateGreetings: "Hi.\n---\nHey.",
    sampling: "temperature: 0.5\ntop-k: 7",
  });
  await ada.submitModal(again, { ...more, alternateGreetings: "Hi.\n---\nHey.", sampling: "wild" });
  await waitForPrivate(ada, /^Write how words are chosen as lines like "temperature: 0.6"/);

  await ada.runCommand("persona rollback", { name: "Rosa", version: 1 });
  await waitForPrivate(ada, /^Done: version 4 says what version 1 said\.$/);
  await ada.runCommand("persona history", { name: "Rosie" });
  const { content } = await waitForPrivate(ada, /^Version 4/);
  expect(content.split("\n").map((line) => line.replace(/, by <@\d+> <t:\d+:R>$/, ""))).toEqual([
    "Version 4 (newest): **Rosie**",
    "Version 3: **Rosa**",
    "Version 2: **Rosa**",
    "Version 1: **Rosie**",
  ]);
  await ada.runCommand("persona rollback", { name: "Rosie", version: 9 });
  await waitForPrivate(ada, /^"Rosie" has no version 9/);
  const same = await openForm(ada, "persona edit", { name: "Rosie" });
  await ada.submitModal(same, { ...NO_TEXTS, name: "Rosie", systemPrompt: "You are a cat." });
  await waitForPrivate(ada, /^Nothing has changed/);
});

it("makes a copy of any persona, and deletes one with all that used it", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  await ada.runCommand("persona clone", { name: "Tutor", new_name: "Teacher" });
  await waitForPrivate(ada, /^Done: \*\*Teacher\*\* is in the library/);
  await ada.runCommand("persona use", { name: "Teacher", scope: "server" });
  await waitForPrivate(ada, /^Done: \*\*Teacher\*\* answers in the whole server/);
  await ada.runCommand("persona delete", { name: "teacher" });
  await waitForPrivate(ada, /^Done: \*\*Teacher\*\* and all its versions are gone/);
  await ada.runCommand("persona show");
  await waitForPrivate(ada, /^No persona is in use here/);
});

it("answers as the persona of the thread, else the channel's, else the server's, and says why", async () => {
  const engine = new ScriptedEngine([say("One."), say("Two.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await createPersona(ada, { name: "Rosie", systemPrompt: "You are {{char}}, a cat." });
  await ada.runCommand("persona use", { name: "Hermes", scope: "server" });
  await waitForPrivate(
    ada,
    /^Done: \*\*Hermes\*\* answers in the whole server from my next reply on\.$/,
  );
  await ada.runCommand("persona use", { name: "Rosie" });
  await waitForPrivate(ada, /^Done: \*\*Rosie\*\* answers in this channel.*always in its newest/);
  await ada.runCommand("persona show");
  await waitForPrivate(
    ada,
    /^\*\*Rosie\*\* answers here: it was chosen for this place\. Version 1, and/,
  );

  const threadId = await openChat(ada, { message: "Who are you?" });
  await waitForReply(ada, threadId, "One.");
  await ada.runCommand("persona show", {}, threadId);
  await waitForPrivate(
    ada,
    /^\*\*Rosie\*\* answers here: this thread began with it\. It stays at version 1\.$/,
  );

  await ada.runCommand("persona use", { name: "Code Reviewer", scope: "thread" }, threadId);
  await waitForPrivate(ada, /^Done: \*\*Code Reviewer\*\* answers in this thread/);
  await ada.runCommand("sampling set", { top_p: 0.5 }, threadId);
  await waitForPrivate(ada, /temperature: 0\.2 \(the persona's\)\ntop-p: 0\.5 \(set here\)/);
  await ada.post(threadId, "And now?");
  await waitForReply(ada, threadId, "Two.");
  expect(engine.requests.map(({ messages }) => messages[0]?.text.slice(0, 26))).toEqual([
    "You are Rosie, a cat.",
    "You are Code Reviewer, a s",
  ]);
  expect(engine.requests.map(({ sampling }) => sampling)).toEqual([
    GREEDY,
    { ...GREEDY, temperature: 0.2, topP: 0.5 },
  ]);

  await ada.runCommand("persona use", {}, threadId);
  await waitForPrivate(ada, /^Done: no persona is chosen for this thread any more\.$/);
  await ada.runCommand("persona show", {}, threadId);
  await waitForPrivate(
    ada,
    /^\*\*Rosie\*\* answers here: it was chosen for the channel of this thread\./,
  );
});

it("keeps a thread at the version it began with until it asks for the newest", async () => {
  const engine = new ScriptedEngine([say("One."), say("Two.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await createPersona(ada, { name: "Rosie", systemPrompt: "You are a cat." });
  await ada.runCommand("persona use", { name: "Rosie", scope: "channel" });
  await waitForPrivate(ada, /^Done: \*\*Rosie\*\* answers/);
  const threadId = await openChat(ada);
  const form = await openForm(ada, "persona edit", { name: "Rosie" });
  await ada.submitModal(form, { ...NO_TEXTS, name: "Rosie", systemPrompt: "You are a dog." });
  await waitForPrivate(ada, /is now at version 2/);
  await ada.post(threadId, "Hello");
  await waitForReply(ada, threadId, "One.");
  await ada.runCommand("persona show", {}, threadId);
  await waitForPrivate(ada, /It stays at version 1\. There is a newer one/);
  await ada.runCommand("persona use", { name: "Rosie", version: "newest" }, threadId);
  await waitForPrivate(
    ada,
    /answers in this thread from my next reply on, always in its newest version/,
  );
  await ada.post(threadId, "Hello again");
  await waitForReply(ada, threadId, "Two.");
  expect(engine.requests.map(({ messages }) => messages[0]?.text)).toEqual([
    "You are a cat.",
    "You are a dog.",
  ]);
});

it("begins a thread with the persona's greeting, which is part of the history", async () => {
  const engine = new ScriptedEngine([say("Welcome.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await createPersona(ada, { name: "Rosie", greeting: "Meow, {{user}}! I am {{char}}." });
  await ada.runCommand("persona use", { name: "Rosie" });
  await waitForPrivate(ada, /^Done: \*\*Rosie\*\* answers/);
  const threadId = await openChat(ada, { message: "Hello" });
  await waitForReply(ada, threadId, "Meow, Ada! I am Rosie.");
  await waitForReply(ada, threadId, "Welcome.");
  expect(engine.requests[0]?.messages.map(({ text }) => text)).toEqual([
    "Be kind.",
    "Meow, Ada! I am Rosie.",
    "Hello",
  ]);
  expect((await historyOf(test, threadId))[0]?.role).toBe("assistant");

  const other = await openChat(ada, { system: "You are a dog." });
  expect(await historyOf(test, other)).toEqual([]);
});

it("greets in a thread of someone's own when it is first addressed there", async () => {
  const engine = new ScriptedEngine([say("Yes.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await ada.runCommand("persona use", { name: "Tutor", scope: "server" });
  await waitForPrivate(ada, /^Done: \*\*Tutor\*\* answers/);
  const starter = await ada.post(ada.channelId, "About primes");
  const thread = await ada.openThread(ada.channelId, "Primes", starter.id);
  await ada.post(thread.id, `<@${ada.session.botUserId}> Is 7 one?`);
  await waitForReply(ada, thread.id, /^Hello Ada! What would you like/);
  await waitForReply(ada, thread.id, "Yes.");
  const turns = await historyOf(test, thread.id);
  expect(turns.map(({ text }) => text.slice(0, 12))).toEqual([
    "About primes",
    "Hello Ada! W",
    "Is 7 one?",
    "Yes.",
  ]);
});

it("says what is wrong in one sentence, and changes nothing", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const form = await openForm(ada, "persona create");
  await ada.submitModal(form, { ...NO_TEXTS, name: "My Clyde" });
  await waitForPrivate(ada, /^Discord allows no name with "clyde" in it/);
  const taken = await openForm(ada, "persona create");
  await ada.submitModal(taken, { ...NO_TEXTS, name: "hermes" });
  await waitForPrivate(ada, /^There is a persona called "hermes" already/);
  await ada.runCommand("persona edit", { name: "Hermes" });
  await waitForPrivate(ada, /^"Hermes" is built in: \/persona clone makes one of your own/);
  await ada.runCommand("persona history", { name: "Hermes" });
  await waitForPrivate(ada, /^"Hermes" is built in: it comes with me/);
  await ada.runCommand("persona use", { name: "Nobody" });
  await waitForPrivate(ada, /^There is no persona called "Nobody" here/);
  await ada.runCommand("persona use", { name: "Tutor", scope: "thread" });
  await waitForPrivate(ada, /^This is no thread/);
  await ada.runCommand("persona list");
  expect((await waitForPrivate(ada, /^Built in/)).content).not.toContain("server");
});

it("keeps what was typed into a refused form, as often as it is refused", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const typed = { ...NO_TEXTS, systemPrompt: "You are a cat.", greeting: " Meow\n" };
  const form = await openForm(ada, "persona create");
  await ada.submitModal(form, { ...typed, name: "hermes" });
  const taken = await waitForPrivate(ada, /^There is a persona called "hermes" already/);
  const second = await openAgain(ada, taken);
  expect(second.title).toBe("New persona");
  expect(valuesIn(second)).toEqual({
    name: "hermes",
    systemPrompt: "You are a cat.",
    greeting: " Meow\n",
  });
  await ada.submitModal(second, { ...typed, name: "My Clyde" });
  const refused = await waitForPrivate(ada, /^Discord allows no name with "clyde" in it/);
  expect(refused.id).toBe(taken.id);
  const third = await openAgain(ada, refused);
  expect(valuesIn(third)["name"]).toBe("My Clyde");
  await ada.submitModal(third, { ...typed, name: "Rosie" });
  const done = await waitForPrivate(ada, /^Done: \*\*Rosie\*\* is in the library/);
  expect([done.id, done.components]).toEqual([taken.id, []]);
});

it("keeps what was typed into both parts of a persona that is changed", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const long = "x".repeat(5_000);
  const card = { name: "Rosie", first_mes: "Hello", description: long, scenario: long };
  const file = new File([JSON.stringify({ spec: "chara_card_v2", data: card })], "rosie.json");
  await ada.runCommand("persona import", { card: file });
  await waitForPrivate(ada, /^Done: \*\*Rosie\*\* is in the library/);

  const main = await openForm(ada, "persona edit", { name: "Rosie" });
  await ada.submitModal(main, { ...NO_TEXTS, name: "Tutor", greeting: "Meow" });
  const taken = await waitForPrivate(ada, /^There is a persona called "Tutor" already/);
  const again = await openAgain(ada, taken);
  expect(valuesIn(again)).toEqual({ name: "Tutor", greeting: "Meow" });
  expect(JSON.stringify(again)).toContain("Too long for this form");
  await ada.submitModal(again, { ...NO_TEXTS, name: "Rosa", greeting: "Meow" });
  await waitForPrivate(ada, /^Done: \*\*Rosa\*\* is now at version 2\./);

  const more = { personality: "sleepy", scenario: "", exampleDialogue: "", alternateGreetings: "" };
  const form = await openForm(ada, "persona edit", { name: "Rosa", part: "more" });
  await ada.submitModal(form, { ...more, sampling: "wild" });
  const odd = await waitForPrivate(ada, /^Write how words are chosen as lines like/);
  const mended = await openAgain(ada, odd);
  expect(valuesIn(mended)).toEqual({ personality: "sleepy", sampling: "wild" });
  expect(JSON.stringify(mended)).toContain("Too long for this form");
  await ada.submitModal(mended, { ...more, sampling: "" });
  await waitForPrivate(ada, /^Done: \*\*Rosa\*\* is now at version 3\./);
  await ada.runCommand("persona export", { name: "Rosa", format: "v2-json" });
  const exported = await waitForPrivate(ada, /^\*\*Rosa\*\* as a character card\.$/);
  expect(JSON.parse(Buffer.from(await readFile(exported)).toString())).toMatchObject({
    data: { first_mes: "Meow", description: long, scenario: long, personality: "sleepy" },
  });
});

it("says after a restart that it no longer has what was typed", async () => {
  const engine = new ScriptedEngine([]);
  await using test = await startTestBot(engine);
  const { ada, playground, store } = test;
  const form = await openForm(ada, "persona create");
  await ada.submitModal(form, { ...NO_TEXTS, name: "hermes" });
  const taken = await waitForPrivate(ada, /^There is a persona called "hermes" already/);
  await test.stop();
  const { stop } = await startOn({ engine, playground, store });
  await ada.press(taken, tryAgainOf(taken));
  const late = await waitForPrivate(ada, /^That is too late/);
  expect([late.id, late.components]).toEqual([taken.id, []]);
  await stop();
});

it("lets only those who manage a server or its channels change the library and who answers", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ben } = test;
  const library = /^You need the Manage Server or the Manage Channels permission for that\.$/;
  for (const command of ["clone", "delete", "rollback"] as const) {
    const before = ben.events.length;
    const options = { name: "Tutor", ...EXTRA[command] };
    await ben.runCommand(`persona ${command}`, options);
    await ben.waitForMessage(
      (message) =>
        ben.events.findIndex(({ d }) => d === message) >= before && library.test(message.content),
    );
  }
  expect((await ben.runCommand("persona create")).kind).toBe("success");
  await ben.runCommand("persona use", { name: "Tutor" });
  await waitForPrivate(ben, /^You need the Manage Channels permission/);
  await ben.runCommand("persona use", { name: "Tutor", scope: "server" });
  await waitForPrivate(ben, /^You need the Manage Server permission/);
});

const EXTRA = { clone: { new_name: "Teacher" }, delete: {}, rollback: { version: 1 } } as const;

it("keeps the owner's personas for all servers, made in direct messages with its owner", async () => {
  const engine = new ScriptedEngine([say("Woof.")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  const [dm, bens] = [
    await ada.openDm(ada.session.botUserId),
    await ben.openDm(ben.session.botUserId),
  ];
  await ben.runCommand("persona create", {}, bens.id);
  await waitForPrivate(ben, /^Personas for all servers are my owner's/);
  await createPersona(ada, { name: "Max", systemPrompt: "You are a dog." }, dm.id);
  await ben.runCommand("persona use", { name: "Max" }, bens.id);
  await waitForPrivate(ben, /^Done: \*\*Max\*\* answers in our direct messages/);
  await ben.post(bens.id, "Hello");
  await waitForReply(ben, bens.id, "Woof.");
  expect(engine.requests[0]?.messages[0]?.text).toBe("You are a dog.");
  await ada.runCommand("persona list");
  await waitForPrivate(ada, /^My owner's, for all servers: Max\nBuilt in/);
  await ada.runCommand("persona edit", { name: "Max" });
  await waitForPrivate(ada, /^"Max" is in my owner's library: \/persona clone/);
});

it("makes a persona out of a card, and a card out of a persona", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const card = {
    spec: "chara_card_v2",
    spec_version: "2.0",
    data: { name: "Aqua", first_mes: "Hello, {{user}}!", extensions: { odd: [1] } },
  };
  const file = new File([JSON.stringify(card)], "aqua.json");
  await ada.runCommand("persona import", { card: file });
  await waitForPrivate(ada, /^Done: \*\*Aqua\*\* is in the library\.$/);
  await ada.runCommand("persona import", { card: file });
  await waitForPrivate(ada, /^There is a persona called "Aqua" already/);
  await ada.runCommand("persona import", { card: file, name: "Second" });
  await waitForPrivate(ada, /^Done: \*\*Second\*\* is in the library\.$/);
  await ada.runCommand("persona import", { card: new File(["Hello"], "letter.txt") });
  await waitForPrivate(ada, /^The (?:file|text|card)/);

  await ada.runCommand("persona export", { name: "Aqua", format: "v2-json" });
  const exported = await waitForPrivate(ada, /^\*\*Aqua\*\* as a character card\.$/);
  expect(exported.attachments[0]?.filename).toBe("Aqua.json");
  expect(JSON.parse(Buffer.from(await readFile(exported)).toString())).toMatchObject(card);

  await ada.runCommand("persona export", { name: "Game Master" });
  const picture = await waitForPrivate(ada, /^\*\*Game Master\*\* as a character card\.$/);
  expect(picture.attachments[0]?.filename).toBe("Game_Master.png");
  const again = new File([await readFile(picture)], "gm.png");
  await ada.runCommand("persona import", { card: again, name: "Mine" });
  await waitForPrivate(ada, /^Done: \*\*Mine\*\* is in the library\.$/);
  await ada.runCommand("persona show", { name: "Mine" });
  const shown = await waitForPrivate(ada, /^\*\*Mine\*\* is in this server's library/);
  expect(shown.embeds[0]?.fields).toContainEqual({
    name: "How words are chosen",
    value: "temperature: 1\nmin-p: 0.05",
  });
});
