import { setImmediate as settle } from "node:timers/promises";
import { ComponentType, MessageFlags } from "discord-api-types/v10";
import type { APIButtonComponentWithCustomId, APIMessage } from "discord-api-types/v10";
import { describe, expect, it } from "vitest";
import { readZipDirectory, readZipEntry } from "../../src/cards/container/zip-archive.ts";
import { toChannelId, toGuildId, toUserId } from "../../src/chat/ids.ts";
import { isByBot, startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import { dumpServer } from "../support/dump.ts";
import { openDemoEngine } from "../support/model.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";

const DAY_MS = 24 * 3_600_000;
const settings = { learningPauseMs: 0, quietMs: 0 };
const limits = { messageCreate: { requests: 100, perMs: 5_000 } };
const EPHEMERAL = MessageFlags.Ephemeral;

function facts(...texts: readonly string[]): ScriptStep[] {
  return say(JSON.stringify({ facts: texts.map((fact) => ({ fact, replaces: 0 })) }));
}

/** What only this person sees of what they do next. */
async function answerTo(
  person: Person,
  act: () => Promise<unknown>,
  fits: (message: APIMessage) => boolean = () => true,
): Promise<APIMessage> {
  const past = new Set(person.events.map(({ d }) => d));
  await act();
  return await person.waitForMessage(
    (message) =>
      !past.has(message) &&
      ((message.flags ?? 0) & EPHEMERAL) !== 0 &&
      (message.content !== "" || message.embeds.length > 0) &&
      fits(message),
  );
}

async function consent(person: Person, state: "on" | "off" = "on", channelId?: string) {
  const run = () => person.runCommand("privacy learning", { state }, channelId);
  return (await answerTo(person, run)).content;
}

function buttonsOf({ components = [] }: APIMessage): APIButtonComponentWithCustomId[] {
  return components.flatMap((row) =>
    row.type === ComponentType.ActionRow
      ? row.components.filter(
          (one): one is APIButtonComponentWithCustomId =>
            one.type === ComponentType.Button && "custom_id" in one,
        )
      : [],
  );
}

async function press(person: Person, message: APIMessage, label: string): Promise<unknown> {
  const button = buttonsOf(message).find((one) => one.label === label);
  if (button === undefined) throw new Error(`no button ${label}`);
  return await person.press(message, button.custom_id);
}

/** The first question of the bot's that reads so, or the state of one. */
async function question(person: Person, channelId: string, words: string | RegExp) {
  return await person.waitForMessage(
    (message) =>
      message.channel_id === channelId &&
      isByBot(person, message) &&
      ((message.flags ?? 0) & EPHEMERAL) === 0 &&
      (typeof words === "string" ? message.content.includes(words) : words.test(message.content)),
  );
}

async function allow({ ada, store }: TestBot): Promise<void> {
  const guildId = toGuildId(ada.session.guildId);
  await store.settings.change({ kind: "guild", id: guildId }, { learning: true });
}

async function mention(person: Person, text: string): Promise<APIMessage> {
  return await person.post(person.channelId, `<@${person.session.botUserId}> ${text}`);
}

async function notesAbout({ ada, store }: TestBot, channelId = ada.channelId): Promise<string[]> {
  const conversation = await store.conversations.find(toChannelId(channelId));
  if (conversation === undefined) return [];
  const people = [toUserId(ada.id)];
  const { place } = conversation;
  const notes = await store.notes.read({ place, persona: undefined, people });
  return notes.map(({ text }) => text);
}

/** Ada is asked in #general whether two things are to be remembered. */
async function askAda(test: TestBot): Promise<{ said: APIMessage; asked: APIMessage }> {
  const { ada } = test;
  await allow(test);
  await consent(ada);
  const said = await mention(ada, "I have two cats and a red bicycle");
  await waitForReply(ada, ada.channelId, "Fine.");
  const asked = await question(ada, ada.channelId, "shall I remember this about you?");
  return { said, asked };
}

const STORY = [say("Fine."), facts("Has two cats.", "Has a red bicycle.")] as const;

it("asks whom it is about after a pause, and keeps only what they press Keep for", async () => {
  const engine = new ScriptedEngine([...STORY, say("Cats!"), facts()]);
  await using test = await startTestBot(engine, { settings, limits });
  const { ada, ben } = test;
  const { asked } = await askAda(test);
  expect(asked.content).toMatch(
    new RegExp(
      `^<@${ada.id}>, shall I remember this about you\\?\\n\\*\\*1\\*\\* Has two cats\\.\\n\\*\\*2\\*\\* Has a red bicycle\\.`,
    ),
  );
  expect(asked.mentions).toEqual([]);
  expect(buttonsOf(asked).map(({ label }) => label)).toEqual([
    "Keep 1",
    "Discard 1",
    "Keep 2",
    "Discard 2",
  ]);
  expect(await notesAbout(test)).toEqual([]);

  const told = await answerTo(ben, () => press(ben, asked, "Keep 1"));
  expect(told.content).toBe("Only the person whom this is about can decide on it.");
  expect(await notesAbout(test)).toEqual([]);

  await press(ada, asked, "Keep 1");
  const half = await question(ada, ada.channelId, /✓ I remember it/);
  expect(half.content).not.toContain("two cats");
  expect(half.content).toContain("• Has a red bicycle.");
  expect(await notesAbout(test)).toEqual(["Has two cats."]);
  await press(ada, half, "Discard");
  const done = await question(ada, ada.channelId, /✕ Discarded/);
  expect(buttonsOf(done)).toEqual([]);
  expect(done.content).not.toContain("bicycle");
  expect(await notesAbout(test)).toEqual(["Has two cats."]);

  await mention(ada, "What do you know?");
  await waitForReply(ada, ada.channelId, "Cats!");
  const prompt = (engine.requests[2]?.messages ?? []).map(({ text }) => text).join("\n");
  expect(prompt).toContain("Has two cats.");
  expect(await dumpServer(test.database.url ?? "")).not.toContain("Has a red bicycle");
});

it("works after a restart: buttons, and what was said before it", async () => {
  const engine = new ScriptedEngine([...STORY]);
  await using test = await startTestBot(engine, { settings, limits });
  const { ada } = test;
  const { asked } = await askAda(test);
  await test.stop();
  const parts = { engine: new ScriptedEngine([]), playground: test.playground, store: test.store };
  const again = await startOn(parts, settings);
  await press(ada, asked, "Keep 2");
  await question(ada, ada.channelId, /✓ I remember it/);
  expect(await notesAbout(test)).toEqual(["Has a red bicycle."]);
  await again.stop();
});

describe("a question goes", () => {
  /** What the database then holds. */
  async function untilGone(test: TestBot, asked: APIMessage): Promise<string> {
    await test.ada.waitForEvent("MESSAGE_DELETE", ({ id }) => id === asked.id);
    return await dumpServer(test.database.url ?? "");
  }

  it("with the message that it rests on", async () => {
    await using test = await startTestBot(new ScriptedEngine([...STORY]), { settings, limits });
    const { asked, said } = await askAda(test);
    await test.ada.remove(said);
    expect(await untilGone(test, asked)).not.toContain("Has two cats");
  });

  it("with an edit of that message", async () => {
    await using test = await startTestBot(new ScriptedEngine([...STORY]), { settings, limits });
    const { asked, said } = await askAda(test);
    await test.ada.edit(said, "Never mind");
    expect(await untilGone(test, asked)).not.toContain("Has two cats");
  });

  it("with the consent", async () => {
    await using test = await startTestBot(new ScriptedEngine([...STORY]), { settings, limits });
    const { asked } = await askAda(test);
    expect(await consent(test.ada, "off")).toMatch(/^Done: I learn nothing more/);
    expect(await untilGone(test, asked)).not.toContain("Has two cats");
  });

  it("when the person opts out, who must consent anew later", async () => {
    await using test = await startTestBot(new ScriptedEngine([...STORY]), { settings, limits });
    const { ada } = test;
    const { asked } = await askAda(test);
    await answerTo(ada, () => ada.runCommand("privacy opt-out"));
    expect(await untilGone(test, asked)).not.toContain("Has two cats");
    expect(await consent(ada)).toMatch(/^You have opted out/);
    await answerTo(ada, () => ada.runCommand("privacy opt-in"));
    expect(await test.store.learning.hasConsented(toUserId(ada.id))).toBe(false);
  });

  it("when the person has themselves forgotten, in direct messages too", async () => {
    const replies = [...STORY, say("Fine."), facts("Has two cats.")];
    await using test = await startTestBot(new ScriptedEngine(replies), { settings, limits });
    const { ada } = test;
    const { asked } = await askAda(test);
    const dm = await ada.openDm(ada.session.botUserId);
    await ada.post(dm.id, "I do have two cats, see?");
    await waitForReply(ada, dm.id, "Fine.");
    while ((await test.store.learning.due(new Date(Date.now() - DAY_MS), 9)).length > 0) {
      await settle();
    }
    const confirm = await answerTo(ada, () => ada.runCommand("privacy forget"));
    await press(ada, confirm, "Forget me");
    expect(await untilGone(test, asked)).not.toContain("Has two cats");
    await ada.waitForMessage(({ content }) => content.startsWith("Done in"));
    const dump = await dumpServer(test.database.url ?? "");
    expect(dump).not.toContain("two cats");
    expect(await test.store.learning.hasConsented(toUserId(ada.id))).toBe(false);
  });

  it("from what is held when someone deletes its message", async () => {
    await using test = await startTestBot(new ScriptedEngine([...STORY]), { settings, limits });
    const { ada, store } = test;
    const { asked } = await askAda(test);
    await ada.remove(asked);
    while ((await store.learning.undecided(toUserId(ada.id))).length > 0) await settle();
    expect(await dumpServer(test.database.url ?? "")).not.toContain("Has two cats");
  });
});

it("takes away a question that it no longer knows, once someone presses it", async () => {
  await using test = await startTestBot(new ScriptedEngine([...STORY]), { settings, limits });
  const { ada, ben, store } = test;
  const { asked } = await askAda(test);
  const ids = buttonsOf(asked).map(({ custom_id: id }) => Number(id.split(":")[2]));
  await store.learning.drop(ids);
  const told = await answerTo(ben, () => press(ben, asked, "Keep 1"));
  expect(told.content).toMatch(/^There is nothing left to decide here/);
  await ada.waitForEvent("MESSAGE_DELETE", ({ id }) => id === asked.id);
});

it("says after a week without a decision that nothing was kept", async () => {
  const engine = new ScriptedEngine([...STORY]);
  await using test = await startTestBot(engine, { settings, limits });
  const { ada } = test;
  const { asked } = await askAda(test);
  await test.stop();
  const date = () => new Date(Date.now() + 8 * DAY_MS);
  const { playground, store } = test;
  const again = await startOn(
    { engine: new ScriptedEngine([]), playground, store, date },
    settings,
  );
  const late = await ada.waitForMessage(
    ({ content, id }) => id === asked.id && content.includes("Nobody decided"),
  );
  expect(late.content).not.toContain("cats");
  expect(buttonsOf(late)).toEqual([]);
  expect(await dumpServer(test.database.url ?? "")).not.toContain("Has two cats");
  await again.stop();
});

it("is off until the server and the person turn it on, each for themselves", async () => {
  const replies = [say("One."), say("Two."), say("Three."), facts("Has two cats.")];
  const engine = new ScriptedEngine(replies);
  await using test = await startTestBot(engine, { settings, limits });
  const { ada, store } = test;
  await mention(ada, "I have two cats");
  await waitForReply(ada, ada.channelId, "One.");
  const said = await consent(ada);
  expect(said).toMatch(/^Done: from now on I may learn/);
  expect(said).toContain("In this server learning is off");
  await mention(ada, "I have two cats, still");
  await waitForReply(ada, ada.channelId, "Two.");
  for (let turn = 0; turn < 50; turn += 1) await settle();
  expect(engine.requests).toHaveLength(2);

  /** Uses a component of the panel, which then says so. */
  const use = async (panel: APIMessage, id: string, words: string, value?: string) =>
    await answerTo(
      ada,
      () => ada.press(panel, id, value === undefined ? undefined : [value]),
      (message) => message.id === panel.id && message.content.includes(words),
    );
  const panel = await answerTo(ada, () => ada.runCommand("settings"));
  const server = await use(panel, "settings:server:speaking:show:", "### The whole server");
  const turn = "settings:server:speaking:turn:";
  const page = await use(server, turn, "**Learning**: off", "memory");
  await use(page, "settings:server:memory:choose:learning", "**Learning**: on, of people", "on");
  await mention(ada, "Two cats, as I said");
  await waitForReply(ada, ada.channelId, "Three.");
  await question(ada, ada.channelId, "Has two cats.");
  const learned = engine.requests.at(-1)?.messages[1]?.text ?? "";
  // What was said before the consent is not looked at, nor what others say.
  expect(learned).toContain("I have two cats, still");
  expect(learned).not.toContain("person: I have two cats\n");
  expect(await store.learning.undecided(toUserId(ada.id))).toEqual(["Has two cats."]);
});

it("learns in direct messages by consent alone, and keeps it there", async () => {
  const engine = new ScriptedEngine([say("Fine."), facts("Has two cats.")]);
  await using test = await startTestBot(engine, { settings, limits });
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  expect(await consent(ada, "on", dm.id)).not.toContain("In this server");
  await ada.post(dm.id, "I have two cats");
  const asked = await question(ada, dm.id, "• Has two cats.");
  await press(ada, asked, "Keep");
  await question(ada, dm.id, /✓ I remember it/);
  expect(await notesAbout(test, dm.id)).toEqual(["Has two cats."]);
  expect(await notesAbout(test)).toEqual([]);
});

it("shows and exports what is undecided, and /adopt reads no question as a reply", async () => {
  await using test = await startTestBot(new ScriptedEngine([...STORY]), { settings, limits });
  const { ada, store } = test;
  await askAda(test);
  const shown = await answerTo(ada, () => ada.runCommand("privacy show"));
  const embed = JSON.stringify(shown.embeds);
  expect(embed).toContain("facts that you have yet to keep or discard: 2");
  expect(embed).toContain("I may propose what to remember");
  const exported = await answerTo(ada, () => ada.runCommand("privacy export"));
  const response = await fetch(exported.attachments[0]?.url ?? "");
  const archive = new Uint8Array(await response.arrayBuffer());
  const [json] = readZipDirectory(archive);
  if (json === undefined) throw new Error("an empty archive");
  const data = JSON.parse(Buffer.from(await readZipEntry(archive, json, 1e7)).toString());
  expect(data.proposals.map(({ text }: { text: string }) => text)).toEqual([
    "Has two cats.",
    "Has a red bicycle.",
  ]);
  await answerTo(
    ada,
    () => ada.runCommand("adopt"),
    ({ content }) => content.includes("There is nothing older."),
  );
  const texts: string[] = [];
  for await (const page of store.conversations.history(toChannelId(ada.channelId))) {
    texts.push(...page.map(({ text }) => text));
  }
  expect(texts.filter((text) => text.includes("shall I remember"))).toEqual([]);
});

it("whatever the demo model writes is valid and judged: nobody is asked about what they did not say", async () => {
  await using engine = await openDemoEngine();
  const written: string[] = [];
  const generate = engine.generate.bind(engine);
  engine.generate = async function* watched(request) {
    let text = "";
    try {
      for await (const event of generate(request)) {
        if (event.type === "text-delta") text += event.text;
        yield event;
      }
    } finally {
      if (request.schema !== undefined) written.push(text);
    }
  };
  await using test = await startTestBot(engine, { settings, limits });
  const { ada, store } = test;
  await allow(test);
  await consent(ada);
  await mention(ada, "My name is Ada and I have two cats in Berlin");
  while (written.length === 0) await settle();
  while ((await store.learning.due(new Date(Date.now() - DAY_MS), 9)).length > 0) await settle();
  const [json = ""] = written;
  expect(Array.isArray(JSON.parse(json).facts)).toBe(true);
  for (const text of await store.learning.undecided(toUserId(ada.id))) {
    expect(text.toLowerCase()).toMatch(/name|ada|two|cats?|berlin/);
  }
  expect(await notesAbout(test)).toEqual([]);
});
