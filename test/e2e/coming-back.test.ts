import { ComponentType, MessageFlags } from "discord-api-types/v10";
import type { APIButtonComponentWithCustomId, APIMessage } from "discord-api-types/v10";
import { GatewayDispatchEvents } from "discord.js";
import { expect, it } from "vitest";
import { openStore } from "../../src/store/open-store.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import { createTestDatabase } from "../support/database.ts";
import { silentLog } from "../support/database-log.ts";
import { DatabaseProxy } from "../support/database-proxy.ts";
import { connectPerson, startTestPlayground } from "../support/playground.ts";
import type { Person } from "../support/playground.ts";
import { say, ScriptedEngine } from "../support/scripted-engine.ts";

const AWAY = /^⚠ My database is away/;

async function forgetAll(person: Person): Promise<void> {
  await person.runCommand("privacy forget");
  const asked = await person.waitForMessage(
    ({ components, flags }) => flags === MessageFlags.Ephemeral && components?.length === 1,
  );
  await person.press(asked, buttonOf(asked, "Forget me"));
  await person.waitForMessage(({ content }) => content.startsWith("Done"));
}

function buttonOf({ components = [] }: APIMessage, label: string): string {
  const found = components
    .flatMap((row) => (row.type === ComponentType.ActionRow ? row.components : []))
    .find((one): one is APIButtonComponentWithCustomId => "label" in one && one.label === label);
  if (found === undefined) throw new Error(`no button ${label}`);
  return found.custom_id;
}

async function apologiesIn(person: Person, channelId: string): Promise<number> {
  const messages = await person.messages(channelId);
  return messages.filter(({ content }) => AWAY.test(content)).length;
}

/** Until the model has read this last. */
async function untilRead(engine: ScriptedEngine, text: string): Promise<void> {
  const lastRead = () => engine.requests.at(-1)?.messages.at(-1)?.text;
  await expect.poll(lastRead, { timeout: 10_000 }).toBe(text);
}

it("goes on answering someone in direct messages who had it forget all of them", async () => {
  const engine = new ScriptedEngine([say("One."), say("Two."), say("Three.")]);
  await using test = await startTestBot(engine);
  const { ada } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "First");
  await waitForReply(ada, dm.id, "One.");
  await ada.post(dm.id, "Second");
  await waitForReply(ada, dm.id, "Two.");
  await forgetAll(ada);
  await ada.post(dm.id, "Anew");
  await waitForReply(ada, dm.id, "Three.");
  const prompt = engine.requests[2]?.messages.map(({ text }) => text);
  expect(prompt).toEqual(["Be kind.", "Anew"]);
});

it("apologises for its database where it is spoken to, once, and nowhere else", async () => {
  await using playground = await startTestPlayground();
  await using database = await createTestDatabase("PostgreSQL");
  await using proxy = await DatabaseProxy.start(database.url ?? "");
  const { signal } = new AbortController();
  const opened = { databaseUrl: proxy.url, dataDir: database.dataDir, log: silentLog, signal };
  await using store = await openStore(opened);
  const engine = new ScriptedEngine(Array.from({ length: 6 }, (_, at) => say(`Reply ${at}.`)));
  const { stop } = await startOn({ engine, playground, store });
  await using ada = await connectPerson(playground, "Ada");
  await using ben = await connectPerson(playground, "Ben");
  const mention = `<@${ada.session.botUserId}>`;
  const thread = await ada.openThread(ada.channelId, "Talk");
  await ada.post(thread.id, `${mention} One`);
  await waitForReply(ada, thread.id, "Reply 0.");
  proxy.refuse();
  await ben.post(ada.channelId, "Just among us.");
  await ada.post(ada.channelId, `${mention} are you there?`);
  await waitForReply(ada, ada.channelId, AWAY);
  await ada.post(thread.id, "Two");
  await waitForReply(ada, thread.id, AWAY);
  await ada.post(thread.id, "Three");
  proxy.forward();
  await ada.post(thread.id, `${mention} Four`);
  await untilRead(engine, "Four");
  await ada.post(ada.channelId, `${mention} and now?`);
  await untilRead(engine, "and now?");
  expect(await apologiesIn(ada, thread.id)).toBe(1);
  expect(await apologiesIn(ada, ada.channelId)).toBe(1);
  await stop();
});

it("hears what was said while its session was lost before what is said right after", async () => {
  const engine = new ScriptedEngine([say("One."), say("Two."), say("Three.")]);
  await using test = await startTestBot(engine);
  const { ada, bot, playground } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  await ada.post(dm.id, "First");
  await waitForReply(ada, dm.id, "One.");
  const live = new Promise<APIMessage>((resolve) => {
    bot.client.ws.once(GatewayDispatchEvents.Ready, () => resolve(ada.post(dm.id, "Live")));
  });
  playground.faults.invalidateSessions({ resumable: false });
  await ada.post(dm.id, "Missed");
  await live;
  // Both at once, or one after the other: either way nothing is passed over.
  await untilRead(engine, "Live");
  const said = engine.requests.at(-1)?.messages.filter(({ role }) => role === "user");
  expect(said?.map(({ text }) => text)).toEqual(["First", "Missed", "Live"]);
});
