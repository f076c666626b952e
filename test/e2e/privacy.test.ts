import { ComponentType, MessageFlags } from "discord-api-types/v10";
import type { APIButtonComponentWithCustomId, APIChannel, APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { readZipDirectory, readZipEntry } from "../../src/cards/container/zip-archive.ts";
import { toChannelId, toGuildId, toUserId } from "../../src/chat/ids.ts";
import { Retention } from "../../src/chat/privacy/retention.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import { silentLog } from "../support/database-log.ts";
import { dumpServer } from "../support/dump.ts";
import { HandClock } from "../support/hand-clock.ts";
import type { Person } from "../support/playground.ts";
import {
  createGate,
  end,
  say,
  ScriptedEngine,
  think,
  waitFor,
} from "../support/scripted-engine.ts";

const DAY_MS = 24 * 3_600_000;
const WORD = "Xylophonkoffer";
const MANY = { requests: 10_000, perMs: 1_000 };
const chatty = { limits: { global: MANY, messageCreate: MANY } };

type Options = Readonly<Record<string, string | number | boolean>>;

/** The next answer that only this person sees, and that fits. */
async function answerTo(
  person: Person,
  act: () => Promise<unknown>,
  fits: (message: APIMessage) => boolean = () => true,
): Promise<APIMessage> {
  const before = person.events.length;
  await act();
  return await person.waitForMessage(
    (message) =>
      message.flags === MessageFlags.Ephemeral &&
      (message.content !== "" || message.embeds.length > 0) &&
      person.events.findIndex(({ d }) => d === message) >= before &&
      fits(message),
  );
}

async function run(person: Person, name: string, options: Options = {}, channelId?: string) {
  return await answerTo(person, () => person.runCommand(name, options, channelId));
}

async function forget(person: Person, options: Options = {}, channelId?: string): Promise<string> {
  const asked = await run(person, "privacy forget", options, channelId);
  const done = await answerTo(
    person,
    () => person.press(asked, buttonOf(asked, "Forget me")),
    ({ content }) => content.startsWith("Done"),
  );
  return done.content;
}

function buttonOf({ components = [] }: APIMessage, label: string): string {
  const buttons = components.flatMap((row) =>
    row.type === ComponentType.ActionRow
      ? row.components.filter(
          (one): one is APIButtonComponentWithCustomId =>
            one.type === ComponentType.Button && "custom_id" in one,
        )
      : [],
  );
  const found = buttons.find((one) => one.label === label);
  if (found === undefined) throw new Error(`no button ${label}`);
  return found.custom_id;
}

function createEngine(): ScriptedEngine {
  return new ScriptedEngine(Array.from({ length: 20 }, (_, at) => say(`Reply ${at}.`)));
}

/** What the model read last. */
function lastPrompt(engine: ScriptedEngine): string {
  return (engine.requests.at(-1)?.messages ?? []).map(({ text }) => text).join("\n");
}

async function dump({ database }: TestBot): Promise<string> {
  return await dumpServer(database.url ?? "");
}

async function mention(person: Person, text: string, channelId = person.channelId) {
  return await person.post(channelId, `<@${person.session.botUserId}> ${text}`);
}

/** Reads all that stands in a place into the history. */
async function adopt(person: Person, channelId = person.channelId): Promise<void> {
  const { content } = await answerTo(
    person,
    () => person.runCommand("adopt", {}, channelId),
    (message) => message.content.includes("There is nothing older."),
  );
  expect(content).toMatch(/^[1-9]\d* messages? read/);
}

/** Everywhere where words can be. */
async function talkEverywhere({ ada, ben }: TestBot): Promise<APIMessage> {
  const first = await mention(ada, `My word is ${WORD}`);
  const reply = await waitForReply(ada, ada.channelId, "Reply 0.");
  await ben.reply(first, `<@${ben.session.botUserId}> Which word?`);
  await waitForReply(ben, ada.channelId, "Reply 1.");
  const fork = await answerTo(ada, () => ada.runContextMenu("Fork from here", reply.id));
  const forkId = /<#(\d+)>/.exec(fork.content)?.[1] ?? "";
  await ada.post(forkId, `Here too: ${WORD}`);
  await waitForReply(ada, forkId, "Reply 2.");
  const direct = await ada.openDm(ada.session.botUserId);
  await ada.post(direct.id, `And here: ${WORD}`);
  await waitForReply(ada, direct.id, "Reply 3.");
  await run(ada, "remember", { text: `I love my ${WORD}`, for: "me" });
  await run(ada, "remember", { text: `The ${WORD} is ours` });
  return first;
}

it("what a person had forgotten is in no table of the database", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada } = test;
  await talkEverywhere(test);
  const before = await dump(test);
  expect(before).toContain(WORD);
  expect(before.match(new RegExp(`"${ada.id}"`, "g"))?.length).toBeGreaterThan(5);
  const places = new Set(engine.requests.map(({ conversationId }) => conversationId));

  expect(await forget(ada)).toMatch(/^Done in \d+ s/);
  const after = await dump(test);
  expect(after).not.toContain(WORD);
  expect(after).not.toContain("Reply 0.");
  expect(after).toContain("Which word?");
  const named = after.split("\n").filter((row) => row.includes(ada.id));
  expect(named.map((row) => row.split(" ")[0])).toEqual(["forgettings"]);
  const emptied = engine.forgotten.filter(({ remaining }) => remaining === undefined);
  expect(new Set(emptied.map(({ conversationId }) => conversationId))).toEqual(places);

  await mention(ada, "Hello again");
  await waitForReply(ada, ada.channelId, "Reply 4.");
  expect(lastPrompt(engine)).not.toContain(WORD);
  const shown = await run(ada, "privacy show");
  expect(shown.embeds[0]?.fields?.[0]?.value).toContain("messages: 1");
});

it("what was forgotten is not read back in where it still stands", async () => {
  await using test = await startTestBot(createEngine(), chatty);
  const { ada, ben } = test;
  const first = await talkEverywhere(test);
  await ben.reply(first, "Not heard yet");
  await forget(ada);
  await adopt(ada);
  const after = await dump(test);
  expect(after).not.toContain(WORD);
  expect(after).toContain("Not heard yet");
});

it("what it replied to who is forgotten is neither read back in nor left in what others quoted", async () => {
  const engine = new ScriptedEngine([say(`Got it: ${WORD}.`), say("Reply 1."), say("Reply 2.")]);
  await using test = await startTestBot(engine, chatty);
  const { ada, ben } = test;
  await mention(ada, "Remember my word");
  const reply = await waitForReply(ada, ada.channelId, `Got it: ${WORD}.`);
  await mention(ben, "Something else");
  await waitForReply(ben, ada.channelId, "Reply 1.");
  await ben.reply(reply, `<@${ben.session.botUserId}> Good for you`);
  await waitForReply(ben, ada.channelId, "Reply 2.");
  expect(await dump(test)).toContain(`[replying to: you, \\"Got it: ${WORD}.\\"]`);
  await forget(ada);
  await ben.reply(reply, "Not heard yet");
  await adopt(ada);
  const after = await dump(test);
  expect(after).toContain("Not heard yet");
  expect(after).toContain("Reply 2.");
  expect(after).not.toContain(WORD);
});

it("a person is forgotten in one server alone, and keeps the replies that they want to keep", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada } = test;
  await talkEverywhere(test);
  await forget(ada, { where: "here", replies: false });
  const after = await dump(test);
  const kept = after.split("\n").filter((row) => row.includes(WORD));
  expect(kept).toHaveLength(1);
  expect(kept[0]).toContain("And here");
  expect(after).toContain("Reply 0.");
  const shown = await run(ada, "privacy show");
  expect(shown.embeds[0]?.fields?.map(({ name }) => name)).toEqual(["Our direct messages"]);
});

it("a reply to a person who has themselves forgotten stops, and is gone", async () => {
  const gate = createGate();
  const engine = new ScriptedEngine([
    [...say(`You said ${WORD}`).slice(0, 1), waitFor(gate), end("stop")],
  ]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  await mention(ada, WORD);
  await gate.reached;
  await forget(ada);
  expect(engine.requests[0]?.signal.aborted).toBe(true);
  expect(await dump(test)).not.toContain(WORD);
});

it("nothing changes for who does not confirm", async () => {
  await using test = await startTestBot(createEngine());
  const { ada } = test;
  await mention(ada, WORD);
  await waitForReply(ada, ada.channelId, "Reply 0.");
  const asked = await run(ada, "privacy forget");
  expect(asked.content).toContain("messages: 1");
  const told = await answerTo(ada, () => ada.press(asked, buttonOf(asked, "Cancel")));
  expect(told.content).toBe("Nothing has changed.");
  expect(await dump(test)).toContain(WORD);
});

it("what someone who opted out says is in no table, and one reply sees it", async () => {
  const thinking = [think(`They said ${WORD}`), ...say("Reply 1.")];
  const engine = new ScriptedEngine([say("Reply 0."), thinking, say("Reply 2."), say("Reply 3.")]);
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await mention(ada, "Hello");
  await waitForReply(ada, ada.channelId, "Reply 0.");
  expect((await run(ada, "privacy opt-out")).content).toContain("I store nothing");
  const asked = await mention(ada, `Do you know ${WORD}?`);
  await waitForReply(ada, ada.channelId, "Reply 1.");
  expect(lastPrompt(engine)).toContain(`Do you know ${WORD}?`);
  expect(lastPrompt(engine)).toContain("Hello");
  expect(await dump(test)).not.toContain(WORD);
  expect(
    engine.forgotten
      .at(-1)
      ?.remaining?.map(({ text }) => text)
      .join(),
  ).not.toContain(WORD);

  await ada.edit(asked, `Do you know ${WORD} now?`);
  await ben.reply(asked, `<@${ben.session.botUserId}> I do not`);
  await waitForReply(ben, ada.channelId, "Reply 2.");
  expect(lastPrompt(engine)).not.toContain(WORD);
  expect(lastPrompt(engine)).toContain("Reply 1.");
  expect(await dump(test)).not.toContain(WORD);

  await run(ada, "privacy opt-in");
  await mention(ada, `I say ${WORD}`);
  await waitForReply(ada, ada.channelId, "Reply 3.");
  expect(await dump(test)).toContain(WORD);
});

it("a reply to what is not stored cannot be written again, and says why", async () => {
  await using test = await startTestBot(createEngine());
  const { ada } = test;
  await run(ada, "privacy opt-out");
  await mention(ada, WORD);
  await waitForReply(ada, ada.channelId, "Reply 0.");
  expect((await run(ada, "retry")).content).toContain("is not stored, as its author wishes");
});

it("what someone stored before they opted out goes when they change it", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada } = test;
  const said = await mention(ada, "Something old");
  await waitForReply(ada, ada.channelId, "Reply 0.");
  await run(ada, "privacy opt-out");
  const forgotten = engine.forgotten.length;
  await ada.edit(said, `Something with ${WORD}`);
  await expect.poll(() => engine.forgotten.length).toBeGreaterThan(forgotten);
  const after = await dump(test);
  expect(after).not.toContain(WORD);
  expect(after).not.toContain("Something old");
});

it("nobody has the words of someone who opted out remembered", async () => {
  await using test = await startTestBot(createEngine());
  const { ada, ben } = test;
  await run(ada, "privacy opt-out");
  const said = await ada.post(ada.channelId, WORD);
  const outcome = await ben.runContextMenu("Remember this", said.id);
  if (outcome.kind !== "modal") throw new Error("no form");
  const told = await answerTo(ben, () => ben.submitModal(outcome.modal, { text: WORD }));
  expect(told.content).toContain("does not want it stored");
  expect(await dump(test)).not.toContain(WORD);
});

it("what someone who opted out says is neither read along nor adopted", async () => {
  await using test = await startTestBot(createEngine(), chatty);
  const { ada, ben } = test;
  const scope = { kind: "guild", id: toGuildId(ada.session.guildId) } as const;
  await test.store.settings.change(scope, { overheardMessages: 10 });
  await run(ada, "privacy opt-out");
  const said = await ada.post(ada.channelId, WORD);
  await ben.reply(said, "Something else");
  await mention(ben, "What did we say?");
  await waitForReply(ben, ada.channelId, "Reply 0.");
  await adopt(ada);
  const after = await dump(test);
  expect(after).toContain("Something else");
  expect(after).not.toContain(WORD);
});

it("a thread that someone opens who opted out begins with what they say, and keeps none of it", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine, chatty);
  const { ada, ben } = test;
  await run(ada, "privacy opt-out");
  const opened = await run(ada, "chat", { message: `Talk about ${WORD}` });
  const threadId = /<#(\d+)>/.exec(opened.content)?.[1] ?? "";
  await waitForReply(ada, threadId, "Reply 0.");
  expect(lastPrompt(engine)).toContain(`Talk about ${WORD}`);
  expect(await dump(test)).not.toContain(WORD);
  await ben.post(ada.channelId, "Something else");
  for (const channelId of [threadId, ada.channelId]) {
    await adopt(ada, channelId);
  }
  const after = await dump(test);
  expect(after).toContain("Something else");
  expect(after).not.toContain(WORD);
});

async function readExport({ attachments }: APIMessage): Promise<Map<string, string>> {
  const response = await fetch(attachments[0]?.url ?? "");
  const bytes = new Uint8Array(await response.arrayBuffer());
  const files = new Map<string, string>();
  for (const entry of readZipDirectory(bytes)) {
    files.set(entry.name, Buffer.from(await readZipEntry(bytes, entry, 1e6)).toString());
  }
  return files;
}

it("an export holds my words and nobody else's", async () => {
  const engine = new ScriptedEngine(
    ["Hello Ada.", "Hello Ben.", "I see."].map((text) => say(text)),
  );
  await using test = await startTestBot(engine);
  const { ada, ben } = test;
  await mention(ada, `My word is ${WORD}`);
  const answered = await waitForReply(ada, ada.channelId, "Hello Ada.");
  const theirs = await ben.reply(answered, "This is a secret of Ben's");
  await waitForReply(ben, ada.channelId, "Hello Ben.");
  await ada.reply(theirs, `<@${ada.session.botUserId}> No secret of mine`);
  await waitForReply(ada, ada.channelId, "I see.");
  await run(ada, "remember", { text: "Ada likes tea", for: "me" });
  await run(ben, "remember", { text: "Ben likes coffee", for: "me" });

  const sent = await run(ada, "privacy export");
  const files = await readExport(sent);
  expect([...files.keys()]).toEqual(["familiar.json", "familiar.md"]);
  for (const text of files.values()) {
    expect(text).toContain(WORD);
    expect(text).toContain("Hello Ada.");
    expect(text).toContain("Ada likes tea");
    expect(text).not.toContain("Ben");
    expect(text).toContain("No secret of mine");
    expect(text).not.toContain("This is a secret");
  }
  const { words } = JSON.parse(files.get("familiar.json") ?? "") as { words: unknown[] };
  expect(words[0]).toMatchObject({ placeName: "general", text: expect.stringContaining(WORD) });
});

it("retention deletes what is older than a server keeps it, and nothing else", async () => {
  const engine = createEngine();
  let now = Date.now();
  await using test = await startTestBot(engine, { date: () => new Date(now) });
  const { ada, store } = test;
  const scope = { kind: "guild", id: toGuildId(ada.session.guildId) } as const;
  await mention(ada, `My word is ${WORD}`);
  await waitForReply(ada, ada.channelId, "Reply 0.");
  const direct = await ada.openDm(ada.session.botUserId);
  await ada.post(direct.id, "In private");
  await waitForReply(ada, direct.id, "Reply 1.");
  await run(ada, "remember", { text: "A note stays", for: "me" });
  await store.settings.change(scope, { retentionDays: 7 });
  const [{ conversationId }] = engine.requests as unknown as [{ conversationId: number }];

  await test.stop();
  now += 6 * DAY_MS;
  const { playground } = test;
  const early = await startOn({ engine, playground, store, date: () => new Date(now) });
  await early.stop();
  expect(await dump(test)).toContain(WORD);

  now += 2 * DAY_MS;
  const late = await startOn({ engine, playground, store, date: () => new Date(now) });
  await expect.poll(() => dump(test)).not.toContain(WORD);
  await expect
    .poll(() => engine.forgotten)
    .toContainEqual({ conversationId, remaining: undefined });
  await late.stop();
  const after = await dump(test);
  expect(after).not.toContain("Reply 0.");
  expect(after).toContain("In private");
  expect(after).toContain("A note stays");
});

it("a server that removed the bot is forgotten after 30 days", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada, store } = test;
  const { guildId } = ada.session;
  await mention(ada, `My word is ${WORD}`);
  await waitForReply(ada, ada.channelId, "Reply 0.");
  await run(ada, "remember", { text: `A note with ${WORD}`, for: "me" });
  const silent = { kind: "place", id: toChannelId("4711") } as const;
  await store.settings.change(silent, { wakeWords: [WORD] });
  await store.settings.change({ kind: "guild", id: toGuildId(guildId) }, { wakeWords: [WORD] });
  await test.stop();

  const clock = new HandClock();
  const guild = { id: toGuildId(guildId), placeIds: [silent.id] };
  const guilds = [guild];
  const { privacy } = store;
  const forgetSettings = () => {};
  const ports = { clock, engine, log: silentLog, privacy, forgetSettings };
  const retention = new Retention({ ...ports, guilds: () => guilds });
  const { signal } = new AbortController();
  await retention.run(signal);
  guilds.pop();
  await retention.run(signal);
  clock.advance(29 * DAY_MS);
  await retention.run(signal);
  expect((await dump(test)).split(WORD)).toHaveLength(5);
  clock.advance(2 * DAY_MS);
  await retention.run(signal);
  const after = await dump(test);
  expect(after).not.toContain(WORD);
  expect(after).not.toContain(guildId);
  const [{ conversationId }] = engine.requests as unknown as [{ conversationId: number }];
  expect(engine.forgotten).toContainEqual({ conversationId, remaining: undefined });
});

it("a server that the bot is in again is not forgotten", async () => {
  const engine = createEngine();
  await using test = await startTestBot(engine);
  const { ada, playground, store } = test;
  await mention(ada, WORD);
  await waitForReply(ada, ada.channelId, "Reply 0.");
  await test.stop();
  const guild = { id: toGuildId(ada.session.guildId), placeIds: [] };
  await store.privacy.noteLeaving(guild, new Date(Date.now() - 40 * DAY_MS));
  const again = await startOn({ engine, playground, store });
  await expect.poll(() => store.privacy.guildsLeftBefore(new Date())).toEqual([]);
  await again.stop();
  expect(await dump(test)).toContain(WORD);
});

it("a fork of a private thread is private", async () => {
  await using test = await startTestBot(createEngine());
  const { ada, ben } = test;
  const opened = await ada.request<APIChannel>("POST", `/channels/${ada.channelId}/threads`, {
    name: "Secret",
    type: 12,
  });
  const threadId = opened.body.id;
  await ada.request("PUT", `/channels/${threadId}/thread-members/${ada.session.botUserId}`);
  await mention(ada, `Between us: ${WORD}`, threadId);
  const reply = await waitForReply(ada, threadId, "Reply 0.");
  const fork = await answerTo(ada, () => ada.runContextMenu("Fork from here", reply.id, threadId));
  const forkId = /<#(\d+)>/.exec(fork.content)?.[1] ?? "";
  const forked = await ada.request<APIChannel>("GET", `/channels/${forkId}`);
  expect(forked.body.type).toBe(12);
  expect((await ben.request("GET", `/channels/${forkId}/messages`)).status).toBeGreaterThan(399);
  const channelMessages = await ben.messages(ada.channelId);
  expect(JSON.stringify(channelMessages)).not.toContain("Secret");
  await ada.post(forkId, "Go on");
  await waitForReply(ada, forkId, "Reply 1.");
});

it("whoever is not answered may still see and decide what is held of them", async () => {
  await using test = await startTestBot(createEngine());
  const { ada, ben, store } = test;
  await mention(ben, WORD);
  await waitForReply(ben, ada.channelId, "Reply 0.");
  const scope = { kind: "guild", id: toGuildId(ada.session.guildId) } as const;
  await test.stop();
  await store.settings.change(scope, { access: { deniedUsers: [toUserId(ben.id)] } });
  const again = await startOn({ engine: createEngine(), playground: test.playground, store });
  const shown = await run(ben, "privacy show");
  expect(shown.embeds[0]?.fields?.[0]?.value).toMatch(/messages: 1.*name you: 1/s);
  await forget(ben);
  const after = await dump(test);
  await again.stop();
  expect(after).not.toContain(WORD);
  expect(after).toContain("deniedUsers");
});
