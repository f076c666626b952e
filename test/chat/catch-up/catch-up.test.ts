import { setImmediate as settle } from "node:timers/promises";
import { beforeEach, expect, it } from "vitest";
import { FamiliarError } from "../../../src/chat/errors.ts";
import { Familiar } from "../../../src/chat/familiar.ts";
import { toChannelId, toMessageId, toUserId } from "../../../src/chat/ids.ts";
import type { MessageId } from "../../../src/chat/ids.ts";
import type { Place, SaidMessage } from "../../../src/chat/place.ts";
import type { NewTurn } from "../../../src/chat/ports.ts";
import type { Store } from "../../../src/store/open-store.ts";
import { newId } from "../../support/controls-world.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { GREEDY } from "../../support/model.ts";
import { noArchive } from "../../support/no-archive.ts";
import { noLore } from "../../support/no-lore.ts";
import { noNotes } from "../../support/no-notes.ts";
import { provideStore } from "../../support/provide-store.ts";
import { createGate, say, ScriptedEngine, waitFor } from "../../support/scripted-engine.ts";
import type { ScriptStep } from "../../support/scripted-engine.ts";
import { createSettings } from "../../support/settings.ts";
import { ShownPlaces } from "../../support/shown-places.ts";
import { ada, channel, saidMessage, thread } from "../../support/turns.ts";

const AWAY = new FamiliarError("store-unreachable", "The database is away");
const BROKEN = new FamiliarError("store-failed", "The database refused");

const SETTINGS = {
  defaultSystemPrompt: "",
  maxReplyTokens: 100,
  maxReplyParts: 10,
  showThoughts: false,
  replyTimeoutMs: 60_000,
  maxWaiting: 4,
  maxWaitingPerUser: 4,
  sampling: GREEDY,
};

let store: Store;
let place: Place;

provideStore("PGlite", (provided) => {
  ({ store } = provided);
});

beforeEach(() => {
  place = { kind: "direct", id: toChannelId(newId()) };
});

/** A process that begins on what is stored; what stands in the place is read back from `written`. */
class World {
  readonly engine: ScriptedEngine;
  readonly clock = new HandClock();
  readonly log = new RecordingLog();
  readonly shown = new ShownPlaces(newId);
  readonly written: SaidMessage[] = [];
  /** What was asked for when messages were read back. */
  readonly readAfter: MessageId[] = [];
  /** Ids of replies that were marked. */
  readonly marked: number[] = [];
  readonly familiar: Familiar;
  /** What fails where these words are to be stored. */
  readonly unstorable = new Map<string, FamiliarError>();
  /** What fails where someone's quota is read, once. */
  quotaFailure: FamiliarError | undefined;
  /** Comes before it is read what there was when nobody listened. */
  beforeLook: Promise<void> = Promise.resolve();
  opensThreads = false;
  isAway = false;
  cannotRead = false;

  constructor(...replies: readonly (readonly ScriptStep[])[]) {
    this.engine = new ScriptedEngine(replies);
    const { clock, engine, log, shown } = this;
    const surface = {
      open: shown.open.bind(shown),
      showControls: shown.showControls.bind(shown),
      remove: shown.remove.bind(shown),
      clearWaiting: shown.clearWaiting.bind(shown),
      apologise: shown.apologise.bind(shown),
      markInterrupted: async ({ replyId }: { replyId: number }) => void this.marked.push(replyId),
    };
    const places = {
      starterOf: async () => undefined,
      messagesAfter: async (_: Place, after: MessageId) => this.#read(after),
      messagesBefore: async () => [],
    };
    const conversations = {
      ...store.conversations,
      alive: async (limit: number) => {
        if (this.isAway) throw AWAY;
        const all = await store.conversations.alive(limit);
        await this.beforeLook;
        return all.filter((alive) => alive.place.id === place.id);
      },
      reset: async (...given: Parameters<typeof store.conversations.reset>) => {
        if (this.isAway) throw AWAY;
        await store.conversations.reset(...given);
      },
      record: async (id: number, turn: NewTurn) => {
        const failure = this.unstorable.get(turn.text);
        if (failure !== undefined) throw failure;
        return await store.conversations.record(id, turn);
      },
    };
    const settings = {
      ...createSettings({ answerIn: "thread" }),
      threads: { openFrom: async (message: SaidMessage) => this.#openThread(message) },
    };
    const { settings: library } = settings;
    const quota = library.quota.bind(library);
    library.quota = async (guildId) => {
      const failure = this.quotaFailure;
      this.quotaFailure = undefined;
      if (failure !== undefined) throw failure;
      return await quota(guildId);
    };
    const parts = { conversations, replies: store.replies, systemPrompts: store.systemPrompts };
    const memory = { ...noArchive, lore: noLore, notes: noNotes, privacy: store.privacy };
    const ports = { engine, clock, log, places, surface };
    this.familiar = new Familiar({ ...parts, ...memory, ...settings, ...ports }, SETTINGS);
  }

  /** Someone writes something, whoever hears it. */
  write(text: string, overrides: Partial<SaidMessage> = {}): SaidMessage {
    const message = saidMessage({ id: toMessageId(newId()), place, text, ...overrides });
    this.written.push(message);
    return message;
  }

  async hear(text: string): Promise<void> {
    await this.familiar.hear(this.write(text));
  }

  async listen(): Promise<void> {
    this.familiar.catchingUp.noteListening();
    await this.familiar.catchUp();
  }

  /** Nothing of it has a message any more; nobody tells of that. */
  erase({ id }: SaidMessage): void {
    this.written.splice(0, Infinity, ...this.written.filter((message) => message.id !== id));
  }

  async close(): Promise<void> {
    await this.familiar.close(new AbortController().signal);
  }

  async untilReplied(count: number): Promise<void> {
    while (this.shown.finished < count || this.familiar.numbers().running > 0) await settle();
    await settle();
  }

  /** What went wrong. */
  get failures(): readonly string[] {
    return this.log.lines.filter((line) => line !== "Replied");
  }

  /** What the model read for each reply. */
  get prompts(): readonly (readonly string[])[] {
    return this.engine.requests.map(({ messages }) => messages.map(({ text }) => text));
  }

  #openThread(message: SaidMessage) {
    if (!this.opensThreads) return undefined;
    return { ...thread, id: toChannelId(message.id), parentId: message.place.id };
  }

  async #read(after: MessageId): Promise<readonly SaidMessage[]> {
    await settle();
    this.readAfter.push(after);
    if (this.cannotRead) throw new Error("It cannot be read");
    return this.written.filter(({ id }) => BigInt(id) > BigInt(after));
  }
}

/** A conversation of one question and its answer; resolves with what was said last there. */
async function converse(answer = "First."): Promise<void> {
  const isParticipant = place.kind !== "channel";
  const conversation = await store.conversations.open({ place, isParticipant });
  const question = { messageId: toMessageId(newId()), role: "user", speaker: ada } as const;
  await store.conversations.record(conversation.id, { ...question, text: "One" });
  if (answer === "") return;
  const replyId = await store.replies.begin(conversation.id, { model: "m", askedBy: ada.id });
  const ended = { text: answer, thoughts: undefined, reason: "stop", usage: undefined } as const;
  await store.replies.end(replyId, { ...ended, count: undefined });
}

/** As a crash leaves a reply. */
async function beginReply(text: string): Promise<number> {
  const conversation = await store.conversations.find(place.id);
  const by = { model: "m", askedBy: ada.id };
  const replyId = await store.replies.begin(conversation?.id ?? 0, by);
  if (text === "") return replyId;
  await store.replies.saveDraft(replyId, text);
  const part = { messageId: toMessageId(newId()), index: 0, start: 0, end: text.length };
  await store.replies.savePart(replyId, part);
  return replyId;
}

it("hears what was missed in a place before what is said there first, and answers both at once", async () => {
  await converse();
  const world = new World(say("Both."));
  world.write("Missed");
  world.familiar.catchingUp.noteListening();
  await world.hear("Live");
  await world.untilReplied(1);
  await world.familiar.catchUp();
  expect(world.prompts).toEqual([["One", "First.", "Missed", "Live"]]);
  expect(world.readAfter).toHaveLength(1);
});

it("hears what was missed where nobody speaks", async () => {
  await converse();
  const world = new World(say("Late."));
  world.write("Missed");
  await world.listen();
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Missed"]]);
});

it("passes over nothing that was said before its own words, of a reply that went on in the silence", async () => {
  await converse();
  const world = new World(say("Second."), say("Late."));
  await world.listen();
  await world.hear("Two");
  await world.untilReplied(1);
  world.familiar.catchingUp.noteSilence();
  const conversation = await store.conversations.find(place.id);
  world.write("Missed");
  const last = await store.replies.last(conversation?.id ?? 0);
  const part = { messageId: toMessageId(newId()), index: 9, start: 0, end: 1 };
  await store.replies.savePart(last?.variants[0]?.id ?? 0, part);
  await world.listen();
  await world.untilReplied(2);
  expect(world.prompts[1]).toEqual(["One", "First.", "Two", "Second.", "Missed"]);
});

it("reads nothing back where the session was resumed", async () => {
  await converse();
  const world = new World(say("Second."));
  await world.listen();
  const before = world.readAfter.length;
  world.familiar.catchingUp.noteSilence();
  world.familiar.catchingUp.noteResumed();
  await world.hear("Two");
  await world.untilReplied(1);
  expect(world.readAfter).toHaveLength(before);
});

it("marks what a crash cut off, and no reply that has begun since", async () => {
  await converse("");
  const left = await beginReply("Half");
  const gate = createGate();
  const world = new World([...say("New").slice(0, 1), waitFor(gate), ...say(" words.")]);
  world.familiar.catchingUp.noteListening();
  await world.hear("And?");
  await gate.reached;
  await world.familiar.catchUp();
  expect(world.marked).toEqual([left]);
  gate.open();
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "Half", "And?"]]);
  const conversation = await store.conversations.find(place.id);
  const last = await store.replies.last(conversation?.id ?? 0);
  expect(last?.variants).toMatchObject([{ text: "New words.", reason: "stop" }]);
});

it("writes anew what nobody has seen anything of", async () => {
  await converse("");
  await beginReply("");
  const world = new World(say("Here."));
  await world.listen();
  await world.untilReplied(1);
  expect([world.prompts, world.marked]).toEqual([[["One"]], []]);
});

it("hears nothing that was said before a fresh start", async () => {
  await converse();
  const world = new World(say("Anew."));
  world.write("Missed");
  world.familiar.catchingUp.noteListening();
  await world.familiar.catchingUp.ready();
  await world.familiar.reset(place.id);
  await world.familiar.catchUp();
  await world.hear("Two");
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["Two"]]);
});

it("hears nothing that was said before a fresh start that came before it knew what was missed", async () => {
  await converse();
  const gate = createGate();
  const world = new World(say("Anew."));
  world.beforeLook = gate.opened;
  world.write("Missed");
  world.familiar.catchingUp.noteListening();
  await world.familiar.reset(place.id);
  gate.open();
  await world.familiar.catchUp();
  await world.hear("Two");
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["Two"]]);
});

it("hears what was missed where a fresh start failed", async () => {
  await converse();
  const world = new World(say("Late."));
  world.write("Missed");
  world.isAway = true;
  const caughtUp = world.listen();
  await expect(world.familiar.reset(place.id)).rejects.toBe(AWAY);
  world.isAway = false;
  await world.clock.passWait();
  await caughtUp;
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Missed"]]);
});

it("waits for a database that is away, and then passes over nothing", async () => {
  await converse();
  const world = new World(say("Back."));
  world.isAway = true;
  const caughtUp = world.listen();
  await world.hear("Two");
  expect(world.shown.apologies).toEqual(["store-unreachable"]);
  world.isAway = false;
  await world.hear("Three");
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Two", "Three"]]);
  await world.close();
  await caughtUp;
});

it("tries again by itself while the database is away, less and less often, and hears what was missed", async () => {
  await converse();
  const world = new World(say("Back."));
  world.write("Missed");
  world.isAway = true;
  const caughtUp = world.listen();
  const pauses: number[] = [];
  while (pauses.length < 5) pauses.push(await world.clock.passWait());
  expect(pauses).toEqual([5_000, 10_000, 20_000, 40_000, 60_000]);
  world.isAway = false;
  await world.clock.passWait();
  await caughtUp;
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Missed"]]);
});

it("does not try again once it is closed", async () => {
  await converse();
  const world = new World();
  world.isAway = true;
  const caughtUp = world.listen();
  await world.clock.passWait();
  while (world.clock.waiting === 0) await settle();
  await world.close();
  await caughtUp;
  expect(world.clock.waiting).toBe(0);
});

it("answers what it had stored before the database went away in the middle of a place", async () => {
  await converse();
  const world = new World(say("Here."));
  world.write("Missed");
  const last = world.write("Gone soon");
  world.unstorable.set("Gone soon", AWAY);
  const caughtUp = world.listen();
  while (world.clock.waiting === 0) await settle();
  world.erase(last);
  expect(await world.clock.passWait()).toBe(5_000);
  await caughtUp;
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Missed"]]);
});

it("answers nothing that was deleted while the database was away", async () => {
  await converse();
  const world = new World();
  const missed = world.write("Missed");
  const last = world.write("Gone soon");
  world.unstorable.set("Gone soon", AWAY);
  const caughtUp = world.listen();
  while (world.clock.waiting === 0) await settle();
  world.erase(last);
  await world.familiar.forgetMessages(place.id, [missed.id]);
  await world.clock.passWait();
  await caughtUp;
  expect(world.familiar.repliesUnderWay()).toBeUndefined();
  expect(world.prompts).toEqual([]);
});

it("answers nobody who had themselves forgotten while the database was away", async () => {
  await converse();
  const world = new World();
  const author = { id: toUserId(newId()), name: "Cem" };
  world.write("Missed", { author });
  const last = world.write("Gone soon");
  world.unstorable.set("Gone soon", AWAY);
  const caughtUp = world.listen();
  while (world.clock.waiting === 0) await settle();
  world.erase(last);
  const all = { scope: { kind: "everywhere" }, until: new Date(), directId: undefined } as const;
  await world.familiar.privacy.forget({ ...all, userId: author.id, withReplies: false });
  await world.clock.passWait();
  await caughtUp;
  expect(world.familiar.repliesUnderWay()).toBeUndefined();
  expect(world.prompts).toEqual([]);
});

it("asks again for what it could not ask for while the database was away", async () => {
  place = { ...thread, id: toChannelId(newId()) };
  await converse();
  const world = new World(say("Here."));
  world.write("Missed");
  world.quotaFailure = AWAY;
  const caughtUp = world.listen();
  await world.clock.passWait();
  await caughtUp;
  await world.untilReplied(1);
  expect(world.prompts).toHaveLength(1);
});

it("passes over the one message that cannot be stored, and answers the others", async () => {
  await converse();
  const world = new World(say("Well."));
  world.write("Missed");
  world.write("Broken");
  world.write("Missed too");
  world.unstorable.set("Broken", BROKEN);
  await world.listen();
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Missed", "Missed too"]]);
  expect(world.failures).toEqual(["What was missed could not be taken in"]);
});

it("answers what is due elsewhere where the first of what is due cannot be asked for", async () => {
  place = { ...channel, id: toChannelId(newId()) };
  await converse();
  const world = new World(say("Here."));
  world.opensThreads = true;
  world.write("Missed", { mentionsFamiliar: true });
  world.write("Missed too", { mentionsFamiliar: true });
  world.quotaFailure = BROKEN;
  await world.listen();
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["Missed too"]]);
  expect(world.failures).toEqual(["What was missed could not be taken in"]);
});

it("answers what was missed where what is said then cannot be stored", async () => {
  await converse();
  const world = new World(say("Well."));
  world.write("Missed");
  world.unstorable.set("Live", BROKEN);
  world.familiar.catchingUp.noteListening();
  await world.hear("Live");
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Missed"]]);
  expect(world.shown.apologies).toHaveLength(1);
});

it("reads a place again later that cannot be read, where nobody speaks", async () => {
  await converse();
  const world = new World(say("Late."));
  world.write("Missed");
  world.cannotRead = true;
  const caughtUp = world.listen();
  while (world.clock.waiting === 0) await settle();
  world.cannotRead = false;
  await world.clock.passWait();
  await caughtUp;
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Missed"]]);
});

it("reads a place again before what is said there is taken in", async () => {
  await converse();
  const world = new World(say("Both."));
  world.write("Missed");
  world.cannotRead = true;
  world.familiar.catchingUp.noteListening();
  const heard = world.hear("Live");
  while (world.clock.waiting === 0) await settle();
  world.cannotRead = false;
  expect(await world.clock.passWait()).toBe(2_000);
  await heard;
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Missed", "Live"]]);
});

it("goes on with what is said where what was missed cannot be read three times", async () => {
  await converse();
  const world = new World(say("Well."));
  world.cannotRead = true;
  world.familiar.catchingUp.noteListening();
  const heard = world.hear("Two");
  await world.clock.passWait();
  await world.clock.passWait();
  await heard;
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Two"]]);
  expect(world.readAfter).toHaveLength(3);
  expect(world.failures).toEqual(["What was missed could not be read"]);
});

it("leaves to the next start what is said while it is closed and a place cannot be read", async () => {
  await converse();
  const world = new World();
  world.cannotRead = true;
  world.familiar.catchingUp.noteListening();
  const heard = world.hear("Two");
  while (world.clock.waiting === 0) await settle();
  await world.close();
  await heard;
  expect([world.shown.apologies, world.log.lines]).toEqual([[], []]);
  const next = new World(say("Later."));
  next.written.push(...world.written);
  await next.listen();
  await next.untilReplied(1);
  expect(next.prompts).toEqual([["One", "First.", "Two"]]);
});
