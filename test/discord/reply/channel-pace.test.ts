import { describe, expect, it } from "vitest";
import { ChannelPace, type PacedRequest } from "../../../src/discord/reply/channel-pace.ts";
import { VirtualTime } from "./virtual-time.ts";

const channelId = "100000000000000001";
const otherChannelId = "100000000000000002";

interface ServerOptions {
  readonly limit?: number;
  readonly windowMs?: number;
  readonly latencyMs?: number;
  readonly sendsHeaders?: boolean;
  /** Both lanes of a channel share one bucket. */
  readonly isShared?: boolean;
}

/** Fixed windows that open with their first request, as on Discord. */
class LimitedServer {
  readonly time = new VirtualTime();
  readonly pace = new ChannelPace(this.time, this.time.schedule);
  readonly sentAt: number[] = [];
  refusals = 0;
  readonly #options: Required<ServerOptions>;
  readonly #buckets = new Map<string, { endsAt: number; used: number }>();

  constructor(options: ServerOptions = {}) {
    this.#options = {
      limit: 5,
      windowMs: 5000,
      latencyMs: 60,
      sendsHeaders: true,
      isShared: false,
      ...options,
    };
  }

  async send(request: PacedRequest, signal = never()): Promise<number> {
    using _turn = await this.pace.take(request, signal);
    const { latencyMs } = this.#options;
    await this.#wait(latencyMs / 2);
    const arrivedAt = this.time.now();
    const response = this.#answer(request);
    await this.#wait(latencyMs / 2);
    this.pace.observe(response);
    return arrivedAt;
  }

  /** A stream that always has something to send. */
  async stream(request: PacedRequest, untilMs: number): Promise<void> {
    const until = this.time.now() + untilMs;
    while (this.time.now() < until) this.sentAt.push(await this.send(request));
  }

  #answer({ method, limitedBy: channel }: PacedRequest) {
    const { limit, windowMs, isShared, sendsHeaders } = this.#options;
    const name = isShared ? "both" : method;
    const key = `${name}:${channel}`;
    const now = this.time.now();
    const known = this.#buckets.get(key);
    const bucket =
      known === undefined || known.endsAt <= now ? { endsAt: now + windowMs, used: 0 } : known;
    this.#buckets.set(key, bucket);
    bucket.used += 1;
    const isRefused = bucket.used > limit;
    if (isRefused) this.refusals += 1;
    const resetAfter = String((bucket.endsAt - now) / 1000);
    const headers = new Headers(
      sendsHeaders
        ? {
            "X-RateLimit-Bucket": name,
            "X-RateLimit-Limit": String(limit),
            "X-RateLimit-Remaining": String(Math.max(0, limit - bucket.used)),
            "X-RateLimit-Reset-After": resetAfter,
            ...(isRefused ? { "Retry-After": resetAfter } : {}),
          }
        : {},
    );
    const id = method === "PATCH" ? "/200000000000000001" : "";
    const status = isRefused ? 429 : 200;
    return { method, path: `/channels/${channel}/messages${id}`, status, headers };
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.time.schedule(ms, resolve);
    });
  }
}

function never(): AbortSignal {
  return new AbortController().signal;
}

function draft(channel = channelId): PacedRequest {
  return { method: "PATCH", limitedBy: channel, urgency: "draft" };
}

function gaps(times: readonly number[]): number[] {
  return times.slice(1).map((time, index) => time - (times[index] ?? 0));
}

describe("the pace of a channel", () => {
  it("spreads drafts evenly and is never refused", async () => {
    const server = new LimitedServer();
    void server.stream(draft(), 60_000);
    await server.time.advance(61_000);
    expect(server.refusals).toBe(0);
    expect(server.sentAt.length).toBeGreaterThanOrEqual(45);
    for (const gap of gaps(server.sentAt)) {
      expect(gap).toBeGreaterThan(1000);
      expect(gap).toBeLessThan(1600);
    }
  });

  it.each([
    ["a small limit", { limit: 2, windowMs: 3000 }],
    ["a single request per window", { limit: 1, windowMs: 1000 }],
    ["a generous limit", { limit: 50, windowMs: 1000 }],
    ["a slow network", { latencyMs: 900 }],
    ["no headers at all", { sendsHeaders: false }],
    ["a long window", { limit: 10, windowMs: 60_000 }],
  ] satisfies [string, ServerOptions][])("is not refused with %s", async (_name, options) => {
    const server = new LimitedServer(options);
    void Promise.all([server.stream(draft(), 120_000), server.stream(draft(), 120_000)]);
    await server.time.advance(130_000);
    expect(server.refusals).toBe(0);
    expect(server.sentAt.length).toBeGreaterThan(15);
  });

  it("shares the bucket fairly among the streams of a channel", async () => {
    const server = new LimitedServer();
    const counts = [0, 0, 0];
    const run = async (index: number): Promise<void> => {
      while (server.time.now() < 60_000) {
        await server.send(draft());
        counts[index] = (counts[index] ?? 0) + 1;
      }
    };
    void Promise.all([run(0), run(1), run(2)]);
    await server.time.advance(65_000);
    expect(server.refusals).toBe(0);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
  });

  it("keeps a request in reserve, so that a final edit goes at once at any time", async () => {
    const server = new LimitedServer({ latencyMs: 0 });
    void server.stream(draft(), 60_000);
    for (let step = 0; step < 20; step += 1) {
      await server.time.advance(5400);
      const asked = server.time.now();
      const final = server.send({ ...draft(), urgency: "final" });
      await server.time.advance(0);
      expect(await final).toBe(asked);
    }
    expect(server.refusals).toBe(0);
  });

  it("lets a final edit pass the drafts that wait", async () => {
    const server = new LimitedServer({ limit: 1 });
    const order: string[] = [];
    const send = async (name: string, urgency: "draft" | "final"): Promise<void> => {
      await server.send({ ...draft(), urgency });
      order.push(name);
    };
    void Promise.all([send("first", "draft"), send("draft", "draft"), send("final", "final")]);
    await server.time.advance(20_000);
    expect(order).toEqual(["first", "final", "draft"]);
  });

  it("does not spread new messages, and leaves them the reserve as well", async () => {
    const server = new LimitedServer({ latencyMs: 0 });
    const times: number[] = [];
    const send = async (): Promise<void> => {
      times.push(await server.send({ method: "POST", limitedBy: channelId, urgency: "next" }));
    };
    void Promise.all([send(), send(), send(), send(), send()]);
    await server.time.advance(6000);
    expect(times.map((time) => time - 1000)).toEqual([0, 0, 0, 0, 5100]);
  });

  it("notices that creating and editing share one bucket", async () => {
    const server = new LimitedServer({ isShared: true });
    const post = { method: "POST", limitedBy: channelId, urgency: "draft" } as const;
    void Promise.all([server.stream(draft(), 60_000), server.stream(post, 60_000)]);
    await server.time.advance(70_000);
    expect(server.refusals).toBe(0);
  });

  it("keeps channels apart", async () => {
    const server = new LimitedServer({ limit: 1, latencyMs: 0 });
    void server.send(draft());
    await server.time.advance(0);
    const other = server.send(draft(otherChannelId));
    await server.time.advance(0);
    expect(await other).toBe(1000);
  });

  it("keeps a webhook apart from its channel, and has its threads share it", async () => {
    const { time, pace } = new LimitedServer();
    const webhookId = "400000000000000001";
    const headers = new Headers({ "Retry-After": "7.5" });
    const path = `/webhooks/${webhookId}/to-ken_1/messages/200000000000000001?thread_id=3`;
    pace.observe({ method: "PATCH", path, status: 429, headers });
    const granted: string[] = [];
    void pace.take(draft(webhookId), never()).then(() => granted.push("webhook"));
    void pace.take(draft(), never()).then(() => granted.push("channel"));
    await time.advance(7500);
    expect(granted).toEqual(["channel"]);
    await time.advance(500);
    expect(granted).toEqual(["channel", "webhook"]);
  });

  it("paces what is said through a webhook by its own answers", async () => {
    const { time, pace } = new LimitedServer();
    const headers = new Headers({
      "X-RateLimit-Limit": "5",
      "X-RateLimit-Remaining": "0",
      "X-RateLimit-Reset-After": "2",
    });
    const request = { method: "POST", limitedBy: "400000000000000001", urgency: "next" } as const;
    const path = "/webhooks/400000000000000001/to-ken_1?thread_id=3&wait=true";
    pace.observe({ method: "POST", path, status: 200, headers });
    let grantedAt = 0;
    void pace.take(request, never()).then(() => (grantedAt = time.now()));
    await time.advance(5000);
    expect(grantedAt).toBe(3100);
  });

  it("waits as a refusal tells it", async () => {
    const { time, pace } = new LimitedServer();
    const headers = new Headers({ "Retry-After": "7.5" });
    const path = `/channels/${channelId}/messages/200000000000000001`;
    pace.observe({ method: "PATCH", path, status: 429, headers });
    let grantedAt = 0;
    void pace.take({ ...draft(), urgency: "final" }, never()).then(() => (grantedAt = time.now()));
    await time.advance(7500);
    expect(grantedAt).toBe(0);
    await time.advance(500);
    expect(grantedAt).toBe(8600);
  });

  it("stops everything for a global refusal", async () => {
    const { time, pace } = new LimitedServer();
    const headers = new Headers({ "Retry-After": "2", "X-RateLimit-Global": "true" });
    pace.observe({ method: "GET", path: "/users/@me", status: 429, headers });
    let granted = 0;
    void pace.take(draft(), never()).then(() => (granted += 1));
    void pace.take(draft(otherChannelId), never()).then(() => (granted += 1));
    await time.advance(1900);
    expect(granted).toBe(0);
    await time.advance(200);
    expect(granted).toBe(2);
  });

  it("heeds what the REST client held back by itself", async () => {
    const { time, pace } = new LimitedServer();
    const url = `https://example.com/api/v10/channels/${channelId}/messages/200000000000000001`;
    pace.observeHeld({ method: "PATCH", url, global: false, timeToReset: 3000 });
    let granted = false;
    void pace.take(draft(), never()).then(() => (granted = true));
    await time.advance(2900);
    expect(granted).toBe(false);
    await time.advance(300);
    expect(granted).toBe(true);
  });

  it("leaves room under the bot's global limit", async () => {
    const server = new LimitedServer({ latencyMs: 0 });
    const times: number[] = [];
    const ids = Array.from({ length: 200 }, (_, index) => `${300_000_000_000_000 + index}`);
    void Promise.all(ids.map(async (id) => times.push(await server.send(draft(id)))));
    await server.time.advance(20_000);
    expect(times).toHaveLength(200);
    for (const from of times) {
      expect(times.filter((time) => time >= from && time < from + 1000).length).toBeLessThan(50);
    }
  });

  it("gives the turn of a request that is called off to the next one", async () => {
    const server = new LimitedServer({ limit: 1, latencyMs: 0 });
    void server.send(draft());
    await server.time.advance(0);
    const controller = new AbortController();
    const called = server.send(draft(), controller.signal);
    const next = server.send(draft());
    controller.abort(new Error("not needed any more"));
    await expect(called).rejects.toThrow("not needed any more");
    await server.time.advance(6000);
    expect(await next).toBe(6100);
  });
});
