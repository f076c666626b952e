import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { toUserId } from "../../../src/chat/ids.ts";
import { NoLongerIdle, ReplyLine } from "../../../src/chat/reply/reply-line.ts";
import type { ReplyLineLimits } from "../../../src/chat/reply/reply-line.ts";

const { signal } = new AbortController();

class Office {
  readonly line: ReplyLine;
  readonly places: number[] = [];
  readonly served: Disposable[] = [];

  readonly refused: unknown[] = [];

  constructor(places: number, limits: Partial<ReplyLineLimits> = {}) {
    this.line = new ReplyLine({ places, maxWaiting: 9, maxWaitingPerUser: 9, ...limits });
  }

  async come(user = "1"): Promise<void> {
    const onPlace = (place: number): void => void this.places.push(place);
    const entered = this.line.enter({ userId: toUserId(user), signal, onPlace });
    entered.then(
      (place) => this.served.push(place),
      (error: unknown) => this.refused.push(error),
    );
    await settle();
  }

  /** Something that goes on until it is told to end, and then takes its time. */
  begin() {
    let end = (): void => {};
    const over = new Promise<void>((resolve) => {
      end = resolve;
    });
    const signals: AbortSignal[] = [];
    const outcome = this.line.runIdle(async (idle) => {
      signals.push(idle);
      await over;
    });
    return { end, outcome, signals };
  }
}

describe("what has time", () => {
  it("begins only where nobody waits or writes", async () => {
    const office = new Office(2);
    await office.come();
    const early = office.begin();
    expect(await early.outcome).toBe(false);
    expect(early.signals).toEqual([]);
    let isIdle = false;
    void office.line.untilIdle().then(() => (isIdle = true));
    await settle();
    expect(isIdle).toBe(false);
    office.served[0]?.[Symbol.dispose]();
    await settle();
    expect(isIdle).toBe(true);
    const later = office.begin();
    later.end();
    expect(await later.outcome).toBe(true);
  });

  it("is one thing at a time", async () => {
    const office = new Office(4);
    const first = office.begin();
    expect(await office.begin().outcome).toBe(false);
    first.end();
    await first.outcome;
    const next = office.begin();
    next.end();
    expect(await next.outcome).toBe(true);
  });

  it("is told to end as soon as somebody comes, who is served at once beside it", async () => {
    const office = new Office(2);
    const pastime = office.begin();
    await office.come();
    expect(pastime.signals[0]?.reason).toBeInstanceOf(NoLongerIdle);
    expect(office.served).toHaveLength(1);
    await office.come();
    expect(office.served).toHaveLength(1);
    pastime.end();
    expect(await pastime.outcome).toBe(false);
    await settle();
    expect(office.served).toHaveLength(2);
    expect(office.places).toEqual([]);
  });

  it("leaves its place as it ends, to someone who was told of no queue", async () => {
    const office = new Office(1);
    const pastime = office.begin();
    await office.come();
    await office.come();
    expect([office.served.length, office.places]).toEqual([0, [1]]);
    pastime.end();
    await pastime.outcome;
    await settle();
    expect([office.served.length, office.places]).toEqual([1, [1]]);
    office.served[0]?.[Symbol.dispose]();
    await settle();
    expect(office.served).toHaveLength(2);
  });

  it("lets no more wait while it ends than at any other time, but for whom its place is", async () => {
    const office = new Office(1, { maxWaiting: 2 });
    const pastime = office.begin();
    for (const user of ["1", "2", "3", "4"]) await office.come(user);
    expect([office.served.length, office.line.waiting]).toEqual([0, 3]);
    expect(office.refused).toMatchObject([{ of: "everyone" }]);
    pastime.end();
    await pastime.outcome;
    await settle();
    expect([office.served.length, office.line.waiting]).toEqual([1, 2]);
  });

  it("lets nobody wait more often while it ends than at any other time", async () => {
    const office = new Office(1, { maxWaitingPerUser: 1 });
    office.begin();
    for (const user of ["1", "1", "1", "2"]) await office.come(user);
    expect(office.line.waiting).toBe(3);
    expect(office.refused).toMatchObject([{ of: "person" }]);
  });

  it("keeps nobody out whom its place is for, where nobody may wait", async () => {
    const office = new Office(1, { maxWaiting: 0, maxWaitingPerUser: 0 });
    const pastime = office.begin();
    await office.come();
    await office.come();
    expect(office.refused).toHaveLength(1);
    pastime.end();
    await pastime.outcome;
    await settle();
    expect(office.served).toHaveLength(1);
  });

  it("frees its place where it fails", async () => {
    const office = new Office(1);
    const failing = office.line.runIdle(() => Promise.reject(new Error("The disk is full")));
    await expect(failing).rejects.toThrow("The disk is full");
    await office.come();
    expect(office.served).toHaveLength(1);
  });
});
