import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { FamiliarError } from "../../../src/chat/errors.ts";
import type { Embedder, EmbeddingPurpose } from "../../../src/chat/memory/embedder.ts";
import type {
  EmbeddedTurn,
  EmbeddingStore,
  NearestTurns,
  PositionRange,
  UnembeddedTurns,
} from "../../../src/chat/memory/embedding-store.ts";
import { TurnEmbeddings } from "../../../src/chat/memory/turn-embeddings.ts";
import { ReplyLine } from "../../../src/chat/reply/reply-line.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { createGate } from "../../support/scripted-engine.ts";
import type { Gate } from "../../support/scripted-engine.ts";

const NEAREST: NearestTurns = { turns: [], compared: 12, mean: 0, deviation: 1 };
const CHUNK = 3;
const { signal: lasting } = new AbortController();

/** Embeds each text as its length; waits at the gate with the text that names it. */
class ScriptedEmbedder implements Embedder {
  readonly key = "0a";
  readonly dimensions = 1;
  readonly asked: string[] = [];
  failures = 0;
  gate: Gate | undefined;
  onEmbed: (() => void) | undefined;

  async embed(texts: readonly string[], purpose: EmbeddingPurpose, signal: AbortSignal) {
    const made: Float32Array[] = [];
    for (const text of texts) {
      signal.throwIfAborted();
      this.asked.push(`${purpose} ${text}`);
      if (this.failures > 0) {
        this.failures -= 1;
        throw new FamiliarError("engine-failed", "The embedding model failed.");
      }
      this.onEmbed?.();
      this.gate?.reach();
      await this.gate?.opened;
      made.push(Float32Array.of(text.length));
    }
    signal.throwIfAborted();
    return made;
  }
}

/** Conversations of turns without an embedding, a few of which are looked at with each call. */
class FakeStore implements EmbeddingStore {
  readonly kept = new Map<number, number[]>();
  readonly looked: PositionRange[] = [];
  readonly released: number[] = [];
  readonly #turns: Readonly<Record<number, number>>;

  constructor(turns: Readonly<Record<number, number>>) {
    this.#turns = turns;
  }

  async pending(id: number, range: PositionRange): Promise<UnembeddedTurns> {
    await settle();
    this.looked.push(range);
    const end = Math.min(range.before ?? Infinity, this.#turns[id] ?? 0);
    const from = Math.max(0, range.from, end - CHUNK);
    if (from >= end) return { turns: [], looked: undefined };
    const positions = Array.from({ length: end - from }, (_, index) => end - 1 - index);
    const kept = this.kept.get(id) ?? [];
    const turns = positions
      .filter((position) => !kept.includes(position))
      .map((position) => ({ position, text: `${id}/${position}`, revision: "1" }));
    return { turns, looked: { from, end } };
  }

  async keep(id: number, embedded: readonly EmbeddedTurn[]): Promise<void> {
    await settle();
    const kept = this.kept.get(id) ?? [];
    this.kept.set(id, [...kept, ...embedded.map(({ position }) => position)]);
  }

  nearest(): Promise<NearestTurns> {
    return Promise.resolve(NEAREST);
  }

  release(id: number): void {
    this.released.push(id);
  }

  due(): Promise<readonly number[]> {
    return Promise.resolve(Object.keys(this.#turns).map(Number));
  }
}

function createScene(turns: Readonly<Record<number, number>>) {
  const clock = new HandClock();
  const embedder = new ScriptedEmbedder();
  const embeddings = new FakeStore(turns);
  const line = new ReplyLine({ places: 1, maxWaiting: 9, maxWaitingPerUser: 9 });
  const log = new RecordingLog();
  const running = new TurnEmbeddings({ clock, embedder, embeddings, line, log });
  const enter = async (): Promise<Disposable> =>
    await line.enter({ userId: undefined, signal: lasting, onPlace: () => undefined });
  return { clock, embedder, embeddings, enter, line, log, running };
}

type Scene = ReturnType<typeof createScene>;

/** Until nothing goes on any more, and time has to pass. */
async function untilStill({ embeddings, embedder }: Scene): Promise<void> {
  for (let rounds = 0, before = ""; rounds < 3; rounds += 1) {
    for (let turn = 0; turn < 20; turn += 1) await settle();
    const now = `${embeddings.looked.length} ${embedder.asked.length}`;
    if (now !== before) rounds = 0;
    before = now;
  }
}

const question = { conversationId: 1, text: "Why?", before: 9, limit: 3 };

describe("embedding turns in idle time", () => {
  it("begins when nobody has asked for five seconds, and embeds all, the newest first", async () => {
    const scene = createScene({ 1: 7 });
    scene.running.note(1);
    expect(await scene.clock.passWait()).toBe(5_000);
    await untilStill(scene);
    expect(scene.embeddings.kept.get(1)).toEqual([6, 5, 4, 3, 2, 1, 0]);
    expect(scene.embedder.asked[0]).toBe("turn 1/6");
    expect(scene.clock.waiting).toBe(0);
  });

  it("lets what else is done in idle time have a turn, and goes on after it", async () => {
    const scene = createScene({ 1: 9 });
    scene.embedder.onEmbed = () => scene.clock.advance(5_000);
    scene.running.note(1);
    await scene.clock.passWait();
    await untilStill(scene);
    expect(scene.embeddings.kept.get(1)).toEqual([8, 7, 6, 5, 4, 3]);
    expect(await scene.line.runIdle(async () => {})).toBe(true);
    expect(await scene.clock.passWait()).toBe(5_000);
    await untilStill(scene);
    expect(scene.embeddings.kept.get(1)).toHaveLength(9);
  });

  it("waits while a reply is written", async () => {
    const scene = createScene({ 1: 2 });
    const reply = await scene.enter();
    scene.running.note(1);
    await untilStill(scene);
    expect(scene.clock.waiting).toBe(0);
    reply[Symbol.dispose]();
    await scene.clock.passWait();
    await untilStill(scene);
    expect(scene.embeddings.kept.get(1)).toEqual([1, 0]);
  });

  it("ends after the text under way when somebody asks, and goes on later", async () => {
    const scene = createScene({ 1: 2 });
    scene.embedder.gate = createGate();
    scene.running.note(1);
    await scene.clock.passWait();
    await scene.embedder.gate.reached;
    const entering = scene.enter();
    scene.embedder.gate.open();
    const reply = await entering;
    await untilStill(scene);
    expect(scene.embedder.asked).toEqual(["turn 1/1"]);
    expect(scene.embeddings.kept.size).toBe(0);
    reply[Symbol.dispose]();
    await scene.clock.passWait();
    await untilStill(scene);
    expect(scene.embeddings.kept.get(1)).toEqual([1, 0]);
  });

  it("looks at no turn again that it has looked at, until something was changed", async () => {
    const scene = createScene({ 1: 7 });
    const looksFrom = async (): Promise<number[]> => {
      scene.embeddings.looked.length = 0;
      await scene.clock.passWait();
      await untilStill(scene);
      return [...new Set(scene.embeddings.looked.map(({ from }) => from))];
    };
    scene.running.note(1);
    await looksFrom();
    scene.running.note(1);
    expect(await looksFrom()).toEqual([7]);
    scene.running.note(1, "changed");
    expect(scene.embeddings.released).toEqual([1]);
    expect(await looksFrom()).toEqual([-(2 ** 31)]);
  });

  it("takes up at a start what is not done", async () => {
    const scene = createScene({ 1: 1, 2: 1 });
    await scene.running.noteDue();
    await scene.clock.passWait();
    await untilStill(scene);
    expect([...scene.embeddings.kept.keys()]).toEqual([1, 2]);
  });

  it("tries a conversation again that failed, three times", async () => {
    const scene = createScene({ 1: 1, 2: 1 });
    scene.embedder.failures = 3;
    scene.running.note(1);
    await scene.clock.passWait();
    await untilStill(scene);
    expect(scene.log.lines).toEqual(Array(3).fill("Embedding turns failed"));
    expect(scene.embeddings.kept.size).toBe(0);
    scene.running.note(1);
    scene.running.note(2);
    await scene.clock.passWait();
    await untilStill(scene);
    expect([...scene.embeddings.kept.keys()]).toEqual([2]);
  });

  it("closes when the text under way is embedded", async () => {
    const scene = createScene({ 1: 2 });
    scene.embedder.gate = createGate();
    scene.running.note(1);
    await scene.clock.passWait();
    await scene.embedder.gate.reached;
    const closing = scene.running.close();
    scene.embedder.gate.open();
    await closing;
    expect(scene.embedder.asked).toEqual(["turn 1/1"]);
    scene.running.note(1);
    expect(scene.clock.waiting).toBe(0);
  });
});

describe("what a question is like", () => {
  it("is found at once", async () => {
    const { clock, embedder, running } = createScene({});
    expect(await running.nearest(question)).toBe(NEAREST);
    expect(embedder.asked).toEqual(["question Why?"]);
    expect(clock.waiting).toBe(0);
  });

  it("is waited for half a second and not longer", async () => {
    const { clock, embedder, log, running } = createScene({});
    embedder.gate = createGate();
    const finding = running.nearest(question);
    await embedder.gate.reached;
    expect(await clock.passWait()).toBe(500);
    expect(await finding).toBeUndefined();
    embedder.gate.open();
    await settle();
    expect(log.lines).toEqual([]);
  });

  it("is not known where the model fails, which is logged without the words", async () => {
    const { embedder, log, running } = createScene({});
    embedder.failures = 1;
    expect(await running.nearest(question)).toBeUndefined();
    expect(log.lines).toEqual(["Old turns are looked for by their words alone"]);
  });
});
