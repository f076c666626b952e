import { ComponentType, MessageFlags, PermissionFlagsBits } from "discord-api-types/v10";
import type { APIButtonComponentWithCustomId, APIChannel, APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { toGuildId, toUserId } from "../../src/chat/ids.ts";
import { connectPerson } from "../support/playground.ts";
import type { Person } from "../support/playground.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import { createGate, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";

const HEADER = "What people here asked you to remember:";
const TUTOR = { kind: "built-in", name: "Tutor" } as const;

type Options = Readonly<Record<string, string>>;

/** The next answer that only this person sees. */
async function runPrivately(person: Person, act: () => Promise<unknown>): Promise<APIMessage> {
  const before = person.events.length;
  await act();
  return await person.waitForMessage(
    (message) =>
      message.flags === MessageFlags.Ephemeral &&
      (message.content !== "" || message.embeds.length > 0) &&
      person.events.findIndex(({ d }) => d === message) >= before,
  );
}

async function run(
  person: Person,
  command: string,
  options: Options = {},
  channelId?: string,
): Promise<APIMessage> {
  return await runPrivately(person, () => person.runCommand(command, options, channelId));
}

async function remember(person: Person, options: Options, channelId?: string): Promise<string> {
  return (await run(person, "remember", options, channelId)).content;
}

/** Replies to as many messages as there may be. */
function createEngine(): ScriptedEngine {
  return new ScriptedEngine(Array.from({ length: 12 }, (_, at) => say(`Reply ${at}.`)));
}

/** Has a message answered, and gives the notes of the prompt, line by line. */
async function notesRead(
  { engine, person }: { readonly engine: ScriptedEngine; readonly person: Person },
  channelId: string,
  text = "Hello",
): Promise<readonly string[]> {
  const number = engine.requests.length;
  await person.post(channelId, `<@${person.session.botUserId}> ${text}`);
  await waitForReply(person, channelId, `Reply ${number}.`);
  const { messages = [] } = engine.requests.at(-1) ?? {};
  const noted = messages.find((message) => message.text.startsWith(HEADER));
  return noted?.text.split("\n").slice(1) ?? [];
}

async function openPrivateThread(person: Person, name: string): Promise<string> {
  const path = `/channels/${person.channelId}/threads`;
  return (await person.request<APIChannel>("POST", path, { name, type: 12 })).body.id;
}

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

function idOf(message: APIMessage, label: string): string {
  const found = buttonsOf(message).find((one) => one.label === label);
  if (found === undefined) throw new Error(`no ${label}`);
  return found.custom_id;
}

type Outcome = Awaited<ReturnType<Person["runCommand"]>>;

function formOf(outcome: Outcome) {
  if (outcome.kind !== "modal") throw new Error(`no form: ${outcome.kind}`);
  return outcome.modal;
}

/** What the field of a form holds when it opens. */
function valueIn({ components }: ReturnType<typeof formOf>): string | undefined {
  const [label] = components as readonly { readonly component: { readonly value?: string } }[];
  return label?.component.value;
}

function listed({ embeds }: APIMessage): string[] {
  const lines = embeds[0]?.description?.split("\n") ?? [];
  return lines.filter((line) => line !== "" && !line.startsWith("-# "));
}

async function idOfNote(person: Person, text: string): Promise<string> {
  const choices = await person.autocomplete("memory forget", "note", { note: text });
  return String(choices[0]?.value);
}

async function usePersona({ ada, store }: TestBot): Promise<void> {
  const guild = { kind: "guild", id: toGuildId(ada.session.guildId) } as const;
  await store.personas.use(guild, { persona: TUTOR, version: undefined });
}

it("remembers what a thread is told in every prompt there, and not in another thread", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada } = test;
  const [one, other] = [
    await ada.openThread(ada.channelId, "One"),
    await ada.openThread(ada.channelId, "Other"),
  ];
  expect(await remember(ada, { text: "The story is set in Prague." }, one.id)).toBe(
    "Done: I remember it here, and nowhere else.",
  );
  const line = "- About this conversation: The story is set in Prague.";
  expect(await notesRead({ engine, person: ada }, one.id)).toEqual([line]);
  expect(await notesRead({ engine, person: ada }, one.id)).toEqual([line]);
  expect(await notesRead({ engine, person: ada }, other.id)).toEqual([]);
  expect(await notesRead({ engine, person: ada }, ada.channelId)).toEqual([]);
});

it("shows the notes as a part of the context", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada } = test;
  await remember(ada, { text: "Tea." });
  await notesRead({ engine, person: ada }, ada.channelId);
  const shown = await run(ada, "context show");
  expect(shown.content).toMatch(/^▙ Notes {2,}\d+$/m);
});

it("takes what it knows about a person along in the server, and not into direct messages", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada } = test;
  const thread = await ada.openThread(ada.channelId, "Tea");
  const secret = await openPrivateThread(ada, "Secret");
  const dm = await ada.openDm(ada.session.botUserId);
  expect(await remember(ada, { text: "Likes tea.", for: "me" }, thread.id)).toBe(
    "Done: I remember it about you, wherever you talk with me in this server.",
  );
  const line = "- About the user, Ada: Likes tea.";
  for (const place of [thread.id, secret, ada.channelId]) {
    expect(await notesRead({ engine, person: ada }, place)).toEqual([line]);
  }
  expect(await notesRead({ engine, person: ada }, dm.id)).toEqual([]);
  const inDm = await remember(ada, { text: "Likes rum.", for: "me" }, dm.id);
  expect(inDm).toMatch(/^Done: I remember it about you in our direct messages, and nowhere else/);
  expect(await notesRead({ engine, person: ada }, dm.id)).toEqual([
    "- About the user, Ada: Likes rum.",
  ]);
  expect(await notesRead({ engine, person: ada }, secret)).toEqual([line]);
});

it("knows nothing of what it was told about a person in another server", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada, store } = test;
  const about = toUserId(ada.id);
  await store.notes.add({
    kind: "person",
    guildId: toGuildId("999"),
    placeId: undefined,
    parentId: undefined,
    persona: undefined,
    about,
    text: "Likes tea.",
    author: { id: about, name: "Ada" },
  });
  expect(await notesRead({ engine, person: ada }, ada.channelId)).toEqual([]);
  expect((await run(ada, "memory list")).content).toMatch(/^There are no notes here/);
});

it("reads what is about a person in another's private thread only once they take part", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await remember(ada, { text: "Likes tea.", for: "me" });
  const secret = await openPrivateThread(ben, "Ben's");
  expect(await notesRead({ engine, person: ben }, secret)).toEqual([]);
  await ben.request("PUT", `/channels/${secret}/thread-members/${ada.id}`);
  expect(await notesRead({ engine, person: ben }, secret)).toEqual([]);
  expect(await notesRead({ engine, person: ada }, secret)).toEqual(["- About Ada: Likes tea."]);
});

it("keeps what a private thread tells the persona in that thread", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada } = test;
  await usePersona(test);
  const secret = await openPrivateThread(ada, "Secret");
  const inThread = await remember(ada, { text: "You fear dogs.", for: "persona" }, secret);
  expect(inThread).toBe("Done: I remember it as this persona, here and nowhere else.");
  const inChannel = await remember(ada, { text: "You love maths.", for: "persona" });
  expect(inChannel).toMatch(/^Done: I remember it wherever this persona talks in this server/);
  const thread = await ada.openThread(ada.channelId, "Open");
  expect((await run(ada, "memory list", {}, secret)).embeds[0]?.description).toContain("dogs");
  expect((await run(ada, "memory list", {}, thread.id)).embeds[0]?.description).not.toContain(
    "dogs",
  );
});

it("tells a persona only by those who may manage the channel, and only where there is one", async () => {
  await using test = await startTestBot(createEngine());
  const { ada, ben } = test;
  expect(await remember(ada, { text: "x", for: "persona" })).toMatch(/^No persona is in use here/);
  expect(await remember(ada, { text: "x", for: "me", persona: "this" })).toMatch(/^No persona is/);
  await usePersona(test);
  expect(await remember(ben, { text: "x", for: "persona" })).toMatch(
    /^You need the Manage Channels/,
  );
  expect(await remember(ben, { text: "I do", for: "me", persona: "this" })).toBe(
    "Done: I remember it about you, wherever you talk with this persona in this server.",
  );
  expect(await remember(ada, { text: " " })).toBe("There is nothing to remember in that.");
});

it("lets only those write a place's notes who may write there", async () => {
  await using test = await startTestBot(createEngine());
  const { ada, ben } = test;
  const path = `/channels/${ada.channelId}/permissions/${ben.id}`;
  await ada.request("PUT", path, {
    type: 1,
    deny: String(PermissionFlagsBits.SendMessagesInThreads),
  });
  const thread = await ada.openThread(ada.channelId, "Quiet");
  expect(await remember(ben, { text: "Tea" }, thread.id)).toMatch(/^Only those who may write here/);
  expect(await remember(ben, { text: "Tea", for: "me" }, thread.id)).toMatch(/^Done/);
});

it("lists what is remembered page by page, of people only what is about oneself", async () => {
  await using test = await startTestBot(createEngine());
  const { ada, ben } = test;
  for (let number = 1; number <= 6; number += 1) await remember(ada, { text: `Note *${number}*` });
  await remember(ada, { text: "Ada's own", for: "me" });
  const first = await run(ben, "memory list");
  expect(listed(first)).toEqual([1, 2, 3, 4, 5].map((number) => String.raw`Note \*${number}\*`));
  expect(first.embeds[0]?.footer?.text).toBe("Page 1 of 2 · 6 notes");
  expect(buttonsOf(first).map(({ disabled }) => disabled === true)).toEqual([true, false]);
  const second = await runPrivately(ben, () => ben.press(first, idOf(first, "▶")));
  expect(second.id).toBe(first.id);
  expect(listed(second)).toEqual([String.raw`Note \*6\*`]);
  await runPrivately(ben, () => ben.press(second, idOf(second, "◀")));
  const own = await run(ada, "memory list");
  expect(own.embeds[0]?.footer?.text).toBe("Page 1 of 2 · 7 notes");
  expect(own.embeds[0]?.description).toContain(`About this place · written by <@${ada.id}>`);
});

it("finds notes by their words, and turns their pages", async () => {
  await using test = await startTestBot(createEngine());
  const { ada } = test;
  for (let number = 1; number <= 6; number += 1)
    await remember(ada, { text: `Green: tea ${number}` });
  await remember(ada, { text: "Coffee" });
  const found = await run(ada, "memory search", { text: "TEA green:" });
  expect(found.embeds[0]).toMatchObject({
    title: 'What I remember here of "TEA green:"',
    footer: { text: "Page 1 of 2 · 6 notes" },
  });
  const next = await runPrivately(ada, () => ada.press(found, idOf(found, "▶")));
  expect(listed(next)).toEqual(["Green: tea 6"]);
  const none = await run(ada, "memory search", { text: "rum" });
  expect(none.content).toBe('No note here has "rum" in it.');
});

it("proposes the notes that one may change by their words, and changes one in a form", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await remember(ada, { text: "The tea is green." });
  await remember(ben, { text: "The tea is black." });
  await notesRead({ engine, person: ben }, ben.channelId);
  const proposed = await ben.autocomplete("memory edit", "note", { note: "tea" });
  expect(proposed.map(({ name }) => name)).toEqual(["The tea is black."]);
  // Ada manages messages: she may have others' notes forgotten, and changes none but her own.
  const forAda = await ada.autocomplete("memory forget", "note", { note: "" });
  expect(forAda.map(({ name }) => name)).toEqual(["The tea is black.", "The tea is green."]);
  const note = String(proposed[0]?.value);
  expect((await run(ada, "memory edit", { note })).content).toMatch(/^Only who wrote this note/);

  const form = formOf(await ben.runCommand("memory edit", { note }));
  expect(valueIn(form)).toBe("The tea is black.");
  const forgotten = engine.forgotten.length;
  const done = await runPrivately(ben, () => ben.submitModal(form, { text: "The tea is gone." }));
  expect(done.content).toBe("Done: the note is changed.");
  expect(engine.forgotten.slice(forgotten)).toHaveLength(1);
  expect(await notesRead({ engine, person: ben }, ben.channelId)).toEqual([
    "- About this conversation: The tea is green.",
    "- About this conversation: The tea is gone.",
  ]);
});

it("forgets a note in prompts and in what the engine keeps, for its author and moderators", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await remember(ada, { text: "Tea" });
  await remember(ben, { text: "Rum" });
  await remember(ben, { text: "Is Ben", for: "me" });
  const place = { engine, person: ben };
  expect(await notesRead(place, ben.channelId)).toHaveLength(3);
  const [tea, rum, about] = [
    await idOfNote(ada, "Tea"),
    await idOfNote(ada, "Rum"),
    await idOfNote(ben, "Is Ben"),
  ];
  expect((await run(ben, "memory forget", { note: tea })).content).toMatch(/^Only who wrote/);
  expect((await run(ada, "memory forget", { note: rum })).content).toBe(
    "Done: I no longer remember it. It said: Rum",
  );
  expect(engine.forgotten.at(-1)).toMatchObject({ remaining: undefined });
  expect((await run(ada, "memory forget", { note: rum })).content).toMatch(/^I remember no such/);
  expect((await run(ada, "memory forget", { note: "Tea" })).content).toMatch(/^I remember no such/);
  const before = engine.forgotten.length;
  await run(ben, "memory forget", { note: about });
  expect(engine.forgotten).toHaveLength(before + 1);
  expect(await notesRead(place, ben.channelId)).toEqual(["- About this conversation: Tea"]);
});

it("reaches nothing of another place by its number", async () => {
  await using test = await startTestBot(createEngine());
  const { ada } = test;
  await remember(ada, { text: "Tea" });
  const note = await idOfNote(ada, "Tea");
  const thread = await ada.openThread(ada.channelId, "Elsewhere");
  for (const command of ["memory forget", "memory edit"]) {
    expect((await run(ada, command, { note }, thread.id)).content).toMatch(/^I remember no such/);
  }
});

it("keeps a message from its menu, after showing what will be kept", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  const said = await ben.post(ben.channelId, `I like tea, <@${ada.id}>`);
  const form = formOf(await ada.runContextMenu("Remember this", said.id));
  expect(valueIn(form)).toBe("Ben: I like tea, @Ada");
  const kept = await runPrivately(ada, () => ada.submitModal(form, { text: "Ben: I like tea" }));
  expect(kept.content).toBe("Done: I remember it here, and nowhere else.");
  expect(await notesRead({ engine, person: ada }, ada.channelId)).toEqual([
    "- About this conversation: Ben: I like tea",
  ]);
  // They are his words.
  const note = await idOfNote(ben, "tea");
  expect((await run(ben, "memory forget", { note })).content).toMatch(/^Done/);

  const long = await ben.post(ben.channelId, "tea ".repeat(400));
  const cut = valueIn(formOf(await ada.runContextMenu("Remember this", long.id)));
  expect(cut?.length).toBeLessThanOrEqual(500);
  expect(cut).toMatch(/^Ben: tea tea .*…$/);
  const picture = new FormData();
  picture.set("payload_json", JSON.stringify({ content: "" }));
  picture.set("files[0]", new File(["x"], "x.png"), "x.png");
  const path = `/channels/${ben.channelId}/messages`;
  const { body: wordless } = await ben.request<APIMessage>("POST", path, picture);
  const refused = await runPrivately(ada, () => ada.runContextMenu("Remember this", wordless.id));
  expect(refused.content).toMatch(/^There are no words/);
});

it("keeps a reply from its ⋯ menu, under the name of who said it", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([say("Tea is a drink."), [waitFor(gate), ...say("Yes.")]]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await ada.post(ada.channelId, `<@${ada.session.botUserId}> What is tea?`);
  const reply = await ada.waitForMessage(
    (message) => message.content === "Tea is a drink." && buttonsOf(message).length === 2,
  );
  const before = ada.events.length;
  await ada.press(reply, idOf(reply, "⋯"));
  const menu = await ada.waitForMessage(
    (message) =>
      ada.events.findIndex(({ d }) => d === message) >= before &&
      buttonsOf(message).some(({ label }) => label === "✎ Remember this"),
  );
  const form = formOf(await ada.press(menu, idOf(menu, "✎ Remember this")));
  expect(valueIn(form)).toBe("Familiar: Tea is a drink.");
  const kept = await runPrivately(ada, () => ada.submitModal(form, { text: "Tea is a drink." }));
  expect(kept.content).toMatch(/^Done/);
  await ada.post(ada.channelId, `<@${ada.session.botUserId}> Sure?`);
  await gate.reached;
  const { messages = [] } = engine.requests.at(-1) ?? {};
  expect(messages[1]?.text).toBe(`${HEADER}\n- About this conversation: Tea is a drink.`);
  gate.open();
  await waitForReply(ada, ada.channelId, "Yes.");
});

it("lets those whom it does not answer see and forget their notes, and make none", async () => {
  await using test = await startTestBot(createEngine());
  const { ada, ben } = test;
  await remember(ben, { text: "Is Ben", for: "me" });
  const guild = { kind: "guild", id: toGuildId(ada.session.guildId) } as const;
  await test.store.settings.change(guild, { access: { deniedUsers: [toUserId(ben.id)] } });
  await test.stop();
  const again = await startOn({ engine: createEngine(), ...test });
  const note = await idOfNote(ben, "Is Ben");
  expect(await remember(ben, { text: "x", for: "me" })).toMatch(/^I do not answer you here/);
  expect((await run(ben, "memory edit", { note })).content).toMatch(/^I do not answer you here/);
  expect(listed(await run(ben, "memory list"))).toEqual(["Is Ben"]);
  expect((await run(ben, "memory forget", { note })).content).toMatch(/^Done/);
  await again.stop();
});

it("answers in a person's language", async () => {
  await using test = await startTestBot(createEngine());
  await using ada = await connectPerson(test.playground, "Ada", "de");
  expect(await remember(ada, { text: "Tee" })).toBe(
    "Fertig: Ich merke es mir hier, und nirgends sonst.",
  );
  expect((await run(ada, "memory list")).embeds[0]?.title).toBe("Was ich mir hier merke");
});
