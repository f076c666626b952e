import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toGuildId } from "../../../src/chat/ids.ts";
import { toUsage } from "../../../src/chat/settings/quota.ts";
import type { CountedReply } from "../../../src/chat/settings/quota.ts";
import { Quotas } from "../../../src/chat/settings/quotas.ts";
import { DEFAULT_SETTINGS } from "../../../src/chat/settings/settings.ts";
import type { Quota } from "../../../src/chat/settings/settings.ts";
import { HandClock } from "../../support/hand-clock.ts";
import { createSettings } from "../../support/settings.ts";
import { ada, ben, channel, direct, thread } from "../../support/turns.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function quotaOf(limits: Partial<Quota>): Quota {
  return { ...DEFAULT_SETTINGS.quota, ...limits };
}

const counted: readonly CountedReply[] = [
  { ageMs: 20 * HOUR, tokens: 500 },
  { ageMs: 50 * MINUTE, tokens: 100 },
  { ageMs: 10 * MINUTE, tokens: 30 },
];

it("sums the last hour and the last 24 hours", () => {
  expect(toUsage(counted, quotaOf({}))).toEqual({
    lastHour: { replies: 2, tokens: 130 },
    lastDay: { replies: 3, tokens: 630 },
    freeInMs: 0,
  });
});

const waits: readonly [Partial<Quota>, number][] = [
  [{ repliesPerHour: 3 }, 0],
  [{ repliesPerHour: 2 }, 10 * MINUTE],
  [{ repliesPerHour: 1 }, 50 * MINUTE],
  [{ repliesPerDay: 3 }, 4 * HOUR],
  [{ tokensPerHour: 131 }, 0],
  [{ tokensPerHour: 130 }, 10 * MINUTE],
  [{ tokensPerHour: 30 }, 50 * MINUTE],
  [{ tokensPerDay: 600 }, 4 * HOUR],
  [{ repliesPerHour: 2, repliesPerDay: 3 }, 4 * HOUR],
];

it.each(waits)("is free again, with %j, when enough has aged: in %i ms", (limits, freeInMs) => {
  expect(toUsage(counted, quotaOf(limits)).freeInMs).toBe(freeInMs);
});

it("counts what is being written, which has no age yet", () => {
  const quota = quotaOf({ repliesPerHour: 3 });
  expect(toUsage(counted, quota, 1).freeInMs).toBe(10 * MINUTE);
  expect(toUsage([], quota, 2).freeInMs).toBe(0);
  expect(toUsage([], quota, 3).freeInMs).toBe(HOUR);
});

it("is free exactly when it says so, and not a moment before", () => {
  const replies = fc.array(
    fc.record({ ageMs: fc.integer({ min: 0, max: 24 * HOUR - 1 }), tokens: fc.nat(1_000) }),
    { maxLength: 12 },
  );
  const limit = fc.option(fc.integer({ min: 1, max: 2_000 }), { nil: undefined });
  const few = fc.option(fc.integer({ min: 1, max: 8 }), { nil: undefined });
  const quotas = fc.record({
    repliesPerHour: few,
    repliesPerDay: few,
    tokensPerHour: limit,
    tokensPerDay: limit,
  });
  fc.assert(
    fc.property(replies, quotas, (past, quota) => {
      const { freeInMs } = toUsage(past, quota);
      const after = (ms: number) =>
        toUsage(
          past.map(({ ageMs, tokens }) => ({ ageMs: ageMs + ms, tokens })),
          quota,
        ).freeInMs;
      expect(after(freeInMs)).toBe(0);
      expect(after(Math.max(0, freeInMs - 1))).toBe(Math.min(1, freeInMs));
    }),
  );
});

describe("people", () => {
  const guildId = toGuildId(channel.guildId);

  async function limited(limits: Partial<Quota>, past: readonly CountedReply[] = []) {
    const { settings } = createSettings();
    const clock = new HandClock();
    let reads = 0;
    const usages = {
      read: async () => {
        reads += 1;
        return past;
      },
      add: async () => {},
    };
    await settings.change({ kind: "guild", id: guildId }, { quota: limits });
    return { clock, quotas: new Quotas({ clock, settings, usages }), reads: () => reads };
  }

  it("are counted only where there is a quota, and never in direct messages", async () => {
    const free = await limited({}, counted);
    expect(await free.quotas.freeAt(thread, ada.id)).toBeUndefined();
    const strict = await limited({ repliesPerHour: 1 }, counted);
    expect(await strict.quotas.freeAt(direct, ada.id)).toBeUndefined();
    expect([free.reads(), strict.reads()]).toEqual([0, 0]);
    expect(await strict.quotas.freeAt(thread, ada.id)).toBeInstanceOf(Date);
    await expect(strict.quotas.assertFree(thread, ada.id)).rejects.toMatchObject({
      problem: { kind: "quota-used-up" },
    });
  });

  it("have a reply that is being written counted until it has ended", async () => {
    const { quotas } = await limited({ repliesPerHour: 1 });
    const writing = quotas.startWriting(thread, ada.id);
    expect(await quotas.freeAt(channel, ada.id)).toBeInstanceOf(Date);
    expect(await quotas.freeAt(channel, ben.id)).toBeUndefined();
    writing[Symbol.dispose]();
    expect(await quotas.freeAt(channel, ada.id)).toBeUndefined();
  });

  it("are told once, until a reply is free again", async () => {
    const { clock, quotas } = await limited({ repliesPerHour: 1 }, counted);
    const freeAt = new Date(Date.now() + HOUR);
    expect(quotas.isNews(thread, ada.id, freeAt)).toBe(true);
    expect(quotas.isNews(channel, ada.id, freeAt)).toBe(false);
    expect(quotas.isNews(channel, ben.id, freeAt)).toBe(true);
    clock.advance(HOUR + 1);
    expect(quotas.isNews(thread, ada.id, freeAt)).toBe(true);
  });
});
