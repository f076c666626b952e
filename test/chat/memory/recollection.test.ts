import { setImmediate as settle } from "node:timers/promises";
import { expect, it } from "vitest";
import { Recollector } from "../../../src/chat/memory/recollection.ts";
import type { RecallStore } from "../../../src/chat/memory/recall-store.ts";
import { ReplyLine } from "../../../src/chat/reply/reply-line.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { ada } from "../../support/turns.ts";

const SAID = "The secret is a pelican";
const QUESTION = { conversationId: 7, text: SAID, before: 9, limit: 3 };

/** One turn that fits, in an index that so many calls fill. */
class Turns implements RecallStore {
  readonly indexed: (readonly [id: number, before: number | undefined])[] = [];
  left: number;
  dueIds: readonly number[] = [];
  error: Error | undefined;
  hasHung = false;

  constructor(left = 0) {
    this.left = left;
  }

  readonly index = async (id: number, before?: number): Promise<boolean> => {
    this.indexed.push([id, before]);
    if (this.error !== undefined) throw this.error;
    if (this.hasHung) await new Promise(() => {});
    this.left = Math.max(0, this.left - 1);
    return this.left > 0;
  };

  readonly due = async () => this.dueIds;

  readonly match = async () => ({
    terms: [{ word: 1, positions: [2], stretches: [2], turns: 1 }],
    spoken: [],
    names: [],
    turns: 9,
    stretches: 3,
  });

  readonly glance = async (_id: number, positions: readonly number[]) =>
    positions.map((position) => ({
      position,
      stretch: 2,
      isNamed: false,
      saidAt: new Date(0),
      words: 3,
      hasQuestion: false,
      endsWithQuestion: false,
    }));

  readonly read = async (_id: number, positions: readonly number[]) =>
    positions.map((position) => ({
      position,
      role: "user" as const,
      speaker: ada,
      saidAt: new Date(0),
      text: SAID,
    }));
}

function createScene(turns = new Turns()) {
  const clock = new HandClock();
  const line = new ReplyLine({ places: 1, maxWaiting: 9, maxWaitingPerUser: 9 });
  const log = new RecordingLog();
  return {
    clock,
    line,
    log,
    turns,
    recollector: new Recollector({ clock, line, log, recall: turns }),
  };
}

async function ask({ line }: ReturnType<typeof createScene>): Promise<Disposable> {
  const { signal } = new AbortController();
  return await line.enter({ userId: ada.id, signal, onPlace: () => {} });
}

async function settleAll(): Promise<void> {
  for (let round = 0; round < 20; round += 1) await settle();
}

it("finds what was said, and leaves nothing to wait for", async () => {
  const { clock, recollector } = createScene();
  const found = await recollector.find(QUESTION);
  expect(found.map(({ position, text }) => [position, text])).toContainEqual([2, SAID]);
  expect(clock.waiting).toBe(0);
});

it("finds nothing that is reset away", async () => {
  const { recollector } = createScene();
  const found = await recollector.find({ ...QUESTION, since: 3 });
  expect(found.filter(({ position }) => position < 3)).toEqual([]);
});

it("finds nothing where the store fails, and says so without a word of what was asked", async () => {
  const { clock, line, turns } = createScene();
  const error = new Error("The database is away");
  turns.error = error;
  const lines: unknown[] = [];
  const write = (...logged: unknown[]): void => void lines.push(logged);
  const log = { info: write, warn: write, error: write };
  const recollector = new Recollector({ clock, line, log, recall: turns });
  expect(await recollector.find(QUESTION)).toEqual([]);
  expect(lines).toEqual([
    [{ error, conversationId: 7 }, "A reply goes without what was said long ago"],
  ]);
});

it("finds nothing where the store takes longer than a second", async () => {
  const { clock, log, recollector, turns } = createScene();
  turns.hasHung = true;
  const finding = recollector.find(QUESTION);
  expect(await clock.passWait()).toBe(1_000);
  expect(await finding).toEqual([]);
  expect(log.lines).toEqual(["A reply goes without what was said long ago"]);
});

it("takes one bite of a long history before a reply, and the rest when nobody asks", async () => {
  const scene = createScene(new Turns(5));
  const { clock, recollector, turns } = scene;
  const reply = await ask(scene);
  await recollector.find(QUESTION);
  await settleAll();
  expect([turns.indexed, clock.waiting]).toEqual([[[7, 9]], 0]);
  reply[Symbol.dispose]();
  expect(await clock.passWait()).toBe(5_000);
  await settleAll();
  expect(turns.indexed.slice(1)).toEqual([7, 7, 7, 7].map((id) => [id, undefined]));
  expect(clock.waiting).toBe(0);
});

it("lets whoever asks go first, and goes on later", async () => {
  const scene = createScene(new Turns(3));
  const { clock, recollector, turns } = scene;
  recollector.note(7);
  await settleAll();
  const reply = await ask(scene);
  await clock.passWait();
  await settleAll();
  expect(turns.indexed).toEqual([]);
  reply[Symbol.dispose]();
  await clock.passWait();
  await settleAll();
  expect(turns.indexed).toHaveLength(3);
});

it("takes up after a start what is due, and gives up what fails until it is noted again", async () => {
  const { clock, log, recollector, turns } = createScene();
  turns.dueIds = [4, 5];
  turns.error = new Error("The database is away");
  await recollector.noteDue();
  await clock.passWait();
  await settleAll();
  expect(turns.indexed.map(([id]) => id)).toEqual([4, 5]);
  expect(log.lines).toEqual(["Old turns could not be indexed", "Old turns could not be indexed"]);
  expect(clock.waiting).toBe(0);
  turns.error = undefined;
  recollector.note(5);
  await clock.passWait();
  await settleAll();
  expect(turns.indexed).toHaveLength(3);
});

it("leaves the rest to the next start when it is closed", async () => {
  const { clock, recollector, turns } = createScene(new Turns(3));
  recollector.note(7);
  await settleAll();
  await recollector.close();
  await settleAll();
  recollector.note(8);
  expect([turns.indexed, clock.waiting]).toEqual([[], 0]);
});
