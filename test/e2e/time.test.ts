import { MessageFlags } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import { toGuildId, toUserId } from "../../src/chat/ids.ts";
import { createPersonaContent } from "../../src/chat/persona/persona.ts";
import type { PromptMessage } from "../../src/chat/ports.ts";
import { renderRawPrompt } from "../../src/chat/prompt/describe-context.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A clock that goes on from a Monday, 14:05 in UTC, and can be set forward. */
function createClock() {
  const startedAt = performance.now();
  let passedMs = Date.UTC(2026, 10, 23, 14, 5);
  return {
    date: () => new Date(passedMs + performance.now() - startedAt),
    pass: (ms: number): void => {
      passedMs += ms;
    },
  };
}

function countedReplies(count: number): ScriptedEngine {
  return new ScriptedEngine(
    Array.from({ length: count }, (_, index) => say(`Reply ${index + 1}.`)),
  );
}

function textsOf(messages: readonly PromptMessage[] | undefined): string[] {
  return (messages ?? []).map(({ role, text }) => `${role}: ${text}`);
}

function lastPrompt(engine: ScriptedEngine): string[] {
  return textsOf(engine.requests.at(-1)?.messages);
}

async function talk(
  { ada }: Pick<TestBot, "ada">,
  channelId: string,
  words: string,
  reply: string,
) {
  await ada.post(channelId, words);
  await waitForReply(ada, channelId, reply);
}

/** What only the person who asked can see, since it was asked for. */
async function ask(person: Person, act: () => Promise<unknown>, text: RegExp): Promise<APIMessage> {
  const past = new Set(person.events.map(({ d }) => d));
  await act();
  return await person.waitForMessage(
    (message) =>
      !past.has(message) && message.flags === MessageFlags.Ephemeral && text.test(message.content),
  );
}

const TOLD = { tellTime: true };

it("tells the model the day, and how long ago things were said", async () => {
  const clock = createClock();
  const engine = countedReplies(3);
  await using test = await startTestBot(engine, { date: clock.date, settings: TOLD });
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await talk(test, dm.id, "My exam is tomorrow.", "Reply 1.");
  clock.pass(3 * DAY_MS);
  await talk(test, dm.id, "I passed.", "Reply 2.");
  const prompt = [
    "system: Be kind.",
    "system: [Monday, 23 November 2026]",
    "user: My exam is tomorrow.",
    "assistant: Reply 1.",
    "system: [3 days later: Thursday, 26 November 2026, 14:05]",
    "user: I passed.",
  ];
  expect(lastPrompt(engine)).toEqual(prompt);
  clock.pass(HOUR_MS);
  await talk(test, dm.id, "Aren't you glad?", "Reply 3.");
  // All that was evaluated stands where it stood.
  const next = [...prompt, "assistant: Reply 2.", "user: Aren't you glad?"];
  expect(lastPrompt(engine)).toEqual(next);

  const raw = () => ada.runCommand("context raw", {}, dm.id);
  const { attachments } = await ask(ada, raw, /written as ChatML/);
  const file = await (await fetch(attachments[0]?.url ?? "")).text();
  const read = engine.requests.at(-1)?.messages ?? [];
  const reply = { role: "assistant", text: "Reply 3." } as const;
  expect(file).toBe(renderRawPrompt([...read, reply]).text);
  const show = () => ada.runCommand("context show", {}, dm.id);
  const { content } = await ask(ada, show, /Nothing is left out/);
  // A word is a token, and a message has four more: the six, and the two marks.
  expect(content).toMatch(/History +59\n/);
});

it("takes what was written while nobody listened for as old as it is", async () => {
  const clock = createClock();
  const engine = countedReplies(2);
  await using test = await startTestBot(engine, { date: clock.date, settings: TOLD });
  const { ada, playground, store } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await talk(test, dm.id, "Good night.", "Reply 1.");
  await test.stop();
  clock.pass(20 * HOUR_MS);
  await ada.post(dm.id, "Are you there?");
  clock.pass(10 * HOUR_MS);
  const again = await startOn({ engine, playground, store, date: clock.date }, TOLD);
  await waitForReply(ada, dm.id, "Reply 2.");
  await again.stop();
  expect(lastPrompt(engine).slice(-2)).toEqual([
    "system: [20 hours later: Tuesday, 24 November 2026, 10:05]",
    "user: Are you there?",
  ]);
});

it("fills the date and the hour into a system prompt, so that it stays for as long", async () => {
  const clock = createClock();
  const engine = countedReplies(3);
  const defaultSystemPrompt = "It is {{weekday}}, {{isodate}}, about {{time}}. {{unknown}}";
  const settings = { defaultSystemPrompt };
  await using test = await startTestBot(engine, { date: clock.date, settings });
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await talk(test, dm.id, "Hello", "Reply 1.");
  clock.pass(HOUR_MS / 2);
  await talk(test, dm.id, "Hello", "Reply 2.");
  clock.pass(HOUR_MS / 2);
  await talk(test, dm.id, "Hello", "Reply 3.");
  expect(engine.requests.map(({ messages }) => messages[0]?.text)).toEqual([
    "It is Monday, 2026-11-23, about 2:00 PM. {{unknown}}",
    "It is Monday, 2026-11-23, about 2:00 PM. {{unknown}}",
    "It is Monday, 2026-11-23, about 3:00 PM. {{unknown}}",
  ]);
});

it("greets with the time at which it does", async () => {
  const clock = createClock();
  await using test = await startTestBot(countedReplies(0), { date: clock.date });
  const { ada, store } = test;
  const greeting = "It is {{weekday}}, {{time}}.";
  const content = createPersonaContent({ name: "Rosie", greeting });
  const by = { id: toUserId(ada.id), name: "Ada" };
  await store.personas.create(toGuildId(ada.session.guildId), content, by);
  await ada.runCommand("persona use", { name: "Rosie" });
  await ada.runCommand("chat");
  const greeted = await ada.waitForMessage((message) => message.content.startsWith("It is "));
  expect(greeted.content).toBe("It is Monday, 2:05 PM.");
});

it("has the time zone of the server, whose form says what it does not know", async () => {
  const clock = createClock();
  const engine = countedReplies(2);
  await using test = await startTestBot(engine, { date: clock.date, settings: TOLD });
  const { ada } = test;
  const open = () => ada.runCommand("settings");
  const panel = await ask(ada, open, /When I answer/);
  const server = await ask(
    ada,
    () => ada.press(panel, "settings:server:speaking:show:"),
    /^### The whole server/,
  );
  const time = await ask(
    ada,
    () => ada.press(server, "settings:server:speaking:turn:", ["time"]),
    /\*\*Time zone\*\*: UTC \*\(default\)\*/,
  );
  const fill = async (timeZone: string) => {
    const form = await ada.press(time, "settings:server:time:form:timeZone");
    if (form.kind !== "modal") throw new Error(`no form: ${form.kind}`);
    await ada.submitModal(form.modal, { timeZone });
  };
  await ask(ada, () => fill("Middle-earth"), /^I know no such time zone\. Write .*Europe\/Berlin/);
  await ask(ada, () => fill("auckland"), /\*\*Time zone\*\*: Pacific\/Auckland \*\(set here\)\*/);
  await talk(test, ada.channelId, `<@${ada.session.botUserId}> Hello`, "Reply 1.");
  expect(lastPrompt(engine)).toContain("system: [Tuesday, 24 November 2026]");

  const off = ["off"];
  await ask(
    ada,
    () => ada.press(time, "settings:server:time:choose:tellTime", off),
    /\*\*Dates and pauses\*\*: I know nothing of them \*\(set here\)\*/,
  );
  await talk(test, ada.channelId, `<@${ada.session.botUserId}> And now?`, "Reply 2.");
  expect(lastPrompt(engine).filter((text) => text.startsWith("system: "))).toEqual([
    "system: Be kind.",
  ]);
});

it("leaves the time zone out of what a channel can set", async () => {
  await using test = await startTestBot(countedReplies(0));
  const { ada } = test;
  const panel = await ask(ada, () => ada.runCommand("settings"), /When I answer/);
  const turn = () => ada.press(panel, "settings:channel:speaking:turn:", ["time"]);
  const { content } = await ask(ada, turn, /Dates and pauses/);
  expect(content).not.toContain("Time zone");
});
