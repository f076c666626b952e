import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { answer } from "../../../src/chat/reply/answer.ts";
import type { AnswerDependencies } from "../../../src/chat/reply/answer.ts";
import type { Conversation } from "../../../src/chat/conversation.ts";
import { FamiliarError } from "../../../src/chat/errors.ts";
import { toMessageId } from "../../../src/chat/ids.ts";
import { INTERRUPTED_NOTICE } from "../../../src/chat/reply/notice.ts";
import type { EngineEvent } from "../../../src/chat/ports.ts";
import { ReplyStopped } from "../../../src/chat/reply/reply-queue.ts";
import {
  CountingEngine,
  delta,
  end,
  sayUntilStopped,
  tokensOf,
  usage,
} from "../../support/counting-engine.ts";
import type { EngineScript } from "../../support/counting-engine.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { RecordingReplies } from "../../support/recording-replies.ts";
import type { RecordingRepliesOptions } from "../../support/recording-replies.ts";
import { RecordingSurface } from "../../support/recording-surface.ts";
import { channel, conversationWith, direct, thread, turnAt } from "../../support/turns.ts";

const sampling = {
  temperature: 0,
  topP: 1,
  topK: 40,
  minP: 0,
  repeatPenalty: 1,
  seed: 1,
};
const settings = { defaultSystemPrompt: "", maxReplyTokens: 100, sampling };
const answering = toMessageId("100000000000000021");

interface SceneOptions extends RecordingRepliesOptions {
  readonly script?: EngineScript;
  readonly onFinish?: () => Promise<void>;
}

/** One reply with everything around it. */
class Scene {
  readonly clock = new HandClock();
  readonly conversations = new RecordingConversations([turnAt(1, { text: "Hello" })]);
  readonly log = new RecordingLog();
  readonly stop = new AbortController();
  readonly engine: CountingEngine;
  readonly replies: RecordingReplies;
  readonly surface: RecordingSurface;

  constructor(options: SceneOptions = {}) {
    this.engine = new CountingEngine({ scripts: [options.script ?? says(delta("Hello"), end())] });
    this.replies = new RecordingReplies(options);
    this.surface = new RecordingSurface(options.onFinish);
  }

  async answer(conversation: Conversation = conversationWith()): Promise<void> {
    const { signal } = this.stop;
    // These fakes have all that a reply asks for.
    const dependencies = this as unknown as AnswerDependencies;
    await answer(dependencies, settings, { conversation, answering, signal });
  }

  /** What is stored at the end, and what people see. */
  get outcome() {
    return {
      stored: this.replies.endings.map(({ ending: { text, reason } }) => ({ text, reason })),
      seen: this.surface.view.finished,
    };
  }
}

/** An engine that says this and no more. */
function says(...events: readonly EngineEvent[]): EngineScript {
  return async function* script() {
    yield* events;
  };
}

async function* saysAndFails(): AsyncGenerator<EngineEvent> {
  yield delta("Hel");
  throw new FamiliarError("engine-failed", "Out of memory");
}

/** An engine that takes this long for each letter. */
function spells(clock: () => HandClock, ms: number, text: string): EngineScript {
  return async function* script() {
    for (const letter of text) {
      yield delta(letter);
      clock().advance(ms);
    }
    yield end();
  };
}

const away = (): FamiliarError => new FamiliarError("store-unreachable", "The database is away");

it("streams the growing text and ends with the exact text, its reason, usage and count", async () => {
  const scene = new Scene({ script: says(delta("Hello"), delta(" Ada\n"), end()) });
  await scene.answer();
  expect(scene.surface.view.shown).toEqual(["Hello", "Hello Ada\n"]);
  expect(scene.surface.view.finished).toEqual([{ text: "Hello Ada\n", notice: undefined }]);
  const count = { tokens: tokensOf("Hello Ada\n"), basis: "units/plain" };
  expect(scene.replies.endings).toEqual([
    { replyId: 1, ending: { text: "Hello Ada\n", reason: "stop", usage, count } },
  ]);
});

it("asks the engine for what the settings, the prompt and the conversation say", async () => {
  const scene = new Scene();
  await scene.answer();
  expect(scene.engine.requests).toMatchObject([
    { conversationId: 7, maxTokens: 100, sampling, messages: [{ role: "user", text: "Hello" }] },
  ]);
});

it("counts a reply on the basis of a conversation with names where several people speak", async () => {
  const scene = new Scene();
  await scene.answer(conversationWith({ hasSeveralSpeakers: true }));
  expect(scene.replies.endings[0]?.ending.count).toEqual({
    tokens: tokensOf("Hello"),
    basis: "units/named",
  });
});

it("stores the reply before anything of it can be seen", async () => {
  const scene = new Scene({ beginFailures: [away()] });
  await expect(scene.answer()).rejects.toMatchObject({ code: "store-unreachable" });
  expect(scene.surface.views).toEqual([]);
  expect(scene.engine.requests).toEqual([]);
});

it("stores each message that shows the reply", async () => {
  const scene = new Scene();
  await scene.answer();
  const part = { messageId: toMessageId("31"), index: 0, start: 0, end: 5 };
  await scene.surface.view.request.savePart(part);
  expect(scene.replies.begun).toEqual([{ conversationId: 7, model: "counting" }]);
  expect(scene.replies.parts).toEqual([{ replyId: 1, part }]);
});

it.each([
  [channel, answering],
  [thread, undefined],
  [direct, undefined],
])("refers to the message only where conversations cross: %j", async (place, referred) => {
  const scene = new Scene();
  await scene.answer(conversationWith({ place }));
  expect(scene.surface.view.request).toMatchObject({ place, answering: referred });
});

describe("a reply that the model ended", () => {
  it.each([
    ["stop", undefined],
    ["length", "✂ Cut at 100 tokens, the limit for one reply."],
    ["context", "✂ Cut: the model's context is full."],
  ] as const)("is stored and shown with its reason: %s", async (reason, notice) => {
    const scene = new Scene({ script: says(delta("Hello"), end(reason)) });
    await scene.answer();
    expect(scene.outcome).toEqual({
      stored: [{ text: "Hello", reason }],
      seen: [{ text: "Hello", notice }],
    });
  });

  it("without a word says so, and is stored as empty", async () => {
    const scene = new Scene({ script: says(end()) });
    await scene.answer();
    expect(scene.outcome).toEqual({
      stored: [{ text: "", reason: "stop" }],
      seen: [{ text: "", notice: "The model had nothing to say." }],
    });
    expect(scene.replies.endings[0]?.ending.count).toBeUndefined();
  });
});

describe("a reply that is stopped", () => {
  it.each([
    ["aborted", "■ Stopped."],
    ["interrupted", INTERRUPTED_NOTICE],
    ["unreachable", undefined],
  ] as const)("keeps its text and says why: %s", async (reason, notice) => {
    const scene = new Scene({
      script: async function* script(signal) {
        yield delta("Hel");
        scene.stop.abort(new ReplyStopped(reason));
        yield* sayUntilStopped(signal);
      },
    });
    await scene.answer();
    expect(scene.outcome).toEqual({
      stored: [{ text: "Hel", reason }],
      seen: [{ text: "Hel", notice }],
    });
    expect(scene.log.lines).toEqual(["Replied"]);
  });

  it("before its first text is stored as empty", async () => {
    const scene = new Scene({ script: sayUntilStopped });
    scene.stop.abort(new ReplyStopped("aborted"));
    await scene.answer();
    expect(scene.outcome).toEqual({
      stored: [{ text: "", reason: "aborted" }],
      seen: [{ text: "", notice: "■ Stopped." }],
    });
  });

  it("for another reason counts as aborted", async () => {
    const scene = new Scene({ script: sayUntilStopped });
    scene.stop.abort();
    await scene.answer();
    expect(scene.outcome.stored).toEqual([{ text: "", reason: "aborted" }]);
  });
});

it("stops the engine and keeps the text when the reply's place is gone", async () => {
  const scene = new Scene({
    script: async function* script(signal) {
      yield delta("Hel");
      scene.surface.view.vanish();
      yield* sayUntilStopped(signal);
    },
  });
  await scene.answer();
  expect(scene.outcome).toEqual({
    stored: [{ text: "Hel", reason: "unreachable" }],
    seen: [{ text: "Hel", notice: undefined }],
  });
  expect(scene.log.lines).toEqual(["Replied"]);
});

describe("an engine that fails", () => {
  const failed = {
    stored: [{ text: "Hel", reason: "failed" }],
    seen: [
      {
        text: "Hel",
        notice: "⚠ Something went wrong while I was writing this. Please try again.",
      },
    ],
  };

  it("leaves its text so far, and a line in the log", async () => {
    const scene = new Scene({
      script: saysAndFails,
    });
    await scene.answer();
    expect(scene.outcome).toEqual(failed);
    expect(scene.log.lines).toEqual(["A reply failed", "Replied"]);
  });

  it("is one that stops without saying why, too", async () => {
    const scene = new Scene({ script: says(delta("Hel")) });
    await scene.answer();
    expect(scene.outcome).toEqual(failed);
  });
});

describe("while the text grows", () => {
  it("stores it several times a second, not at each word", async () => {
    const scene = new Scene({ script: spells(() => scene.clock, 10, "x".repeat(300)) });
    await scene.answer();
    const { length } = scene.replies.drafts;
    expect(length).toBeGreaterThanOrEqual(3_000 / 1_000);
    expect(length).toBeLessThanOrEqual(3_000 / 200);
    expect(scene.outcome.stored).toEqual([{ text: "x".repeat(300), reason: "stop" }]);
  });

  it("stores the first text before anybody sees it", async () => {
    const seenAtDraft: number[] = [];
    const scene = new Scene({
      script: spells(() => scene.clock, 10_000, "ab"),
      onDraft: async () => {
        seenAtDraft.push(scene.surface.view.shown.length);
      },
    });
    await scene.answer();
    expect(seenAtDraft[0]).toBe(0);
    expect(scene.surface.view.shown).toEqual(["a", "ab"]);
  });

  it("stores one draft at a time and waits for none but the first", async () => {
    const scene = new Scene({
      script: spells(() => scene.clock, 10_000, "abcdef"),
      onDraft: (text) => (text === "a" ? Promise.resolve() : new Promise(() => {})),
    });
    await scene.answer();
    expect(scene.replies.drafts).toEqual(["a", "ab"]);
    expect(scene.outcome.stored).toEqual([{ text: "abcdef", reason: "stop" }]);
  });

  it("goes on when a draft cannot be stored, with a line in the log", async () => {
    const scene = new Scene({
      script: spells(() => scene.clock, 10_000, "abc"),
      onDraft: () => Promise.reject(away()),
    });
    await scene.answer();
    expect(scene.outcome.stored).toEqual([{ text: "abc", reason: "stop" }]);
    expect(scene.surface.view.shown).toEqual(["a", "ab", "abc"]);
    expect(scene.log.lines).toContain("A draft could not be stored");
  });
});

describe("a database that is away at the end", () => {
  it("for a moment is waited for, longer each time, while people see the reply", async () => {
    const scene = new Scene({ endFailures: [away(), away(), away()] });
    const answered = scene.answer();
    expect(await scene.clock.passWait()).toBe(500);
    expect(scene.surface.view.finished).toEqual([{ text: "Hello", notice: undefined }]);
    expect(await scene.clock.passWait()).toBe(1_000);
    expect(await scene.clock.passWait()).toBe(2_000);
    await answered;
    expect(scene.outcome.stored).toEqual([{ text: "Hello", reason: "stop" }]);
    expect(scene.clock.waiting).toBe(0);
  });

  it("for good fails the turn", async () => {
    const scene = new Scene({ endFailures: Array.from({ length: 99 }, away) });
    const answered = scene.answer();
    let waitedMs = 0;
    for (let attempt = 0; attempt < 5; attempt += 1) waitedMs += await scene.clock.passWait();
    await expect(answered).rejects.toMatchObject({ code: "store-unreachable" });
    expect(waitedMs).toBe(15_500);
    expect(scene.replies.endCalls).toBe(6);
  });

  it("is not waited for where it refuses", async () => {
    const scene = new Scene({ endFailures: [new FamiliarError("store-failed", "No")] });
    await expect(scene.answer()).rejects.toMatchObject({ code: "store-failed" });
    expect(scene.replies.endCalls).toBe(1);
  });
});

describe("a last edit that fails", () => {
  const failure = new FamiliarError("discord-failed", "Discord is away");

  it("fails the turn after the reply is stored", async () => {
    const scene = new Scene({ onFinish: () => Promise.reject(failure), endFailures: [away()] });
    const answered = scene.answer();
    // By now, a rejection that nobody awaits would have ended the process.
    await setImmediate();
    await scene.clock.passWait();
    await expect(answered).rejects.toBe(failure);
    expect(scene.outcome.stored).toEqual([{ text: "Hello", reason: "stop" }]);
  });

  it("is waited for when the reply cannot be stored", async () => {
    let isShown = false;
    const scene = new Scene({
      endFailures: [new FamiliarError("store-failed", "No")],
      onFinish: async () => {
        await setImmediate();
        isShown = true;
      },
    });
    await expect(scene.answer()).rejects.toMatchObject({ code: "store-failed" });
    expect(isShown).toBe(true);
  });
});
