import { setImmediate as settle } from "node:timers/promises";
import { beforeEach, expect, it } from "vitest";
import { FamiliarError } from "../../src/chat/errors.ts";
import { Familiar } from "../../src/chat/familiar.ts";
import { toChannelId, toMessageId } from "../../src/chat/ids.ts";
import type { MessageId } from "../../src/chat/ids.ts";
import type { Place, SaidMessage } from "../../src/chat/place.ts";
import type { Store } from "../../src/store/open-store.ts";
import { newId } from "../support/controls-world.ts";
import { RecordingLog } from "../support/database-log.ts";
import { HandClock } from "../support/hand-clock.ts";
import { GREEDY } from "../support/model.ts";
import { noArchive } from "../support/no-archive.ts";
import { noLore } from "../support/no-lore.ts";
import { noNotes } from "../support/no-notes.ts";
import { provideStore } from "../support/provide-store.ts";
import { createGate, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";
import { createSettings } from "../support/settings.ts";
import { ShownPlaces } from "../support/shown-places.ts";
import { ada, saidMessage } from "../support/turns.ts";

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
  readonly log = new RecordingLog();
  readonly shown = new ShownPlaces(newId);
  readonly written: SaidMessage[] = [];
  /** What was asked for when messages were read back. */
  readonly readAfter: MessageId[] = [];
  /** Ids of replies that were marked. */
  readonly marked: number[] = [];
  readonly familiar: Familiar;
  isAway = false;
  cannotRead = false;

  constructor(...replies: readonly (readonly ScriptStep[])[]) {
    this.engine = new ScriptedEngine(replies);
    const { engine, log, shown } = this;
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
        if (this.isAway) throw new FamiliarError("store-unreachable", "The database is away");
        const all = await store.conversations.alive(limit);
        return all.filter((alive) => alive.place.id === place.id);
      },
    };
    const parts = { conversations, replies: store.replies, systemPrompts: store.systemPrompts };
    const memory = { ...noArchive, lore: noLore, notes: noNotes, privacy: store.privacy };
    const ports = { engine, clock: new HandClock(), log, places, surface };
    this.familiar = new Familiar({ ...parts, ...memory, ...createSettings(), ...ports }, SETTINGS);
  }

  /** Someone writes something, whoever hears it. */
  write(text: string): SaidMessage {
    const message = saidMessage({ id: toMessageId(newId()), place, text });
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

  async untilReplied(count: number): Promise<void> {
    while (this.shown.finished < count || this.familiar.numbers().running > 0) await settle();
    await settle();
  }

  /** What the model read for each reply. */
  get prompts(): readonly (readonly string[])[] {
    return this.engine.requests.map(({ messages }) => messages.map(({ text }) => text));
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
  const conversation = await store.conversations.open({ place, isParticipant: true });
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

it("waits for a database that is away, and then passes over nothing", async () => {
  await converse();
  const world = new World(say("Back."));
  world.isAway = true;
  await expect(world.listen()).rejects.toMatchObject({ code: "store-unreachable" });
  await world.hear("Two");
  expect(world.shown.apologies).toEqual(["store-unreachable"]);
  world.isAway = false;
  await world.hear("Three");
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Two", "Three"]]);
});

it("goes on with what is said where what was missed cannot be read", async () => {
  await converse();
  const world = new World(say("Well."));
  world.cannotRead = true;
  world.familiar.catchingUp.noteListening();
  await world.hear("Two");
  await world.untilReplied(1);
  expect(world.prompts).toEqual([["One", "First.", "Two"]]);
  expect(world.log.lines).toContain("What was missed could not be taken in");
});
