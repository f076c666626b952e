import { expect, it } from "vitest";
import { toGuildId } from "../../../src/chat/ids.ts";
import type { PrivacyStore, Step } from "../../../src/chat/privacy/privacy-store.ts";
import { Retention } from "../../../src/chat/privacy/retention.ts";
import { RecordingLog } from "../../support/database-log.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { noPrivacy } from "../../support/no-privacy.ts";
import { ScriptedEngine } from "../../support/scripted-engine.ts";

const DAY_MS = 24 * 3_600_000;
const guildId = toGuildId("100000000000000001");

class Scene {
  readonly clock = new HandClock();
  readonly engine = new ScriptedEngine([]);
  readonly log = new RecordingLog();
  readonly limits: Date[] = [];
  /** Conversations that the engine has yet to forget. */
  readonly stale = new Set<number>();
  readonly retention: Retention;
  steps: Step[];

  constructor(steps: readonly Step[], overrides: Partial<PrivacyStore> = {}) {
    this.steps = [...steps];
    const privacy: PrivacyStore = {
      ...noPrivacy,
      retentions: async () => [{ guildId, days: 7 }],
      expire: async (_guildId, before) => {
        this.limits.push(before);
        const step = this.steps.shift() ?? { conversations: [], isDone: true };
        for (const id of step.conversations) this.stale.add(id);
        return step;
      },
      stale: async () =>
        Array.from(this.stale, (conversationId) => ({ conversationId, upTo: conversationId })),
      dropStale: async ({ conversationId }) => void this.stale.delete(conversationId),
      ...overrides,
    };
    const { clock, engine, log } = this;
    const ports = { clock, engine, log, privacy };
    this.retention = new Retention({ ...ports, guilds: () => [], forgetSettings: () => {} });
  }
}

it("goes step by step, and has the engine forget each conversation once", async () => {
  const steps = [
    { conversations: [1, 2], isDone: false },
    { conversations: [2], isDone: true },
  ];
  const scene = new Scene(steps);
  await scene.retention.run(new AbortController().signal);
  const limit = new Date(scene.clock.date().getTime() - 7 * DAY_MS);
  expect(scene.limits).toEqual([limit, limit]);
  expect(scene.engine.forgotten).toEqual([
    { conversationId: 1, remaining: undefined },
    { conversationId: 2, remaining: undefined },
  ]);
});

it("has the engine forget what a crash kept it from, and what it failed to", async () => {
  const scene = new Scene([]);
  scene.stale.add(7).add(8);
  const forget = scene.engine.forget.bind(scene.engine);
  scene.engine.forget = async (conversationId) => {
    if (conversationId === 7) throw new Error("The disk is away");
    await forget(conversationId);
  };
  await scene.retention.run(new AbortController().signal);
  expect(scene.engine.forgotten).toEqual([{ conversationId: 8, remaining: undefined }]);
  expect([...scene.stale]).toEqual([7]);
  expect(scene.log.lines).toContain("The engine could not forget a conversation");
  scene.engine.forget = forget;
  await scene.retention.run(new AbortController().signal);
  expect(scene.engine.forgotten).toMatchObject([{ conversationId: 8 }, { conversationId: 7 }]);
  expect([...scene.stale]).toEqual([]);
});

it("is looked at again each day, also after a failure, until it is stopped", async () => {
  let rounds = 0;
  const scene = new Scene([], {
    noteGuilds: async () => {
      rounds += 1;
      if (rounds === 1) throw new Error("The database is away");
    },
  });
  const stop = new AbortController();
  const keeping = scene.retention.keep(stop.signal);
  expect(await scene.clock.passWait()).toBe(DAY_MS);
  expect(await scene.clock.passWait()).toBe(DAY_MS);
  expect(scene.limits.length).toBe(1);
  expect(scene.log.lines).toEqual(["What is too old could not be taken away"]);
  stop.abort();
  await keeping;
});

it("takes no further step after a stop", async () => {
  const stop = new AbortController();
  const scene = new Scene([], {
    expire: async () => {
      stop.abort();
      scene.stale.add(7);
      return { conversations: [7], isDone: false };
    },
  });
  await scene.retention.run(stop.signal);
  expect(scene.engine.forgotten).toEqual([{ conversationId: 7, remaining: undefined }]);
});
