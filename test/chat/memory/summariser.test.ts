import { setImmediate as settle } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Conversation, RowId } from "../../../src/chat/conversation.ts";
import { toChannelId, toGuildId, toMessageId } from "../../../src/chat/ids.ts";
import type { MessageId } from "../../../src/chat/ids.ts";
import { Summariser } from "../../../src/chat/memory/summariser.ts";
import type { SummariserDependencies } from "../../../src/chat/memory/summariser.ts";
import { ReplyLine } from "../../../src/chat/reply/reply-line.ts";
import { Watchdog } from "../../../src/chat/reply/watchdog.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { createTestDatabase } from "../../support/database.ts";
import type { TestDatabase } from "../../support/database.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import {
  createGate,
  end,
  fail,
  say,
  ScriptedEngine,
  think,
  waitFor,
} from "../../support/scripted-engine.ts";
import type { ScriptStep } from "../../support/scripted-engine.ts";
import { ada } from "../../support/turns.ts";

const { signal } = new AbortController();
const guildId = toGuildId("500000000000000000");

let lastId = 0;

function newId(): string {
  lastId += 1;
  return String(lastId);
}

let database: TestDatabase;
let store: Store;

beforeAll(async () => {
  database = await createTestDatabase("PGlite");
  store = await database.open();
});

afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

class Scene {
  readonly clock = new HandClock();
  readonly engine: ScriptedEngine;
  readonly line = new ReplyLine({ places: 2, maxWaiting: 9, maxWaitingPerUser: 9 });
  readonly log = new RecordingLog();
  readonly summariser: Summariser;
  /** Of the watchdog, whose waits are no one else's. */
  readonly #limits = new HandClock();
  #attempts = 0;

  constructor(replies: readonly (readonly ScriptStep[])[], contextTokens = 1_200) {
    this.engine = new ScriptedEngine(replies, contextTokens);
    const { clock, engine, log } = this;
    const { summaries } = store;
    const line: SummariserDependencies["line"] = {
      untilIdle: () => this.line.untilIdle(),
      runIdle: async (task) => {
        const isDone = await this.line.runIdle(task);
        this.#attempts += 1;
        return isDone;
      },
    };
    const watchdog = new Watchdog(this.#limits, 60_000);
    this.summariser = new Summariser({ clock, engine, line, log, summaries, watchdog });
  }

  /** What was asked of the model, without what is the same every time. */
  get records(): string[] {
    return this.engine.requests.map(({ messages }) => {
      const text = messages[1]?.text ?? "";
      return text.slice(text.indexOf("~~~~\n") + 5, text.lastIndexOf("\n~~~~"));
    });
  }

  /** Lets the quiet pass, and what follows it happen. */
  async pass(): Promise<number> {
    const attempt = this.#attempts + 1;
    const waited = await this.clock.passWait();
    await this.untilTried(attempt);
    return waited;
  }

  async untilTried(attempt: number): Promise<void> {
    while (this.#attempts < attempt) await settle();
    await settle();
  }

  async ask(): Promise<Disposable> {
    return await this.line.enter({ userId: ada.id, signal, onPlace: () => {} });
  }
}

interface Talk {
  readonly conversation: Conversation;
  readonly id: RowId;
  readonly messageIds: readonly MessageId[];
}

/** Turns of which the window has left all but the last one. */
async function talk(...texts: readonly string[]): Promise<Talk> {
  const place = { kind: "channel", id: toChannelId(newId()), guildId } as const;
  const conversation = await store.conversations.open({ place, isParticipant: true });
  const { id } = conversation;
  const messageIds = texts.map(() => toMessageId(newId()));
  for (const [index, text] of texts.entries()) {
    const messageId = messageIds[index] ?? toMessageId("1");
    await store.conversations.record(id, { messageId, role: "user", speaker: ada, text });
  }
  await store.conversations.moveWindow(id, texts.length - 1);
  return { conversation, id, messageIds };
}

async function read(id: RowId): Promise<string[]> {
  return (await store.summaries.read(id, "latest")).map(({ text }) => text);
}

/** A text of so many words. */
const words = (count: number, word: string): string =>
  Array.from({ length: count }, () => word).join(" ");

describe("what left a window", () => {
  it("is summarised once nobody has asked for a while, and once only", async () => {
    const scene = new Scene([say("Ada said ", "hello.")]);
    const { id } = await talk("Hello", "And now?");
    scene.summariser.note(id);
    await settle();
    expect(scene.engine.requests).toEqual([]);
    expect(await scene.pass()).toBe(5_000);
    expect(scene.records).toEqual(["Ada: Hello"]);
    expect(await read(id)).toEqual(["Ada said hello."]);
    await scene.pass();
    expect(scene.clock.waiting).toBe(0);
    expect(scene.engine.requests).toHaveLength(1);
    expect(scene.engine.requests[0]).toMatchObject({
      conversationId: undefined,
      keepsNothing: true,
    });
  });

  it("waits as long as anyone is answered", async () => {
    const scene = new Scene([say("Ada said hello.")]);
    const place = await scene.ask();
    const { id } = await talk("Hello", "And now?");
    scene.summariser.note(id);
    await settle();
    expect(scene.clock.waiting).toBe(0);
    place[Symbol.dispose]();
    const next = await scene.ask();
    await scene.pass();
    expect(scene.engine.requests).toEqual([]);
    next[Symbol.dispose]();
    await scene.pass();
    expect(await read(id)).toEqual(["Ada said hello."]);
  });

  it("gives way at once to whoever asks, and is summarised later", async () => {
    const gate = createGate();
    const scene = new Scene([[waitFor(gate)], say("Ada said hello.")]);
    const { id } = await talk("Hello", "And now?");
    scene.summariser.note(id);
    await scene.clock.passWait();
    await gate.reached;
    const place = await scene.ask();
    expect(scene.engine.requests[0]?.signal.aborted).toBe(true);
    await scene.untilTried(1);
    expect([await read(id), scene.log.lines]).toEqual([[], []]);
    place[Symbol.dispose]();
    await scene.pass();
    expect(await read(id)).toEqual(["Ada said hello."]);
  });

  it("is summarised anew when some of it is taken back, also while that goes on", async () => {
    const gate = createGate();
    const scene = new Scene([[waitFor(gate), ...say("Ada has a secret.")], say("Ada said hello.")]);
    const { conversation, id, messageIds } = await talk("Hello", "A secret", "And now?");
    scene.summariser.note(id);
    await scene.clock.passWait();
    await gate.reached;
    await store.conversations.forgetMessages(conversation.place.id, messageIds.slice(1, 2));
    gate.open();
    await scene.untilTried(1);
    expect(await read(id)).toEqual([]);
    await scene.pass();
    expect(scene.records).toEqual(["Ada: Hello\nAda: A secret", "Ada: Hello"]);
    await scene.pass();
    await store.conversations.forgetMessages(conversation.place.id, messageIds.slice(0, 1));
    expect(await read(id)).toEqual([]);
    scene.summariser.note(id);
    await scene.pass();
    expect(scene.engine.requests).toHaveLength(2);
  });

  it("is summarised piece by piece where it is long, the newest first, then merged", async () => {
    const long = ["one", "two", "three", "four", "five", "six"].map((word) => words(400, word));
    const numbers = ["Five.", "Four.", "Three.", "Two.", "One."];
    const scene = new Scene([...numbers.map((text) => say(text)), say("One to three.")]);
    const { id } = await talk(...long);
    scene.summariser.note(id);
    for (let step = 0; step < 7; step += 1) await scene.pass();
    expect(scene.clock.waiting).toBe(0);
    expect(scene.records.slice(0, 5).map((record) => record.slice(0, 9))).toEqual([
      "Ada: five",
      "Ada: four",
      "Ada: thre",
      "Ada: two ",
      "Ada: one ",
    ]);
    expect(scene.records[5]).toBe("Part 1: One.\nPart 2: Two.\nPart 3: Three.");
    expect(await read(id)).toEqual(["One to three.", "Four.", "Five."]);
  });

  it("has a turn shortened that is too long by itself", async () => {
    const scene = new Scene([say("Ada said much.")]);
    const { id } = await talk(words(2_000, "much"), "And now?");
    scene.summariser.note(id);
    await scene.pass();
    expect(scene.records[0]).toContain("the middle of this message was left out");
    expect(await read(id)).toEqual(["Ada said much."]);
  });

  it("is told without what the model thought, on one line and within its share", async () => {
    const numbers = Array.from({ length: 200 }, (_, number) => number).join(" ");
    const thoughts = [think("Hm."), ...say("<think>What", " now</think>\nAda:\n", numbers)];
    const scene = new Scene([thoughts]);
    const { id } = await talk("Hello", "And now?");
    scene.summariser.note(id);
    await scene.pass();
    const [text = ""] = await read(id);
    expect(text).toMatch(/^Ada: 0 1 2 .*…$/);
    // 1,200 tokens: 30 for a part, 4 of which are the message's.
    expect(text.split(" ")).toHaveLength(26);
  });

  it("is given up after three failures, with a line in the log for each error", async () => {
    const broken = fail(new Error("The disk is full"));
    const scene = new Scene([[broken], say(" "), [end("length")], say("Never.")]);
    const { id } = await talk("Hello", "And now?");
    scene.summariser.note(id);
    for (let attempt = 0; attempt < 3; attempt += 1) await scene.pass();
    expect(scene.clock.waiting).toBe(0);
    scene.summariser.note(id);
    await settle();
    expect(scene.clock.waiting).toBe(0);
    expect(scene.log.lines).toEqual(["A summary failed"]);
    expect(scene.engine.requests).toHaveLength(3);
    expect(await store.summaries.claimStretch(id, 9)).toMatchObject({ from: 0 });
  });

  it("is taken up again after a start", async () => {
    const { id } = await talk("Hello", "And now?");
    const due = await store.summaries.due(1_000);
    const scene = new Scene(due.map(() => say("Ada said hello.")));
    await scene.summariser.noteDue();
    while ((await read(id)).length === 0) await scene.pass();
    expect(await read(id)).toEqual(["Ada said hello."]);
    await scene.summariser.close();
  });

  it("is left as it is when the process ends", async () => {
    const gate = createGate();
    const scene = new Scene([[waitFor(gate)]]);
    const { id } = await talk("Hello", "And now?");
    scene.summariser.note(id);
    await scene.clock.passWait();
    await gate.reached;
    await scene.summariser.close();
    scene.summariser.note(id);
    expect([scene.clock.waiting, scene.log.lines]).toEqual([0, []]);
    expect(await read(id)).toEqual([]);
  });
});
