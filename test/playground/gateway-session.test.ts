import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Session } from "../../src/playground/gateway/gateway-session.ts";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const user = { id: "1", username: "bot", displayName: "Bot", bot: true, token: "t" };

function createSession(): Session {
  return new Session({ id: "s", user, intents: 1, shard: undefined });
}

interface Sent {
  readonly s: number;
}

function createConnection(sent: Sent[] = []) {
  return { send: (frame: unknown) => void sent.push(frame as Sent), close() {}, cut() {} };
}

test("a session that nobody came back to is gone", () => {
  const session = createSession();
  const onExpired = vi.fn<() => void>();
  session.detach(1000, onExpired);
  vi.advanceTimersByTime(999);
  expect(onExpired).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onExpired).toHaveBeenCalledOnce();
});

test("a session that was taken up again does not expire", () => {
  const session = createSession();
  const onExpired = vi.fn<() => void>();
  session.detach(1000, onExpired);
  session.resume(createConnection(), 0);
  vi.advanceTimersByTime(5000);
  expect(onExpired).not.toHaveBeenCalled();
});

test("what was missed is replayed in order, as far back as it is kept", () => {
  const session = createSession();
  for (let index = 1; index <= 1500; index += 1) session.dispatch("EVENT", index);
  expect(session.canReplay(499)).toBe(false);
  expect(session.canReplay(500)).toBe(true);
  expect(session.canReplay(1501)).toBe(false);
  const sent: Sent[] = [];
  session.resume(createConnection(sent), 1497);
  expect(sent.map((frame) => frame.s)).toEqual([1498, 1499, 1500]);
});

function wants(session: Session | undefined, guildId: string | null): boolean | undefined {
  return session?.wants({ intents: 0, guildId });
}

test("a shard gets its own guilds, and the first one also what is in no guild", () => {
  const [first, second] = [0, 1].map(
    (index) => new Session({ id: "s", user, intents: 1, shard: [index, 2] }),
  );
  const odd = String(1n << 22n);
  expect([wants(first, odd), wants(second, odd)]).toEqual([false, true]);
  expect([wants(first, null), wants(second, null)]).toEqual([true, false]);
});
