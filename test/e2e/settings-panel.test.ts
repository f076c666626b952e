import { ComponentType, MessageFlags } from "discord-api-types/v10";
import type { APIMessage, APIRole } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { toChannelId, toGuildId } from "../../src/chat/ids.ts";
import type { SettingsOverrides, SettingsScope } from "../../src/chat/settings/settings.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

/** The first message after what has just been seen that only this person can see. */
async function afterwards(
  person: Person,
  act: () => Promise<unknown>,
  fits: (message: APIMessage) => boolean = () => true,
): Promise<APIMessage> {
  const past = new Set(person.events.map(({ d }) => d));
  await act();
  return await person.waitForMessage(
    (message) =>
      !past.has(message) &&
      message.author.id === person.session.botUserId &&
      message.flags !== undefined &&
      (message.flags & MessageFlags.Ephemeral) !== 0 &&
      message.content !== "" &&
      fits(message),
  );
}

function openPanel(person: Person, channelId?: string): Promise<APIMessage> {
  return afterwards(person, () => person.runCommand("settings", {}, channelId));
}

/** Uses a component, and waits for the panel as it is then. */
function use(
  person: Person,
  panel: APIMessage,
  { id, values }: { readonly id: string; readonly values?: readonly string[] },
): Promise<APIMessage> {
  return afterwards(
    person,
    () => person.press(panel, id, values),
    (message) => message.id === panel.id,
  );
}

/** Uses a component that something else comes of than a panel. */
function refused(
  person: Person,
  panel: APIMessage,
  { id, values }: { readonly id: string; readonly values?: readonly string[] },
): Promise<APIMessage> {
  return afterwards(
    person,
    () => person.press(panel, id, values),
    (message) => message.id !== panel.id,
  );
}

async function openForm(person: Person, panel: APIMessage, id: string) {
  const outcome = await person.press(panel, id);
  if (outcome.kind !== "modal") throw new Error(`no form: ${outcome.kind}`);
  return outcome.modal;
}

type Form = Awaited<ReturnType<typeof openForm>>;

interface Filled {
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
}

async function submit(person: Person, panel: APIMessage, { id, values }: Filled) {
  const form = await openForm(person, panel, id);
  return await afterwards(
    person,
    () => person.submitModal(form, values),
    (message) => message.id === panel.id,
  );
}

async function submitInVain(person: Person, panel: APIMessage, { id, values }: Filled) {
  const form = await openForm(person, panel, id);
  const told = await afterwards(
    person,
    () => person.submitModal(form, values),
    (message) => message.id !== panel.id,
  );
  return told.content;
}

/** What the fields of a form hold, and what is said in the empty ones. */
function fieldsOf(form: Form): Record<string, string | undefined> {
  const labels = form.components as readonly {
    readonly component: { custom_id: string; value?: string; placeholder?: string };
  }[];
  return Object.fromEntries(
    labels.map(({ component }) => [component.custom_id, component.value ?? component.placeholder]),
  );
}

interface AnyInner {
  readonly type: ComponentType;
  readonly custom_id: string;
  readonly label?: string;
  readonly disabled?: boolean;
  readonly options?: readonly { label: string; value: string; default?: boolean }[];
  readonly default_values?: readonly { id: string; type: string }[];
}

function innerOf({ components = [] }: APIMessage): AnyInner[] {
  return components.flatMap((row) =>
    row.type === ComponentType.ActionRow ? (row.components as unknown as AnyInner[]) : [],
  );
}

function find(panel: APIMessage, id: string): AnyInner {
  const found = innerOf(panel).find((one) => one.custom_id === id);
  if (found === undefined) throw new Error(`no ${id} in ${panel.content}`);
  return found;
}

function chosenIn(panel: APIMessage, id: string): (string | undefined)[] {
  const { default_values: entities, options = [] } = find(panel, id);
  return (
    entities?.map((entity) => entity.id) ??
    options.filter((option) => option.default === true).map(({ value }) => value)
  );
}

function turn(scope: string, from: string, to: string) {
  return { id: `settings:${scope}:${from}:turn:`, values: [to] };
}

/** As stored: a bot that starts anew knows nothing else. */
async function storedOf(
  { store }: TestBot,
  scope: SettingsScope,
): Promise<SettingsOverrides | undefined> {
  return (await store.settings.read([scope]))[0];
}

function guildOf({ ada }: TestBot): SettingsScope {
  return { kind: "guild", id: toGuildId(ada.session.guildId) };
}

function placeOf(channelId: string): SettingsScope {
  return { kind: "place", id: toChannelId(channelId) };
}

it("opens for the channel, with what holds there and where each comes from", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const panel = await openPanel(test.ada);
  expect(panel.content.split("\n")).toEqual([
    "### This channel: When I answer",
    "**I answer**: in my threads, elsewhere when I am mentioned *(default)*",
    "**I answer mentions**: where they are *(default)*",
    "**Wake words**: none *(default)*",
    "**Messages of others that I read along**: 0 *(default)*",
    "-# ↩ takes back what is set here.",
  ]);
  expect(panel.flags).toBe(MessageFlags.Ephemeral);
  expect(panel.components).toHaveLength(5);
});

it("changes a choice for the server, shows the channel what it inherits, and takes its own back", async () => {
  const engine = new ScriptedEngine([say("Always.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const first = await openPanel(ada);
  const server = await use(ada, first, { id: "settings:server:speaking:show:" });
  expect(server.content).toContain("### The whole server: When I answer");
  const id = "settings:server:speaking:choose:speak";
  const changed = await use(ada, server, { id, values: ["always"] });
  expect(changed.content).toContain("**I answer**: to everything *(set here)*");
  expect(chosenIn(changed, id)).toEqual(["always"]);

  const channel = await use(ada, changed, { id: "settings:channel:speaking:show:" });
  expect(channel.content).toContain("**I answer**: to everything *(from the server)*");
  const ofChannel = "settings:channel:speaking:choose:speak";
  expect(chosenIn(channel, ofChannel)).toEqual(["inherit"]);
  const own = await use(ada, channel, { id: ofChannel, values: ["never"] });
  expect(own.content).toContain("**I answer**: never *(set here)*");
  const back = await use(ada, own, { id: ofChannel, values: ["inherit"] });
  expect(back.content).toContain("**I answer**: to everything *(from the server)*");
  expect(await storedOf(test, guildOf(test))).toEqual({ speak: "always" });
  expect(await storedOf(test, placeOf(ada.channelId))).toEqual({});

  await ada.post(ada.channelId, "To nobody");
  await waitForReply(ada, ada.channelId, "Always.");
});

it("has three scopes in a thread, and shows what comes from its channel", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const { id: threadId } = await ada.openThread(ada.channelId, "Talk");
  const first = await openPanel(ada, threadId);
  expect(first.content).toContain("### This thread: When I answer");
  expect(innerOf(first).slice(0, 3)).toMatchObject([
    { label: "This thread", disabled: true },
    { label: "This channel" },
    { label: "The whole server" },
  ]);
  expect(innerOf(first).map((one) => one.custom_id)).not.toContain(
    "settings:thread:speaking:choose:answerIn",
  );
  const channel = await use(ada, first, { id: "settings:channel:speaking:show:" });
  await use(ada, channel, { id: "settings:channel:speaking:choose:speak", values: ["mention"] });
  const thread = await use(ada, channel, { id: "settings:thread:speaking:show:" });
  expect(thread.content).toContain(
    "**I answer**: only when I am mentioned or replied to *(from the channel)*",
  );
  expect(await storedOf(test, placeOf(ada.channelId))).toEqual({ speak: "mention" });
});

it("takes wake words and a number in forms, tells what is wrong with them, and takes them back", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const page = "settings:channel:speaking";
  const panel = await openPanel(ada);
  const wakeWords = { id: `${page}:form:wakeWords`, values: { wakeWords: "Hey you\n fam , fam" } };
  const named = await submit(ada, panel, wakeWords);
  expect(named.content).toContain("**Wake words**: `Hey you`, `fam` *(set here)*");
  const form = await openForm(ada, named, `${page}:form:wakeWords`);
  expect(fieldsOf(form)).toEqual({ wakeWords: "Hey you\nfam" });

  const overheard = `${page}:form:overheard`;
  const read = await submit(ada, named, { id: overheard, values: { overheardMessages: "12" } });
  expect(read.content).toContain("**Messages of others that I read along**: 12 *(set here)*");
  for (const [overheardMessages, sentence] of [
    ["many", /^"How many before a mention do I read\?" must be a number: nothing has changed\.$/],
    ["1.5", /^The number of messages must be a whole number from 0 to/],
    ["5000", /^The number of messages must be a whole number from 0 to/],
  ] as const) {
    const told = await submitInVain(ada, read, { id: overheard, values: { overheardMessages } });
    expect(told).toMatch(sentence);
  }
  const silent = { id: `${page}:form:wakeWords`, values: { wakeWords: "!!!" } };
  expect(await submitInVain(ada, read, silent)).toMatch(/^There can be at most \d+ wake words/);
  const set = { wakeWords: ["Hey you", "fam"], overheardMessages: 12 };
  expect(await storedOf(test, placeOf(ada.channelId))).toEqual(set);

  const half = await use(ada, read, { id: `${page}:inherit:wakeWords` });
  expect(half.content).toContain("**Wake words**: none *(default)*");
  expect(find(half, `${page}:inherit:wakeWords`).disabled).toBe(true);
  await use(ada, half, { id: `${page}:inherit:overheardMessages` });
  expect(await storedOf(test, placeOf(ada.channelId))).toEqual({});
});

it("sets who may stop, whether thoughts show, and whether personas have their own name", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const page = "settings:channel:replies";
  let panel = await use(ada, await openPanel(ada), turn("channel", "speaking", "replies"));
  for (const [name, value] of [
    ["controlledBy", "everyone"],
    ["showThoughts", "on"],
    ["personaWebhook", "off"],
  ] as const) {
    panel = await use(ada, panel, { id: `${page}:choose:${name}`, values: [value] });
  }
  expect(panel.content.split("\n")).toEqual([
    "### This channel: How I answer",
    "**Who may stop and regenerate**: everyone who may write here *(set here)*",
    "**My thoughts**: shown *(set here)*",
    "**A persona's own name and picture**: no, I speak under my own *(set here)*",
    "-# ↩ takes back what is set here.",
  ]);
  expect(await storedOf(test, placeOf(ada.channelId))).toEqual({
    controlledBy: "everyone",
    showThoughts: true,
    personaWebhook: false,
  });
});

it("picks roles, people and channels, keeps what is not picked, and takes all of it back", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const path = `/guilds/${ada.session.guildId}/roles`;
  const { body: role } = await ada.request<APIRole>("POST", path, { name: "readers" });
  const first = await use(ada, await openPanel(ada), { id: "settings:server:speaking:show:" });
  const page = "settings:server:people";
  const people = await use(ada, first, turn("server", "speaking", "people"));
  const allowed = await use(ada, people, { id: `${page}:pick:allowed`, values: [role.id, ada.id] });
  const both = await use(ada, allowed, { id: `${page}:pick:denied`, values: [ben.id] });
  expect(both.content).toContain(`**Allowed**: <@&${role.id}>, <@${ada.id}> *(set here)*`);
  expect(both.content).toContain(`**Denied**: <@${ben.id}> *(set here)*`);
  expect(chosenIn(both, `${page}:pick:allowed`)).toEqual([role.id, ada.id]);

  const random = ada.session.channels[1]?.id ?? "";
  const where = await use(ada, both, turn("server", "people", "channels"));
  const picked = { id: "settings:server:channels:pick:denied", values: [random] };
  const closed = await use(ada, where, picked);
  expect(closed.content).toContain(`**Denied**: <#${random}> *(set here)*`);
  expect(await storedOf(test, guildOf(test))).toMatchObject({
    access: { allowedRoles: [role.id], allowedUsers: [ada.id], deniedUsers: [ben.id] },
    channels: { denied: [random] },
  });
  await use(ada, closed, { id: "settings:server:channels:inherit:channels" });
  const again = await use(ada, closed, turn("server", "channels", "people"));
  const open = await use(ada, again, { id: `${page}:inherit:access` });
  expect(open.content).toContain("**Allowed**: everyone *(default)*");
  expect(await storedOf(test, guildOf(test))).toEqual({});
});

it("takes neither Familiar nor its role nor other bots into the lists of people", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const path = `/guilds/${ada.session.guildId}/roles`;
  const { body: roles } = await ada.request<APIRole[]>("GET", path);
  const own = roles.find(({ tags }) => tags?.bot_id === ada.session.botUserId)?.id ?? "";
  const first = await use(ada, await openPanel(ada), { id: "settings:server:speaking:show:" });
  const people = await use(ada, first, turn("server", "speaking", "people"));
  for (const [list, values] of [
    ["denied", [ben.id, ada.session.botUserId]],
    ["denied", [own]],
    ["allowed", [ada.session.botUserId]],
  ] as const) {
    const picked = { id: `settings:server:people:pick:${list}`, values };
    expect((await refused(ada, people, picked)).content).toMatch(/^I answer no bots, and not/);
  }
  expect(await storedOf(test, guildOf(test))).toEqual({});
});

it("lets a channel change one list of people and keep the other as it was shown", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const first = await use(ada, await openPanel(ada), { id: "settings:server:speaking:show:" });
  const people = await use(ada, first, turn("server", "speaking", "people"));
  await use(ada, people, { id: "settings:server:people:pick:denied", values: [ben.id] });
  const channel = await use(ada, people, { id: "settings:channel:people:show:" });
  expect(channel.content).toContain(`**Denied**: <@${ben.id}> *(from the server)*`);
  const own = { id: "settings:channel:people:pick:allowed", values: [ada.id] };
  const changed = await use(ada, channel, own);
  expect(changed.content).toContain(`**Allowed**: <@${ada.id}> *(set here)*`);
  expect(changed.content).toContain(`**Denied**: <@${ben.id}> *(set here)*`);
});

it("sets quotas in a form, and /quota says how much of them is used", async () => {
  const engine = new ScriptedEngine([say("One.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const first = await use(ada, await openPanel(ada), { id: "settings:server:speaking:show:" });
  const page = await use(ada, first, turn("server", "speaking", "quota"));
  const id = "settings:server:quota:form:quota";
  const none = { repliesPerHour: "", repliesPerDay: "", tokensPerHour: "", tokensPerDay: "" };
  expect(fieldsOf(await openForm(ada, page, id))["repliesPerHour"]).toBe(
    "Empty: as much as they like",
  );
  const wrong = { id, values: { ...none, repliesPerDay: "a few" } };
  expect(await submitInVain(ada, page, wrong)).toBe(
    '"Replies in 24 hours" must be a number: nothing has changed.',
  );
  const zero = await submitInVain(ada, page, { id, values: { ...none, repliesPerDay: "0" } });
  expect(zero).toMatch(/^A quota must be a whole number from 1 to/);
  const values = { ...none, repliesPerHour: "1", tokensPerDay: "20,000" };
  const set = await submit(ada, page, { id, values });
  expect(set.content).toContain("Replies in an hour: 1\n");
  expect(set.content).toContain("Tokens in 24 hours: 20,000\n*(set here)*");

  await ada.post(ada.channelId, `<@${ada.session.botUserId}> Hello`);
  await waitForReply(ada, ada.channelId, "One.");
  const used = await afterwards(ada, () => ada.runCommand("quota"));
  expect(used.content).toMatch(/^\*\*In the last hour\*\*: 1 of 1 reply, \d+ tokens?\n/);
  expect(used.content).toMatch(/\nThere is room for your next reply <t:\d+:R>\.$/);
  const cleared = await use(ada, set, { id: "settings:server:quota:inherit:quota" });
  expect(cleared.content).toContain("Replies in an hour: as much as they like");
});

it("sets the sampling value by value, and an empty field takes one back", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada } = test;
  const page = "settings:channel:sampling";
  const panel = await use(ada, await openPanel(ada), turn("channel", "speaking", "sampling"));
  const none = { temperature: "", topP: "", topK: "", minP: "", repeatPenalty: "" };
  const id = `${page}:form:numbers`;
  const filled = { id, values: { ...none, temperature: "0,7", topK: "12" } };
  const numbers = await submit(ada, panel, filled);
  expect(numbers.content).toContain("**Temperature**: 0.7 *(set here)*");
  expect(numbers.content).toContain("**Top-k**: 12 *(set here)*");
  expect(numbers.content).toMatch(/\*\*Top-p\*\*: [\d.]+ \*\(default\)\*/);
  const hot = { id, values: { ...none, temperature: "70" } };
  expect(await submitInVain(ada, numbers, hot)).toMatch(/^The temperature must be a number from/);
  const ends = { seed: "5", stop: String.raw`END` + "\n" + String.raw`\n` };
  const ended = await submit(ada, numbers, { id: `${page}:form:ends`, values: ends });
  expect(ended.content).toContain("**Seed**: 5 *(set here)*");
  expect(ended.content).toContain("**Stop strings**: `END`, `\\n` *(set here)*");
  const fields = fieldsOf(await openForm(ada, ended, id));
  expect(fields).toMatchObject({ temperature: "0.7", topK: "12" });
  expect(fields["topP"]).toMatch(/^Empty: [\d.]+$/);
  await submit(ada, ended, { id, values: { ...none, topK: "12" } });
  expect(await storedOf(test, placeOf(ada.channelId))).toEqual({
    sampling: { topK: 12, seed: 5, stop: ["END", "\n"] },
  });
  const back = await use(ada, ended, { id: `${page}:inherit:sampling` });
  expect(back.content).not.toContain("*(set here)*");
});

it("is for who may manage the channel, its thread, or the server, and looks at every press", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ada, ben } = test;
  const told = await afterwards(ben, () => ben.runCommand("settings"));
  expect(told.content).toBe("You need the Manage Channels permission for that.");

  const path = `/channels/${ada.channelId}/permissions/${ben.id}`;
  await ada.request("PUT", path, { type: 1, allow: String(1n << 4n), deny: "0" });
  const panel = await openPanel(ben);
  expect(find(panel, "settings:server:speaking:show:").disabled).toBe(true);
  const id = "settings:channel:speaking:choose:speak";
  const changed = await use(ben, panel, { id, values: ["never"] });
  expect(changed.content).toContain("**I answer**: never *(set here)*");

  await ada.request("DELETE", path);
  const late = await refused(ben, changed, { id, values: ["always"] });
  expect(late.content).toBe("You need the Manage Channels permission for that.");
  const form = "settings:channel:speaking:form:wakeWords";
  const noForm = await refused(ben, changed, { id: form });
  expect(noForm.content).toBe("You need the Manage Channels permission for that.");
  expect(await storedOf(test, placeOf(ada.channelId))).toEqual({ speak: "never" });
});

it("is for who opened a thread with /chat, there", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ben } = test;
  const { content } = await afterwards(ben, () => ben.runCommand("chat"));
  const threadId = /<#(\d+)>/.exec(content)?.[1] ?? "";
  const panel = await openPanel(ben, threadId);
  expect(panel.content).toContain("### This thread: When I answer");
  expect(find(panel, "settings:channel:speaking:show:").disabled).toBe(true);
  const id = "settings:thread:speaking:choose:speak";
  const changed = await use(ben, panel, { id, values: ["mention"] });
  expect(changed.content).toContain("*(set here)*");
});

it("knows only the place itself in direct messages, where nothing is counted", async () => {
  await using test = await startTestBot(new ScriptedEngine([]));
  const { ben } = test;
  const { id: dmId } = await ben.openDm(ben.session.botUserId);
  const panel = await openPanel(ben, dmId);
  expect(panel.content.split("\n")).toEqual([
    "### Our direct messages: How I answer",
    "**My thoughts**: not shown *(default)*",
    "-# ↩ takes back what is set here.",
  ]);
  const id = "settings:direct:replies:choose:showThoughts";
  const shown = await use(ben, panel, { id, values: ["on"] });
  expect(shown.content).toContain("**My thoughts**: shown *(set here)*");
  const quota = await afterwards(ben, () => ben.runCommand("quota", {}, dmId));
  expect(quota.content).toMatch(/^Nothing is counted in direct messages/);
});

it("works on with the panels of before after a restart", async () => {
  const engine = new ScriptedEngine([]);
  await using test = await startTestBot(engine);
  const { ada, playground, store } = test;
  const panel = await openPanel(ada);
  await test.stop();
  const { stop } = await startOn({ engine, playground, store });
  const id = "settings:channel:speaking:choose:answerIn";
  const changed = await use(ada, panel, { id, values: ["thread"] });
  expect(changed.content).toContain("**I answer mentions**: in a new thread *(set here)*");
  const page = await use(ada, changed, turn("channel", "speaking", "sampling"));
  expect(page.content).toContain("### This channel: How I choose my words");
  await stop();
});

it("tells people who are denied so, but for /settings, /quota and /ping", async () => {
  const engine = new ScriptedEngine([say("One.")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await ada.post(ada.channelId, `<@${ada.session.botUserId}> Hello`);
  await waitForReply(ada, ada.channelId, "One.");
  const reply = await ben.waitForMessage(
    ({ components, content }) => content === "One." && (components ?? []).length > 0,
  );
  const first = await use(ada, await openPanel(ada), { id: "settings:server:speaking:show:" });
  const people = await use(ada, first, turn("server", "speaking", "people"));
  await use(ada, people, { id: "settings:server:people:pick:denied", values: [ben.id] });

  const sentence = /^I do not answer you here: /;
  for (const command of ["stop", "chat", "persona create", "history export"]) {
    const told = await afterwards(ben, () => ben.runCommand(command));
    expect(told.content).toMatch(sentence);
    expect(told.flags).toBe(MessageFlags.Ephemeral);
  }
  const { custom_id: menu } = innerOf(reply).at(-1) ?? { custom_id: "" };
  const pressed = await afterwards(ben, () => ben.press(reply, menu));
  expect(pressed.content).toMatch(sentence);
  const regenerated = await afterwards(ben, () =>
    ben.runContextMenu("Forget this message", reply.id),
  );
  expect(regenerated.content).toMatch(sentence);

  for (const [command, answer] of [
    ["settings", /^You need the Manage Channels permission/],
    ["quota", /^\*\*In the last hour/],
    ["ping", /Discord: /],
  ] as const) {
    const told = await afterwards(ben, () => ben.runCommand(command));
    expect(told.content).toMatch(answer);
  }
  const allowed = await afterwards(ada, () => ada.runCommand("stop"));
  expect(allowed.content).toMatch(/^There is nothing to stop/);
});
