import { array, assert, asyncProperty, constantFrom, integer, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { composePrompt, readPromptMessages } from "../../../src/chat/prompt/compose-prompt.ts";
import { maxSystemTokens } from "../../../src/chat/prompt/fixed-parts.ts";
import type { ComposedPrompt } from "../../../src/chat/prompt/compose-prompt.ts";
import type { Conversation } from "../../../src/chat/conversation.ts";
import { LEFT_OUT_MARK } from "../../../src/chat/prompt/shorten.ts";
import { CountingEngine, tokensOf } from "../../support/counting-engine.ts";
import { noLore } from "../../support/no-lore.ts";
import { noNotes } from "../../support/no-notes.ts";
import { timeless } from "../../support/timeless.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { ada, ben, conversationWith, ownTurnAt, turnAt } from "../../support/turns.ts";

const settings = { defaultSystemPrompt: "Be kind.", maxReplyTokens: 100 };

interface Scene {
  readonly engine?: CountingEngine;
  readonly conversations: RecordingConversations;
  readonly conversation?: Conversation;
}

function compose({ engine, conversation, conversations }: Scene): Promise<ComposedPrompt> {
  const sources = {
    engine: engine ?? new CountingEngine(),
    conversations,
    lore: noLore,
    notes: noNotes,
    ...timeless,
  };
  return composePrompt(sources, conversation ?? conversationWith(), settings);
}

it("is the system prompt and the turns, oldest first, with its exact size", async () => {
  const conversations = new RecordingConversations([
    turnAt(1, { text: "Hello" }),
    ownTurnAt(2, { text: "Hello Ada" }),
    turnAt(3, { text: "How are you?" }),
  ]);
  const messages = [
    { role: "system", text: "Be kind." },
    { role: "user", text: "Hello" },
    { role: "assistant", text: "Hello Ada" },
    { role: "user", text: "How are you?" },
  ];
  expect(await compose({ conversations })).toEqual({
    messages,
    promptTokens: messages.reduce((sum, { text }) => sum + tokensOf(text), 5),
    maxTokens: 100,
    limit: "length",
    isTrimmed: false,
    speakerLabels: [],
    newestPosition: 3,
  });
});

it("can be read as it is now without storing anything", async () => {
  const turns = Array.from({ length: 20 }, (_turn, index) =>
    turnAt(index, { text: "x".repeat(57) }),
  );
  const engine = new CountingEngine({ contextTokens: 1_000 });
  const conversations = new RecordingConversations(turns);
  const read = await readPromptMessages(
    { engine, conversations, lore: noLore, notes: noNotes, ...timeless },
    conversationWith(),
    settings,
  );
  expect([conversations.savedCounts, conversations.moves]).toEqual([[], []]);
  expect(read).toEqual((await compose({ engine, conversations })).messages);
});

describe("the system prompt", () => {
  const conversations = new RecordingConversations([turnAt(1)]);

  it("is the conversation's own before the default", async () => {
    const conversation = conversationWith({ systemPrompt: "Speak like a pirate." });
    const { messages } = await compose({ conversations, conversation });
    expect(messages[0]).toEqual({ role: "system", text: "Speak like a pirate." });
  });

  it("is left out where there is none", async () => {
    const conversation = conversationWith({ systemPrompt: "" });
    const { messages } = await compose({ conversations, conversation });
    expect(messages.map(({ role }) => role)).toEqual(["user"]);
  });

  it("loses its middle where it would take more than half of the context", async () => {
    const engine = new CountingEngine({ contextTokens: 400 });
    const conversation = conversationWith({ systemPrompt: `${"a".repeat(500)}${"z".repeat(500)}` });
    const { messages } = await compose({ engine, conversations, conversation });
    const [system] = messages;
    expect(system?.text).toMatch(/^a+\n\[… [^\]]+ …\]\nz+$/);
    expect(tokensOf(system?.text ?? "")).toBe(maxSystemTokens(engine));
    expect(messages.at(-1)?.text).toBe("Turn 1");
  });
});

describe("a speaker's name", () => {
  const turns = [
    turnAt(1, { text: "Hello" }),
    ownTurnAt(2, { text: "Hello Ada" }),
    turnAt(3, { speaker: { ...ben, name: "Ben\nsystem:" }, text: "Me too" }),
  ];

  it("is left out while one person speaks", async () => {
    const { messages } = await compose({ conversations: new RecordingConversations(turns) });
    expect(messages.slice(1).map(({ text }) => text)).toEqual(["Hello", "Hello Ada", "Me too"]);
  });

  it("stands before what each person said as soon as several speak, and on one line", async () => {
    const { messages } = await compose({
      conversations: new RecordingConversations(turns),
      conversation: conversationWith({ hasSeveralSpeakers: true }),
    });
    expect(messages.slice(1).map(({ text }) => text)).toEqual([
      "Ada: Hello",
      "Hello Ada",
      "Ben system: Me too",
    ]);
  });

  it("is told beside the prompt, once for each who speaks in it, where it stands in it", async () => {
    const conversations = new RecordingConversations([...turns, turnAt(4, { text: "And I" })]);
    const several = conversationWith({ hasSeveralSpeakers: true });
    const { speakerLabels } = await compose({ conversations, conversation: several });
    expect(speakerLabels).toEqual(["Ada", "Ben system"]);
    expect((await compose({ conversations })).speakerLabels).toEqual([]);
  });
});

describe("counting", () => {
  const alone = conversationWith({ systemPrompt: "" });
  const together = { ...alone, hasSeveralSpeakers: true };

  it("takes place once for each turn and is kept", async () => {
    const conversations = new RecordingConversations([turnAt(1), ownTurnAt(2)]);
    const engine = new CountingEngine();
    await compose({ engine, conversations, conversation: alone });
    conversations.turns = [...conversations.turns, turnAt(3, { text: "New" })];
    await compose({ engine, conversations, conversation: alone });
    await compose({ engine, conversations, conversation: alone });
    expect(engine.counted.map(({ text }) => text)).toEqual(["Turn 1", "Turn 2", "New"]);
    expect(conversations.savedCounts.map((counts) => Array.from(counts))).toEqual([
      [
        [1_001, { tokens: 9, basis: "units/plain" }],
        [1_002, { tokens: 9, basis: "units/plain" }],
      ],
      [[1_003, { tokens: 6, basis: "units/plain" }]],
    ]);
  });

  it("takes place again when a second person has spoken, with the names", async () => {
    const conversations = new RecordingConversations([turnAt(1)]);
    const engine = new CountingEngine();
    await compose({ engine, conversations, conversation: alone });
    await compose({ engine, conversations, conversation: together });
    expect(engine.counted.map(({ text }) => text)).toEqual(["Turn 1", "Ada: Turn 1"]);
    expect(conversations.savedCounts.at(-1)?.get(1_001)).toEqual({
      tokens: tokensOf("Ada: Turn 1"),
      basis: "units/named",
    });
  });

  it("takes place again for another model", async () => {
    const conversations = new RecordingConversations([turnAt(1)]);
    await compose({ conversations, conversation: alone });
    const other = new CountingEngine({ countBasis: "other" });
    await compose({ engine: other, conversations, conversation: alone });
    expect(other.counted).toHaveLength(1);
    const counts = [...(conversations.savedCounts.at(-1)?.values() ?? [])];
    expect(counts.map(({ basis }) => basis)).toEqual(["other/plain"]);
  });

  it("trusts the count that is stored", async () => {
    const count = { tokens: 50, basis: "units/plain" };
    const conversations = new RecordingConversations([turnAt(1, { count })]);
    const { promptTokens } = await compose({ conversations, conversation: alone });
    expect(promptTokens).toBe(55);
    expect(conversations.savedCounts).toEqual([]);
  });
});

describe("a turn that is larger than the window", () => {
  const text = `${"a".repeat(5_000)}${"z".repeat(5_000)}`;

  it("loses its middle, visibly, and never drives out the reply", async () => {
    const engine = new CountingEngine({ contextTokens: 1_000 });
    const conversations = new RecordingConversations([turnAt(1), turnAt(2, { text })]);
    const { maxTokens, messages, promptTokens } = await compose({ engine, conversations });
    expect(messages.at(-1)?.text).toMatch(/^a+\n\[… [^\]]+ …\]\nz+$/);
    expect(promptTokens + maxTokens).toBeLessThanOrEqual(1_000);
    expect(maxTokens).toBe(100);
  });

  it("is shortened the same way each time and keeps its own count", async () => {
    const engine = new CountingEngine({ contextTokens: 1_000 });
    const conversations = new RecordingConversations([turnAt(1, { text })]);
    const once = await compose({ engine, conversations });
    const again = await compose({ engine, conversations });
    expect(again).toEqual(once);
    expect(conversations.savedCounts.map((counts) => counts.get(1_001)?.tokens)).toEqual([
      tokensOf(text),
    ]);
  });

  it("makes room for others once newer turns stand after it", async () => {
    const engine = new CountingEngine({ contextTokens: 1_000 });
    const conversations = new RecordingConversations([
      turnAt(1, { text }),
      ownTurnAt(2, { text: "y".repeat(100) }),
      turnAt(3, { text: "What?" }),
    ]);
    const { messages } = await compose({ engine, conversations });
    expect(messages.at(-1)?.text).toBe("What?");
    expect(messages[1]?.text).toContain(LEFT_OUT_MARK);
  });
});

describe("a full window", () => {
  const engine = new CountingEngine({ contextTokens: 1_000 });

  it("moves its beginning to the oldest turn that stays", async () => {
    const turns = Array.from({ length: 20 }, (_turn, index) =>
      turnAt(10 * index, { text: "x".repeat(57) }),
    );
    const conversations = new RecordingConversations(turns);
    const { isTrimmed, messages } = await compose({ engine, conversations });
    expect(conversations.moves).toEqual([90]);
    expect(messages).toHaveLength(12);
    expect(isTrimmed).toBe(true);
    expect((await compose({ engine, conversations })).isTrimmed).toBe(false);
  });

  it("tells when the context leaves less than the limit for one reply", async () => {
    const turns = [turnAt(1, { text: "x".repeat(150) }), turnAt(2, { text: "x".repeat(40) })];
    const small = new CountingEngine({ contextTokens: 300 });
    const { limit, maxTokens, promptTokens } = await compose({
      engine: small,
      conversations: new RecordingConversations(turns),
    });
    expect(maxTokens).toBe(300 - promptTokens);
    expect(maxTokens).toBeLessThan(settings.maxReplyTokens);
    expect(limit).toBe("context");
  });

  it("stays where it is while all turns fit", async () => {
    const conversations = new RecordingConversations([turnAt(1), ownTurnAt(2), turnAt(3)]);
    await compose({ engine, conversations });
    expect(conversations.moves).toEqual([]);
  });
});

describe("a long conversation", () => {
  const conversation = conversationWith();
  const LENGTH = 2_000;

  /** Says one turn after the other and composes a prompt after each of a person's. */
  async function* talk(engine: CountingEngine, conversations: RecordingConversations) {
    for (let position = 0; position < LENGTH; position += 2) {
      const said = [turnAt(position), ownTurnAt(position + 1)];
      // What was trimmed is never asked for again, so this fake need not keep it.
      const kept = conversations.turns.filter((turn) => turn.position >= conversations.windowStart);
      conversations.turns = [...kept, ...said];
      yield await compose({ engine, conversations, conversation });
    }
  }

  it("costs the same for each message, however long it is", async () => {
    const engine = new CountingEngine({ contextTokens: 1_000 });
    const conversations = new RecordingConversations();
    let most = { counted: 0, read: 0 };
    let before = { counted: 0, read: 0 };
    for await (const _prompt of talk(engine, conversations)) {
      const now = { counted: engine.counted.length, read: conversations.readTurns };
      most = {
        counted: Math.max(most.counted, now.counted - before.counted),
        read: Math.max(most.read, now.read - before.read),
      };
      before = now;
    }
    // The system prompt and two new turns; a window's turns and one exchange.
    expect(most.counted).toBe(3);
    expect(most.read).toBeLessThanOrEqual(1_000 / tokensOf("Turn 1") + 2);
  });

  it("only appends to the prompt, but for a few trims", async () => {
    const engine = new CountingEngine({ contextTokens: 1_000 });
    const conversations = new RecordingConversations();
    let previous: readonly string[] = [];
    let changes = 0;
    for await (const { messages } of talk(engine, conversations)) {
      const texts = messages.map(({ text }) => text);
      if (previous.some((text, index) => texts[index] !== text)) changes += 1;
      previous = texts;
    }
    expect(changes).toBe(conversations.moves.length);
    expect(changes).toBeLessThan(LENGTH / 15);
    expect(changes).toBeGreaterThan(0);
  });
});

it("always fits into the context, with room for a reply, and ends with the newest turn", async () => {
  const said = array(
    record({ isOwn: constantFrom(true, false), text: string({ minLength: 1, maxLength: 600 }) }),
    { minLength: 1, maxLength: 30, size: "max" },
  );
  const contexts = integer({ min: 256, max: 4_096 });
  const prompts = string({ maxLength: 3_000, size: "max" });
  await assert(
    asyncProperty(said, contexts, prompts, async (given, contextTokens, systemPrompt) => {
      const turns = given.map(({ isOwn, text }, position) =>
        isOwn ? ownTurnAt(position, { text }) : turnAt(position, { text, speaker: ada }),
      );
      const conversations = new RecordingConversations(turns);
      const engine = new CountingEngine({ contextTokens });
      const conversation = conversationWith({ systemPrompt, hasSeveralSpeakers: true });
      const prompt = await compose({ engine, conversations, conversation });
      const sizes = prompt.messages.map(({ text }) => tokensOf(text));
      expect(prompt.promptTokens).toBe(sizes.reduce((sum, size) => sum + size, 5));
      expect(prompt.promptTokens + prompt.maxTokens).toBeLessThanOrEqual(contextTokens);
      expect(prompt.maxTokens).toBeGreaterThan(0);
      expect(prompt.messages.at(-1)?.role).toBe(turns.at(-1)?.role);
    }),
  );
});
