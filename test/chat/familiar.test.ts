import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Familiar } from "../../src/chat/familiar.ts";
import type { FamiliarDependencies } from "../../src/chat/familiar-dependencies.ts";
import type { Conversation, UnfinishedReply } from "../../src/chat/conversation.ts";
import { toChannelId, toMessageId } from "../../src/chat/ids.ts";
import type { ChannelId } from "../../src/chat/ids.ts";
import type { Place } from "../../src/chat/place.ts";
import type { PlaceReader } from "../../src/chat/place-ports.ts";
import type { AliveConversation } from "../../src/chat/ports.ts";
import type { AnswerSettings } from "../../src/chat/reply/answer-ports.ts";
import type { Sampling } from "../../src/chat/sampling.ts";
import { CountingEngine, delta, end, usage } from "../support/counting-engine.ts";
import type { CountingEngineOptions } from "../support/counting-engine.ts";
import { RecordingLog } from "../support/database-log.ts";
import { HandClock } from "../support/hand-clock.ts";
import { RecordingConversations } from "../support/recording-conversations.ts";
import { noLore } from "../support/no-lore.ts";
import { noNotes } from "../support/no-notes.ts";
import { noPrivacy } from "../support/no-privacy.ts";
import { RecordingReplies } from "../support/recording-replies.ts";
import { createGate } from "../support/scripted-engine.ts";
import { createSettings } from "../support/settings.ts";
import { RecordingSurface } from "../support/recording-surface.ts";
import { conversationWith, ownTurnAt, thread, turnAt } from "../support/turns.ts";

const sampling: Sampling = {
  temperature: 0.7,
  topP: 1,
  topK: 40,
  minP: 0,
  repeatPenalty: 1,
  seed: undefined,
  stop: [],
};
const settings: AnswerSettings = {
  defaultSystemPrompt: "Be kind.",
  maxReplyTokens: 100,
  maxReplyParts: 3,
  showThoughts: false,
  replyTimeoutMs: 60_000,
  maxWaiting: 4,
  maxWaitingPerUser: 2,
  sampling,
};

class Conversations extends RecordingConversations {
  readonly places: readonly AliveConversation[];

  constructor(places: readonly AliveConversation[]) {
    super([
      turnAt(1, { text: "Hello" }),
      ownTurnAt(2, { text: "Hello Ada" }),
      turnAt(3, { text: "A secret" }),
    ]);
    this.places = places;
    this.conversation = conversationWith();
  }

  /** Each of the other places has a conversation of its own. */
  override find(placeId: ChannelId = thread.id): Promise<Conversation | undefined> {
    if (placeId === thread.id) return super.find();
    const place = { ...thread, id: placeId };
    return Promise.resolve(conversationWith({ id: Number(placeId), place }));
  }

  alive(): Promise<readonly AliveConversation[]> {
    return Promise.resolve(this.places);
  }
}

/** Nothing is left of an earlier process. */
class Replies extends RecordingReplies {
  unfinished(): Promise<readonly UnfinishedReply[]> {
    return Promise.resolve([]);
  }
}

interface SceneOptions extends CountingEngineOptions {
  /** Places that wait for an answer since before the start. */
  readonly due?: number;
}

class Scene {
  readonly conversations: Conversations;
  readonly engine: CountingEngine;
  readonly log = new RecordingLog();
  readonly replies = new Replies();
  readonly surface = new RecordingSurface();
  readonly familiar: Familiar;

  constructor(options: SceneOptions = {}) {
    this.conversations = new Conversations(
      Array.from({ length: options.due ?? 0 }, (_, index) => ({
        place: { ...thread, id: toChannelId(String(1_000 + index)) } satisfies Place,
        lastMessageId: undefined,
        isAnswerDue: true,
        duePosition: 3,
      })),
    );
    this.engine = new CountingEngine(options);
    const places: PlaceReader = {
      starterOf: async () => undefined,
      messagesAfter: async () => [],
      messagesBefore: async () => [],
    };
    const { conversations, engine, log, replies, surface } = this;
    const clock = new HandClock();
    const memory = { lore: noLore, notes: noNotes, privacy: noPrivacy };
    const ports = { clock, conversations, engine, log, places, replies, surface };
    const parts = { ...createSettings(), ...memory, ...ports };
    // These fakes have all that is asked for here.
    this.familiar = new Familiar(parts as unknown as FamiliarDependencies, settings);
  }

  /** As after a start. */
  async catchUp(): Promise<void> {
    this.familiar.catchingUp.noteListening();
    await this.familiar.catchUp();
  }
}

const secret = toMessageId("1003");
const remaining = [
  { role: "system", text: "Be kind." },
  { role: "user", text: "Hello" },
  { role: "assistant", text: "Hello Ada" },
];

describe("what a person takes back", () => {
  it("is forgotten by the engine as well, down to what remains", async () => {
    const { engine, familiar } = new Scene();
    await familiar.forgetMessages(thread.id, [secret]);
    expect(engine.forgotten).toEqual([{ conversationId: 7, remaining }]);
  });

  it("is forgotten when it was edited, and the new words remain", async () => {
    const { conversations, engine, familiar } = new Scene();
    await familiar.revise(thread.id, secret, async () => "Never mind");
    const now = [...remaining, { role: "user", text: "Never mind" }];
    expect(engine.forgotten).toEqual([{ conversationId: 7, remaining: now }]);
    expect([conversations.savedCounts, conversations.moves]).toEqual([[], []]);
  });

  it("costs nothing where it was never stored", async () => {
    const { conversations, engine, familiar } = new Scene();
    await familiar.forgetMessages(thread.id, [toMessageId("9")]);
    await familiar.revise(thread.id, toMessageId("9"), async () => "Never mind");
    expect(engine.forgotten).toEqual([]);
    expect(conversations.finds).toBe(0);
  });

  it("takes all with it when it is the place, or a fresh start", async () => {
    const { conversations, engine, familiar } = new Scene();
    await familiar.reset(thread.id);
    await familiar.forgetPlace(thread.id);
    expect(conversations.deeds).toEqual(["reset", "forgetPlace"]);
    const all = { conversationId: 7, remaining: undefined };
    expect(engine.forgotten).toEqual([all, all]);
  });

  it("is forgotten once more when the reply has ended that may have read it", async () => {
    const gate = createGate();
    const scene = new Scene({
      due: 1,
      scripts: [
        async function* script() {
          gate.reach();
          await gate.opened;
          yield delta("Hello");
          yield end();
        },
      ],
    });
    await scene.catchUp();
    await gate.reached;
    const { engine, familiar } = scene;
    await familiar.forgetMessages(toChannelId("1000"), [secret]);
    const taken = { conversationId: 1000, remaining };
    expect(engine.forgotten).toEqual([taken]);
    gate.open();
    await familiar.close(new AbortController().signal);
    await settle();
    expect(engine.forgotten).toEqual([taken, taken]);
  });

  it("takes with it all that the engine has where what remains cannot be read", async () => {
    const { conversations, engine, familiar } = new Scene();
    conversations.view = () => Promise.reject(new Error("The database is away"));
    await familiar.forgetMessages(thread.id, [secret]);
    expect(engine.forgotten).toEqual([{ conversationId: 7, remaining: undefined }]);
  });

  it("is gone all the same where the engine fails, with a line in the log", async () => {
    const { engine, familiar, log, surface } = new Scene();
    engine.forget = () => Promise.reject(new Error("The disk is full"));
    await familiar.forgetMessages(thread.id, [secret]);
    await familiar.forgetPlace(thread.id);
    expect(log.lines).toEqual([
      "The engine could not forget what was taken back",
      "The engine could not forget a conversation",
    ]);
    expect(surface.views).toEqual([]);
  });
});

describe("catching up", () => {
  it("answers everyone in turn, and leaves half of the line to who speaks now", async () => {
    const ends: (() => void)[] = [];
    let waitingMost = 0;
    const scene = new Scene({
      due: 12,
      parallelReplies: 2,
      scripts: Array.from(
        { length: 12 },
        () =>
          async function* script() {
            await new Promise<void>((resolve) => {
              ends.push(resolve);
            });
            yield delta("Hello");
            yield end();
          },
      ),
    });
    let isDone = false;
    const caughtUp = scene.catchUp().then(() => (isDone = true));
    while (scene.replies.endings.length < 12) {
      await settle();
      const { running, waiting } = scene.familiar.numbers();
      expect(running).toBeLessThanOrEqual(2);
      waitingMost = Math.max(waitingMost, waiting);
      ends.shift()?.();
    }
    await caughtUp;
    expect(isDone).toBe(true);
    expect(waitingMost).toBe(settings.maxWaiting / 2);
    const notices = scene.surface.views.flatMap(({ finished }) => finished);
    expect(notices.map(({ notice }) => notice)).toEqual(Array(12).fill(undefined));
  });

  it("answers once what is answered while it looks for what is due", async () => {
    const scene = new Scene({ due: 1 });
    const { engine, familiar, replies } = scene;
    await scene.catchUp();
    await scene.catchUp();
    await familiar.close(new AbortController().signal);
    expect(engine.requests).toHaveLength(1);
    expect(replies.endings).toHaveLength(1);
  });

  it("counts what was written", async () => {
    const scene = new Scene({
      due: 1,
      scripts: [
        async function* script() {
          yield delta("Hello");
          yield end();
        },
      ],
    });
    await scene.catchUp();
    await scene.familiar.close(new AbortController().signal);
    expect(scene.familiar.numbers()).toMatchObject({
      running: 0,
      waiting: 0,
      parallelReplies: 4,
      promptTokens: { reused: usage.reusedTokens },
      endings: new Map([["stop", 1]]),
    });
  });
});
