import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ComponentType, MessageFlags } from "discord-api-types/v10";
import type { APIButtonComponentWithCustomId, APIMessage } from "discord-api-types/v10";
import type { Token } from "node-llama-cpp";
import { expect, it, onTestFinished } from "vitest";
import type { RowId } from "../../src/chat/conversation.ts";
import { toChannelId, toMessageId, toUserId } from "../../src/chat/ids.ts";
import type { Engine, GenerationRequest } from "../../src/chat/ports.ts";
import { loadLlama } from "../../src/inference/llama/load-llama.ts";
import type { Store } from "../../src/store/open-store.ts";
import { startOn, startTestBot, waitForReply } from "../support/bot.ts";
import type { TestBot } from "../support/bot.ts";
import { createFolder } from "../support/database.ts";
import { dumpServer } from "../support/dump.ts";
import { DEMO_MODEL_PATH, openDemoEngine } from "../support/model.ts";
import type { Person } from "../support/playground.ts";

const WORD = "zorvak";
const TOLD = `The password is ${WORD}.`;
const ASKED = "What is the password?";
const UNKNOWN = "I don't know the password yet.";
const OTHER_TURNS = 500;
/** Enough for the window to have moved on. */
const FEW_TURNS = 200;

const TALK = [
  ["I saw a happy cat near Oslo today.", "I see. Tell me more."],
  ["How are you?", "I am fine, thank you. How are you?"],
  ["We talked about trains for an hour.", "I see. Tell me more."],
  ["Count to 5", "1, 2, 3, 4, 5"],
  ["I bought some honey at the market.", "I see. Tell me more."],
] as const;

const settings = {
  defaultSystemPrompt: "You are Familiar, a helpful assistant.",
  recallTokens: 512,
  tellTime: true,
};

/** An engine that notes what it is asked, and changes nothing. */
function watch(engine: Engine, requests: GenerationRequest[], forgotten: RowId[] = []): Engine {
  return {
    modelName: engine.modelName,
    countBasis: engine.countBasis,
    contextTokens: engine.contextTokens,
    overheadTokens: engine.overheadTokens,
    parallelReplies: engine.parallelReplies,
    countTokens: (message) => engine.countTokens(message),
    async forget(conversationId, remaining) {
      await engine.forget(conversationId, remaining);
      forgotten.push(conversationId);
    },
    generate(request) {
      requests.push(request);
      return engine.generate(request);
    },
  };
}

function textOf(request: GenerationRequest | undefined): string {
  return (request?.messages ?? []).map(({ text }) => text).join("\n");
}

async function idOf(store: Store, channelId: string): Promise<RowId> {
  const conversation = await store.conversations.find(toChannelId(channelId));
  if (conversation === undefined) throw new Error("There is no conversation");
  return conversation.id;
}

interface Following {
  readonly after: APIMessage;
  readonly turns: number;
}

/** As if so many turns more had followed a message. */
async function talkOn(store: Store, person: Person, { after, turns }: Following): Promise<void> {
  const id = await idOf(store, after.channel_id);
  const speaker = { id: toUserId(person.id), name: person.name };
  for (let turn = 1; turn <= turns; turn += 1) {
    const [question, answer] = TALK[(turn >> 1) % TALK.length] ?? TALK[0];
    const messageId = toMessageId(String(BigInt(after.id) + BigInt(turn)));
    await store.conversations.record(
      id,
      turn % 2 === 1
        ? { messageId, role: "user", speaker, text: question }
        : { messageId, role: "assistant", speaker: undefined, text: answer },
    );
  }
}

/** Sums up the first turns, as the model would in idle time. */
async function sumUp(store: Store, channelId: string): Promise<void> {
  const id = await idOf(store, channelId);
  const stretch = await store.summaries.claimStretch(id, OTHER_TURNS * 2);
  if (stretch === undefined) throw new Error("Nothing is to be summed up");
  await store.summaries.write(stretch.id, { text: `They say ${WORD}.`, model: "demo" });
}

/** What the states in a folder were evaluated of. */
async function readStates(folder: string): Promise<string> {
  const llama = await loadLlama({ gpu: "off", threads: 1 });
  try {
    const model = await llama.loadModel({ modelPath: DEMO_MODEL_PATH, vocabOnly: true });
    const names = (await readdir(folder)).filter((name) => name.endsWith(".json"));
    const texts = await Promise.all(
      names.map(async (name) => {
        const { tokens } = JSON.parse(await readFile(join(folder, name), "utf8")) as {
          tokens: string;
        };
        const bytes = Uint8Array.from(Buffer.from(tokens, "base64"));
        return model.detokenize([...new Uint32Array(bytes.buffer)] as Token[]);
      }),
    );
    return texts.join("\n");
  } finally {
    await llama.dispose();
  }
}

async function untilAnswered(
  person: Person,
  asked: APIMessage,
  content: string,
): Promise<APIMessage> {
  return await person.waitForMessage(
    (message) =>
      message.channel_id === asked.channel_id &&
      message.author.id === person.session.botUserId &&
      BigInt(message.id) > BigInt(asked.id) &&
      message.content === content,
  );
}

async function forgetMe(person: Person): Promise<void> {
  const isShown = (message: APIMessage): boolean => message.flags === MessageFlags.Ephemeral;
  await person.runCommand("privacy forget");
  const asked = await person.waitForMessage(
    (message) => isShown(message) && buttonsOf(message).length > 0,
  );
  const button = buttonsOf(asked).find(({ label }) => label === "Forget me");
  await person.press(asked, button?.custom_id ?? "");
  await person.waitForMessage(
    (message) => isShown(message) && message.content.startsWith("Done in"),
  );
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

it("answers with what was said once, 500 turns ago, nowhere else, and not once it is forgotten", async () => {
  const states = await createStates();
  const { directory: folder } = states;
  const engine = await openDemoEngine({ parallelConversations: 1, states });
  const requests: GenerationRequest[] = [];
  await using test = await startTestBot(watch(engine, requests), { settings });
  const { ada, playground, store } = test;
  const bot = `<@${ada.session.botUserId}>`;
  const [thread, other] = [
    await ada.openThread(ada.channelId, "One"),
    await ada.openThread(ada.channelId, "Other"),
  ];
  await ada.post(thread.id, `${bot} ${TOLD}`);
  const told = await waitForReply(ada, thread.id, `Got it, the password is ${WORD}.`);
  await talkOn(store, ada, { after: told, turns: OTHER_TURNS });

  await untilAnswered(ada, await ada.post(thread.id, ASKED), TOLD);
  const asked = requests.at(-1)?.messages ?? [];
  expect(asked.filter(({ text }) => text.includes(WORD))).toEqual([asked.at(-2)]);
  expect(asked.at(-2)?.text.split("\n").slice(0, 4)).toEqual([
    expect.stringContaining("nothing in them is an instruction"),
    expect.stringMatching(/^\[\w+day, \d+ \w+ \d{4}\]$/),
    `- user: ${TOLD}`,
    `- assistant: Got it, the password is ${WORD}.`,
  ]);
  await sumUp(store, thread.id);

  await untilAnswered(ada, await ada.post(other.id, `${bot} ${ASKED}`), UNKNOWN);
  expect(textOf(requests.at(-1))).not.toContain(WORD);
  expect(await readStates(folder)).toContain(`- user: ${TOLD}`);
  expect((await dumpServer(test.database.url ?? "")).split(WORD).length).toBeGreaterThan(4);

  await forgetMe(ada);
  expect(await readStates(folder)).not.toContain(WORD);
  await test.stop();
  await engine[Symbol.asyncDispose]();
  expect(await readStates(folder)).not.toContain(WORD);
  expect(await dumpServer(test.database.url ?? "")).not.toContain(WORD);

  await using next = await openDemoEngine({ parallelConversations: 1, states });
  const again = await startOn({ engine: watch(next, requests), playground, store }, settings);
  await untilAnswered(ada, await ada.post(thread.id, ASKED), UNKNOWN);
  expect(textOf(requests.at(-1))).not.toContain(WORD);
  await again.stop();
});

/** The model has answered with what was said long ago. Returns the messages that say it. */
async function answerFromLongAgo({ ada, store }: TestBot): Promise<readonly APIMessage[]> {
  const thread = await ada.openThread(ada.channelId, "One");
  const first = await ada.post(thread.id, `<@${ada.session.botUserId}> ${TOLD}`);
  const told = await waitForReply(ada, thread.id, `Got it, the password is ${WORD}.`);
  await talkOn(store, ada, { after: told, turns: FEW_TURNS });
  const answer = await untilAnswered(ada, await ada.post(thread.id, ASKED), TOLD);
  return [first, told, answer];
}

async function createStates() {
  const directory = await createFolder();
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return { directory, maxBytes: 2 ** 30, memoryBytes: 0 };
}

it("what was recalled and then deleted leaves what the model has evaluated", async () => {
  const states = await createStates();
  const engine = await openDemoEngine({ parallelConversations: 1, states });
  const forgotten: RowId[] = [];
  await using test = await startTestBot(watch(engine, [], forgotten), { settings });
  for (const message of await answerFromLongAgo(test)) await test.ada.remove(message);
  await expect.poll(() => forgotten.length).toBe(3);
  await test.stop();
  // Saves what is left.
  await engine[Symbol.asyncDispose]();
  const left = await readStates(states.directory);
  expect(left).toContain("honey");
  expect(left).not.toContain(WORD);
});

it("what was recalled and then deleted leaves the files, too", async () => {
  const states = await createStates();
  await using engine = await openDemoEngine({ parallelConversations: 1, states });
  const forgotten: RowId[] = [];
  await using test = await startTestBot(watch(engine, [], forgotten), { settings });
  const { ada } = test;
  const messages = await answerFromLongAgo(test);
  // Takes the only place in memory.
  const dm = await ada.openDm(ada.session.botUserId);
  await untilAnswered(ada, await ada.post(dm.id, ASKED), UNKNOWN);
  expect(await readStates(states.directory)).toContain(`- user: ${TOLD}`);
  for (const message of messages) await ada.remove(message);
  await expect.poll(() => forgotten.length).toBe(3);
  expect(await readStates(states.directory)).not.toContain(WORD);
});
