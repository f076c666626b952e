import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { answer } from "../../../src/chat/reply/answer.ts";
import type { AnswerDependencies, AnswerSettings } from "../../../src/chat/reply/answer-ports.ts";
import type { Conversation } from "../../../src/chat/conversation.ts";
import { FamiliarError } from "../../../src/chat/errors.ts";
import { toMessageId, toUserId } from "../../../src/chat/ids.ts";
import { INTERRUPTED_NOTICE, toNotice } from "../../../src/chat/reply/notice.ts";
import type { AskingMessage } from "../../../src/chat/reply/asking-message.ts";
import type { EngineEvent } from "../../../src/chat/ports.ts";
import { ReplyLine } from "../../../src/chat/reply/reply-line.ts";
import { ReplyNumbers } from "../../../src/chat/reply/reply-numbers.ts";
import { ReplyStopped } from "../../../src/chat/reply/reply-queue.ts";
import { Watchdog } from "../../../src/chat/reply/watchdog.ts";
import { Quotas } from "../../../src/chat/settings/quotas.ts";
import type { Sampling } from "../../../src/chat/sampling.ts";
import {
  CountingEngine,
  delta,
  end,
  sayUntilStopped,
  tokensOf,
  usage,
} from "../../support/counting-engine.ts";
import type { EngineScript } from "../../support/counting-engine.ts";
import { noLore } from "../../support/no-lore.ts";
import { noNotes } from "../../support/no-notes.ts";
import { createSettings } from "../../support/settings.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { RecordingConversations } from "../../support/recording-conversations.ts";
import { RecordingReplies } from "../../support/recording-replies.ts";
import type { RecordingRepliesOptions } from "../../support/recording-replies.ts";
import { RecordingSurface } from "../../support/recording-surface.ts";
import {
  ada,
  ben,
  channel,
  conversationWith,
  direct,
  thread,
  turnAt,
} from "../../support/turns.ts";

const sampling: Sampling = {
  temperature: 0,
  topP: 1,
  topK: 40,
  minP: 0,
  repeatPenalty: 1,
  seed: 1,
  stop: [],
};
const TIMEOUT_MS = 60_000;
const SETTINGS: AnswerSettings = {
  defaultSystemPrompt: "",
  maxReplyTokens: 100,
  maxReplyParts: 3,
  showThoughts: false,
  replyTimeoutMs: TIMEOUT_MS,
  maxWaiting: 2,
  maxWaitingPerUser: 1,
  sampling,
};
const here = { kind: "place", id: thread.id } as const;
const message = { id: toMessageId("100000000000000021"), author: ada };
const cleo = { id: toUserId("100000000000000013"), name: "Cleo" };

interface SceneOptions extends RecordingRepliesOptions {
  readonly script?: EngineScript;
  /** One for each time that the engine is asked. */
  readonly scripts?: readonly EngineScript[];
  readonly settings?: Partial<AnswerSettings>;
  readonly messageLength?: number;
  readonly onFinish?: () => Promise<void>;
}

/** One reply with everything around it; the engine writes one at a time. */
class Scene {
  readonly clock = new HandClock();
  readonly conversations = new RecordingConversations([turnAt(1, { text: "Hello" })]);
  readonly log = new RecordingLog();
  readonly numbers = new ReplyNumbers();
  readonly stop = new AbortController();
  readonly settings: AnswerSettings;
  readonly line: ReplyLine;
  readonly watchdog: Watchdog;
  readonly engine: CountingEngine;
  readonly replies: RecordingReplies;
  readonly surface: RecordingSurface;
  readonly set: ReturnType<typeof createSettings>;
  takenWaiting = 0;
  /** What the reply answers. */
  answering: readonly AskingMessage[] = [message];

  constructor(options: SceneOptions = {}) {
    this.settings = { ...SETTINGS, ...options.settings };
    this.set = createSettings({ showThoughts: this.settings.showThoughts });
    this.line = new ReplyLine({ ...this.settings, places: 1 });
    this.watchdog = new Watchdog(this.clock, this.settings.replyTimeoutMs);
    const scripts = options.scripts ?? [options.script ?? says(delta("Hello"), end())];
    this.engine = new CountingEngine({ scripts });
    this.replies = new RecordingReplies(options);
    this.surface = new RecordingSurface(options.onFinish, options.messageLength);
  }

  async answer(conversation: Conversation = conversationWith()): Promise<void> {
    this.conversations.conversation = conversation;
    const takeWaiting = (): void => {
      this.takenWaiting += 1;
    };
    const startEnding = (): void => {};
    const answerUpTo = (): void => {};
    const asked = {
      newest: message,
      signal: this.stop.signal,
      takeWaiting,
      answerUpTo,
      startEnding,
      answering: () => this.answering,
    };
    // These fakes have all that a reply asks for.
    const { settings } = this.set;
    const quotas = new Quotas({ ...this.set, clock: this.clock });
    const { clock, conversations, engine, line, log, numbers, replies, surface, watchdog } = this;
    const ports = {
      clock,
      conversations,
      engine,
      log,
      lore: noLore,
      notes: noNotes,
      replies,
      settings,
      surface,
    };
    const parts = { ...ports, line, numbers, quotas, watchdog };
    const dependencies = parts as unknown as AnswerDependencies;
    const { place } = conversation;
    await answer(dependencies, this.settings, { place, asked, known: conversation });
  }

  /** Someone else's reply holds the engine's only place until it is disposed of. */
  async occupy(): Promise<Disposable> {
    const { signal } = new AbortController();
    return await this.line.enter({ userId: ben.id, signal, onPlace: () => {} });
  }

  /** Lets the watchdog wake, which has nothing to watch any more when the text is complete. */
  async endWatch(): Promise<void> {
    await setImmediate();
    const waitedMs = await this.clock.passWait();
    if (waitedMs !== TIMEOUT_MS) throw new Error("The watchdog was not the first to wait");
  }

  /** What is stored at the end, and what people see. */
  get outcome() {
    return {
      stored: this.replies.endings.map(({ ending: { text, reason } }) => ({ text, reason })),
      seen: this.surface.view.finished.map(({ notice, text }) => ({ text, notice })),
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

/** 300 characters that say nothing twice. */
const LETTERS = Array.from({ length: 75 }, (_, index) => `${1_000 + index}`).join("");

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
  expect(scene.surface.view.shown).toEqual(["Hello", "Hello Ada"]);
  expect(scene.outcome.seen).toEqual([{ text: "Hello Ada\n", notice: undefined }]);
  const count = { tokens: tokensOf("Hello Ada\n"), basis: "units/plain" };
  const tokens = usage.promptTokens - usage.reusedTokens + usage.replyTokens;
  const charge = { guildId: channel.guildId, userId: ada.id, tokens };
  expect(scene.replies.endings).toEqual([
    {
      replyId: 1,
      ending: { text: "Hello Ada\n", thoughts: undefined, reason: "stop", usage, count, charge },
    },
  ]);
});

it("asks the engine for what the settings, the prompt and the conversation say", async () => {
  const scene = new Scene();
  await scene.set.settings.change(here, { sampling: { temperature: 1.5, stop: ["END"] } });
  await scene.answer();
  expect(scene.engine.requests).toMatchObject([
    {
      conversationId: 7,
      isTrimmed: false,
      maxTokens: 100,
      sampling: { ...sampling, temperature: 1.5, stop: ["END"] },
      messages: [{ role: "user", text: "Hello" }],
    },
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
  expect(scene.outcome.seen).toEqual([{ text: "", notice: undefined }]);
  expect(scene.surface.view.shown).toEqual([]);
  expect(scene.engine.requests).toEqual([]);
});

it("stores each message that shows the reply", async () => {
  const scene = new Scene();
  await scene.answer();
  const part = { messageId: toMessageId("31"), index: 0, start: 0, end: 5 };
  await scene.surface.view.request.savePart(part);
  expect(scene.replies.begun).toEqual([{ conversationId: 7, model: "counting", askedBy: ada.id }]);
  expect(scene.replies.parts).toEqual([{ replyId: 1, part }]);
});

it("stores whom it answers besides, also who spoke while it was written", async () => {
  const bens = { id: toMessageId("100000000000000022"), author: ben };
  const cleos = { id: toMessageId("100000000000000023"), author: cleo };
  const onDraft = async (): Promise<void> => {
    scene.answering = [...scene.answering, cleos];
  };
  const scene = new Scene({ onDraft });
  scene.answering = [bens, message];
  await scene.answer();
  expect(scene.replies.begun).toMatchObject([{ askedBy: ada.id, alsoAskedBy: [ben.id] }]);
  expect(scene.replies.endings).toMatchObject([{ ending: { alsoAskedBy: [ben.id, cleo.id] } }]);
});

it.each([
  [channel, message.id],
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
    ["length", { kind: "length", maxReplyTokens: 100 }],
    ["context", { kind: "context" }],
  ] as const)("is stored and shown with its reason: %s", async (reason, notice) => {
    const scene = new Scene({ script: says(delta("Hello"), end(reason)) });
    await scene.answer();
    expect(scene.outcome).toEqual({
      stored: [{ text: "Hello", reason }],
      seen: [{ text: "Hello", notice }],
    });
  });

  it("is cut by the context where that leaves less than the limit for one reply", async () => {
    const scene = new Scene({
      script: says(delta("Hello"), end("length")),
      settings: { maxReplyTokens: 5_000 },
    });
    await scene.answer();
    expect(scene.outcome.stored).toEqual([{ text: "Hello", reason: "context" }]);
  });

  it("is shown and stored with what was held back", async () => {
    const scene = new Scene({ script: says(delta("Hello\n"), delta("Us"), end()) });
    await scene.answer();
    expect(scene.surface.view.shown).toEqual(["Hello"]);
    expect(scene.outcome.stored).toEqual([{ text: "Hello\nUs", reason: "stop" }]);
  });
});

describe("a reply without a word", () => {
  const blank = says(delta("\n"), end());

  it("is asked for once more, with another seed and some chance", async () => {
    const scene = new Scene({ scripts: [blank, says(delta("Hello"), end())] });
    await scene.answer();
    expect(scene.outcome).toEqual({
      stored: [{ text: "Hello", reason: "stop" }],
      seen: [{ text: "Hello", notice: undefined }],
    });
    expect(scene.engine.requests.map((request) => request.sampling)).toEqual([
      sampling,
      { ...sampling, seed: 2, temperature: 0.7 },
    ]);
  });

  it("keeps its temperature and a seed of chance for the second time", async () => {
    const warm = { ...sampling, seed: undefined, temperature: 1.2 };
    const scene = new Scene({ scripts: [blank, blank], settings: { sampling: warm } });
    await scene.answer();
    expect(scene.engine.requests.map((request) => request.sampling)).toEqual([warm, warm]);
  });

  it("twice says so, and is stored as empty", async () => {
    const scene = new Scene({ scripts: [blank, blank] });
    await scene.answer();
    expect(scene.outcome).toEqual({
      stored: [{ text: "", reason: "empty" }],
      seen: [{ text: "", notice: { kind: "empty" } }],
    });
    expect(scene.surface.view.shown).toEqual([]);
    expect(scene.replies.drafts).toEqual([]);
    expect(scene.replies.endings[0]?.ending.count).toBeUndefined();
  });

  it("that was cut is not asked for again", async () => {
    const scene = new Scene({ script: says(end("length")) });
    await scene.answer();
    expect(scene.outcome.stored).toEqual([{ text: "", reason: "length" }]);
  });
});

describe("a reply that a guard ends", () => {
  const loop = "I can not do that, I am sorry to say. ";

  it.each([
    ["repetition", loop.repeat(9), loop],
    ["other-speaker", "Hello.\nUser: hi", "Hello."],
    ["parts", "1234567890", "123456789"],
  ] as const)("is stopped at once and cut: %s", async (reason, said, text) => {
    let isLeft = false;
    const scene = new Scene({
      ...(reason === "parts" ? { messageLength: 3 } : {}),
      script: async function* script() {
        try {
          yield delta(said);
          throw new Error("It should have been stopped");
        } finally {
          isLeft = true;
        }
      },
    });
    await scene.answer();
    const notice = toNotice(reason, SETTINGS);
    expect(scene.outcome).toEqual({ stored: [{ text, reason }], seen: [{ text, notice }] });
    expect(isLeft).toBe(true);
  });

  it("knows the people of the prompt where they are named", async () => {
    const scene = new Scene({ script: says(delta("Hello.\nAda: hi"), end()) });
    await scene.answer(conversationWith({ hasSeveralSpeakers: true }));
    expect(scene.outcome.stored).toEqual([{ text: "Hello.", reason: "other-speaker" }]);
  });
});

describe("thoughts", () => {
  const script = says(delta("<think>Hm"), delta(".</think>\n\n"), delta("Yes."), end());

  it("are stored beside the text, and hidden by default", async () => {
    const scene = new Scene({ script });
    await scene.answer();
    expect(scene.surface.view.waits).toEqual([{ kind: "thinking" }]);
    expect(scene.surface.view.shown).toEqual(["Yes."]);
    expect(scene.replies.drafts).toEqual(["Yes."]);
    expect(scene.replies.endings[0]?.ending).toMatchObject({ text: "Yes.", thoughts: "Hm." });
    expect(scene.surface.view.finished).toMatchObject([
      { text: "Yes.", notice: undefined, thoughts: undefined },
    ]);
  });

  it("are shown at the end where they may be", async () => {
    const scene = new Scene({ script, settings: { showThoughts: true } });
    await scene.answer();
    expect(scene.surface.view.finished).toMatchObject([
      { text: "Yes.", notice: undefined, thoughts: "Hm." },
    ]);
  });
});

describe("an engine that is silent for too long", () => {
  it("is given up, and the text so far kept", async () => {
    const scene = new Scene({
      // Stuck: it does not even listen to its signal.
      script: async function* script() {
        yield { type: "progress", readTokens: 1, promptTokens: 2 };
        yield delta("Hel");
        await new Promise(() => {});
      },
    });
    const answered = scene.answer();
    await setImmediate();
    expect(await scene.clock.passWait()).toBe(TIMEOUT_MS);
    await answered;
    expect(scene.outcome).toEqual({
      stored: [{ text: "Hel", reason: "timeout" }],
      seen: [{ text: "Hel", notice: toNotice("timeout", SETTINGS) }],
    });
    expect(scene.line.running).toBe(0);
  });

  it("may take its time as long as it shows signs of life", async () => {
    const scene = new Scene({
      script: async function* script() {
        for (let readTokens = 0; readTokens < 5; readTokens += 1) {
          scene.clock.advance(TIMEOUT_MS - 1);
          yield { type: "progress", readTokens, promptTokens: 5 };
        }
        yield delta("Hello");
        yield end();
      },
    });
    await scene.answer();
    expect(scene.outcome.stored).toEqual([{ text: "Hello", reason: "stop" }]);
  });
});

describe("the line", () => {
  it("is left when the text is complete, before the last edit", async () => {
    let runningAtFinish: number | undefined;
    const scene = new Scene({
      onFinish: async () => {
        runningAtFinish = scene.line.running;
      },
    });
    await scene.answer();
    expect(runningAtFinish).toBe(0);
  });

  it("is shown with the place in it, and then the conversation is read anew", async () => {
    const scene = new Scene();
    const place = await scene.occupy();
    const answered = scene.answer();
    await setImmediate();
    expect(scene.surface.view.waits).toEqual([{ kind: "queued", place: 1 }]);
    expect([scene.takenWaiting, scene.replies.begun]).toEqual([0, []]);
    await scene.set.settings.change(here, { sampling: { seed: 5 } });
    scene.clock.advance(1_500);
    place[Symbol.dispose]();
    await answered;
    expect(scene.surface.view.waits).toEqual([{ kind: "queued", place: 1 }, { kind: "turn" }]);
    expect(scene.takenWaiting).toBe(1);
    expect(scene.engine.requests[0]?.sampling.seed).toBe(5);
    expect(scene.numbers.read({ running: 0, waiting: 0, parallelReplies: 1 })).toMatchObject({
      waitMs: { median: 1_500 },
      endings: new Map([["stop", 1]]),
    });
  });

  it("is not shown to one who is served at once", async () => {
    const scene = new Scene();
    await scene.answer();
    expect(scene.surface.view.waits).toEqual([]);
    expect(scene.conversations.finds).toBe(0);
  });

  it.each(["aborted", "interrupted", "unreachable"] as const)(
    "is left without a trace by one who is stopped: %s",
    async (reason) => {
      const scene = new Scene();
      using _place = await scene.occupy();
      const answered = scene.answer();
      scene.stop.abort(new ReplyStopped(reason));
      await answered;
      expect(scene.outcome).toEqual({ stored: [], seen: [{ text: "", notice: undefined }] });
      expect([scene.line.waiting, scene.replies.begun]).toEqual([0, []]);
    },
  );

  it("is left when the place is gone", async () => {
    const scene = new Scene();
    using _place = await scene.occupy();
    const answered = scene.answer();
    scene.surface.view.vanish();
    await answered;
    expect([scene.line.waiting, scene.replies.begun]).toEqual([0, []]);
  });

  it("that is full is said to be so, and nothing is stored of the reply", async () => {
    const scene = new Scene();
    using _place = await scene.occupy();
    const first = scene.answer();
    await scene.answer();
    expect(scene.outcome.seen).toEqual([
      { text: "", notice: { kind: "queue-full", of: "person" } },
    ]);
    scene.stop.abort(new ReplyStopped("aborted"));
    await first;
    expect(scene.replies.begun).toEqual([]);
  });

  it("was in vain where the conversation has been forgotten meanwhile", async () => {
    const scene = new Scene();
    const place = await scene.occupy();
    const answered = scene.answer();
    scene.conversations.conversation = undefined;
    place[Symbol.dispose]();
    await answered;
    expect(scene.outcome).toEqual({ stored: [], seen: [{ text: "", notice: undefined }] });
  });
});

describe("a reply that is stopped", () => {
  it.each([
    ["aborted", { kind: "aborted" }],
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
    const scene = new Scene({
      script: (signal) => {
        scene.stop.abort(new ReplyStopped("aborted"));
        return sayUntilStopped(signal);
      },
    });
    await scene.answer();
    expect(scene.outcome).toEqual({
      stored: [{ text: "", reason: "aborted" }],
      seen: [{ text: "", notice: { kind: "aborted" } }],
    });
  });

  it("for another reason counts as aborted", async () => {
    const scene = new Scene({
      script: (signal) => {
        scene.stop.abort();
        return sayUntilStopped(signal);
      },
    });
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
        notice: { kind: "failed" },
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
    const scene = new Scene({ script: spells(() => scene.clock, 10, LETTERS) });
    await scene.answer();
    const { length } = scene.replies.drafts;
    expect(length).toBeGreaterThanOrEqual(3_000 / 1_000);
    expect(length).toBeLessThanOrEqual(3_000 / 200);
    expect(scene.outcome.stored).toEqual([{ text: LETTERS, reason: "stop" }]);
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
    await scene.endWatch();
    expect(await scene.clock.passWait()).toBe(500);
    expect(scene.outcome.seen).toEqual([{ text: "Hello", notice: undefined }]);
    expect(await scene.clock.passWait()).toBe(1_000);
    expect(await scene.clock.passWait()).toBe(2_000);
    await answered;
    expect(scene.outcome.stored).toEqual([{ text: "Hello", reason: "stop" }]);
    expect(scene.clock.waiting).toBe(0);
  });

  it("for good fails the turn", async () => {
    const scene = new Scene({ endFailures: Array.from({ length: 99 }, away) });
    const answered = scene.answer();
    await scene.endWatch();
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
    await scene.endWatch();
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
