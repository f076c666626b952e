import { setImmediate as settle } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ReplyStopped } from "../../../src/chat/reply/reply-queue.ts";
import { Watchdog } from "../../../src/chat/reply/watchdog.ts";
import { HandClock } from "../../support/hand-clock.ts";

const LIMIT_MS = 60_000;

/** A stream that the test feeds, and that listens to nothing but that. */
class Feed implements AsyncIterable<string> {
  readonly #asks: ((next: IteratorResult<string, undefined>) => void)[] = [];
  isLeft = false;

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    return {
      next: () => new Promise((resolve) => this.#asks.push(resolve)),
      return: () => {
        this.isLeft = true;
        return Promise.resolve({ done: true, value: undefined });
      },
    };
  }

  async give(value: string): Promise<void> {
    this.#asks.shift()?.({ done: false, value });
    await settle();
  }

  async end(): Promise<void> {
    this.#asks.shift()?.({ done: true, value: undefined });
    await settle();
  }
}

class Scene {
  readonly clock = new HandClock();
  readonly watchdog = new Watchdog(this.clock, LIMIT_MS);

  /** Follows a stream to its end; "timeout" stands for having been given up. */
  async follow(feed: AsyncIterable<string>, limit = Number.POSITIVE_INFINITY): Promise<string[]> {
    const seen: string[] = [];
    try {
      for await (const value of this.watchdog.watch(() => feed)) {
        seen.push(value);
        if (seen.length >= limit) break;
      }
    } catch (error) {
      if (!(error instanceof ReplyStopped)) throw error;
      seen.push(error.reason);
    }
    return seen;
  }
}

it("passes a stream on while it shows signs of life", async () => {
  const scene = new Scene();
  const feed = new Feed();
  const followed = scene.follow(feed);
  for (const value of ["a", "b", "c"]) {
    scene.clock.advance(LIMIT_MS - 1);
    await feed.give(value);
  }
  await feed.end();
  expect(await followed).toEqual(["a", "b", "c"]);
});

it("gives up a stream that is stuck, even one that does not listen", async () => {
  const scene = new Scene();
  const feed = new Feed();
  const followed = scene.follow(feed);
  scene.clock.advance(1_000);
  await feed.give("a");
  expect(await scene.clock.passWait()).toBe(LIMIT_MS);
  expect(scene.clock.waiting).toBe(0);
  expect(await followed).toEqual(["a", "timeout"]);
});

it("tells the stream that it was given up", async () => {
  const { clock, watchdog } = new Scene();
  let overdue: AbortSignal | undefined;
  const stream = watchdog.watch((signal) => {
    overdue = signal;
    return new Feed();
  });
  const next = stream.next();
  await clock.passWait();
  await expect(next).rejects.toMatchObject({ reason: "timeout" });
  expect(overdue?.aborted).toBe(true);
});

describe("its timer", () => {
  it("is one for all streams", async () => {
    const scene = new Scene();
    const feeds = [new Feed(), new Feed(), new Feed()];
    const followed = Promise.all(feeds.map((feed) => scene.follow(feed)));
    for (const feed of feeds) await feed.give("a");
    expect(scene.clock.waiting).toBe(1);
    for (const feed of feeds) await feed.end();
    await followed;
  });

  it("is not set again when all have ended", async () => {
    const scene = new Scene();
    const feed = new Feed();
    const followed = scene.follow(feed);
    await feed.end();
    await followed;
    await scene.clock.passWait();
    await settle();
    expect(scene.clock.waiting).toBe(0);
  });

  it("does not count the time that a reader takes", async () => {
    const scene = new Scene();
    const feed = new Feed();
    const stream = scene.watchdog.watch(() => feed);
    const first = stream.next();
    await feed.give("a");
    await first;
    await scene.clock.passWait();
    scene.clock.advance(LIMIT_MS);
    const second = stream.next();
    await feed.give("b");
    expect((await second).value).toBe("b");
  });
});

it("leaves the stream when its reader does", async () => {
  const scene = new Scene();
  const feed = new Feed();
  const followed = scene.follow(feed, 1);
  await feed.give("a");
  expect(await followed).toEqual(["a"]);
  expect(feed.isLeft).toBe(true);
});
