import { setImmediate as settle } from "node:timers/promises";
import { MessageFlags } from "discord-api-types/v10";
import type { APIMessage } from "discord-api-types/v10";
import { expect, it } from "vitest";
import type { RowId } from "../../src/chat/conversation.ts";
import { toChannelId } from "../../src/chat/ids.ts";
import type { GenerationRequest } from "../../src/chat/ports.ts";
import type { Store } from "../../src/store/open-store.ts";
import { startTestBot, waitForReply } from "../support/bot.ts";
import { createGate, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";

/** Two hundred words, the first of which are these. */
const long = (words: string): string => `${words}${" and so on".repeat(66)}`;

async function untilSummarised(store: Store, id: RowId, count: number): Promise<string[]> {
  for (;;) {
    const read = await store.summaries.read(id, "latest");
    if (read.length >= count) return read.map(({ text }) => text);
    await settle();
  }
}

/** What was to be summed up with the request of this number. */
function recordIn({ requests }: ScriptedEngine, number: number): string {
  return requests[number]?.messages[1]?.text ?? "";
}

/** The request for a reply to these words. */
function requestFor({ requests }: ScriptedEngine, words: string): GenerationRequest {
  const request = requests.find(({ messages }) => messages.at(-1)?.text.startsWith(words));
  if (request === undefined) throw new Error(`Nobody asked: ${words}`);
  return request;
}

async function idOf(store: Store, channelId: string): Promise<RowId> {
  const conversation = await store.conversations.find(toChannelId(channelId));
  if (conversation === undefined) throw new Error("There is no conversation");
  return conversation.id;
}

it("sums up what left the window, tells the model, and forgets it with what people take back", async () => {
  const gate = createGate();
  const replies = [
    ...["One.", "Two.", "Three.", "Four."].map((text) => say(text)),
    [waitFor(gate), ...say("Ada keeps a red key.")],
    ...["Five.", "Six."].map((text) => say(text)),
    say("Ada counted."),
    say("Ada came."),
    say("Seven."),
  ];
  const engine = new ScriptedEngine(replies, 1_000);
  const settings = { summaries: true, quietMs: 0 };
  const limits = { messageCreate: { requests: 100, perMs: 5_000 } };
  await using test = await startTestBot(engine, { limits, settings });
  const { ada, store } = test;
  const dm = await ada.openDm(ada.session.botUserId);
  const exchange = async (words: string, reply: string): Promise<APIMessage> => {
    const message = await ada.post(dm.id, long(words));
    await waitForReply(ada, dm.id, reply);
    return message;
  };
  await exchange("I came by", "One.");
  const secret = await exchange("The key is red", "Two.");
  await exchange("Third", "Three.");
  await exchange("Fourth", "Four.");
  await gate.reached;
  const record = recordIn(engine, 4);
  expect(record).toMatch(
    /^The record:\n~~~~\nAda: I came by.*\nassistant: One\.\nAda: The key is red/,
  );
  expect(record).not.toContain("Third");
  gate.open();
  const id = await idOf(store, dm.id);
  expect(await untilSummarised(store, id, 1)).toEqual(["Ada keeps a red key."]);

  await exchange("Fifth", "Five.");
  expect(JSON.stringify(requestFor(engine, "Fifth").messages)).not.toContain("a red key");
  await exchange("Sixth", "Six.");
  const told = requestFor(engine, "Sixth");
  expect(told.messages[1]).toEqual({
    role: "system",
    text: expect.stringMatching(/^Your notes on what was said here .*\n- Ada keeps a red key\.$/),
  });
  expect(told.isTrimmed).toBe(false);
  await untilSummarised(store, id, 2);
  await ada.runCommand("context show", {}, dm.id);
  await ada.waitForMessage(
    ({ content, flags }) => flags === MessageFlags.Ephemeral && /▟ Summary +\d+\n/.test(content),
  );

  await ada.remove(secret);
  while ((await untilSummarised(store, id, 2)).includes("Ada keeps a red key.")) await settle();
  expect(await untilSummarised(store, id, 2)).toEqual(["Ada came.", "Ada counted."]);
  expect(recordIn(engine, 8)).toContain("Ada: I came by");
  await exchange("Seventh", "Seven.");
  for (const { messages } of engine.requests.slice(8)) {
    expect(messages.filter(({ text }) => /The key is red|a red key/.test(text))).toEqual([]);
  }
});
