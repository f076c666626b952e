import { expect, it, onTestFinished, vi } from "vitest";
import { createGate, end, say, ScriptedEngine, waitFor } from "../support/scripted-engine.ts";
import type { Gate, ScriptStep } from "../support/scripted-engine.ts";
import { openServe, readEvents } from "../support/serve.ts";

const held = (gate: Gate, text: string): ScriptStep[] => [
  { kind: "say", text },
  waitFor(gate),
  end("stop"),
];

function engineWith(parallelReplies: number, ...replies: ScriptStep[][]) {
  return new ScriptedEngine(replies, undefined, parallelReplies);
}

it("answers as many at once as the engine can", async () => {
  const [first, second] = [createGate(), createGate()];
  const { ask } = await openServe(engineWith(2, held(first, "One"), held(second, "Two")));
  const answers = [ask({}), ask({ stream: true })];
  await Promise.all([first.reached, second.reached]);
  first.open();
  second.open();
  const texts = await Promise.all(answers.map(async (answer) => (await answer).text()));
  expect(texts.join()).toMatch(/One/);
  expect(texts.join()).toMatch(/Two/);
});

it("lets a request wait for its turn, and refuses the one for which there is no room", async () => {
  const gate = createGate();
  const engine = engineWith(1, held(gate, "One"), say("Two"));
  const { ask } = await openServe(engine, { maxWaiting: 1 });
  const asked = [ask({}), ask({}), ask({})];
  const refused = await Promise.race(asked);
  expect(refused.status).toBe(429);
  expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(await refused.json()).toMatchObject({
    error: { type: "rate_limit_error", code: "rate_limit_exceeded" },
  });
  await gate.reached;
  expect(engine.requests).toHaveLength(1);
  gate.open();
  const statuses = await Promise.all(asked.map(async (answer) => (await answer).status));
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 200, 429]);
});

it("tells a stream that waits where it stands, and that it is still alive", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  onTestFinished(() => void vi.useRealTimers());
  const gate = createGate();
  const { ask } = await openServe(engineWith(1, held(gate, "One"), say("Two"), say("Three")));
  const first = ask({});
  await gate.reached;
  const second = await ask({ stream: true });
  const third = await ask({ stream: true });
  const lines = (third.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream());
  let text = "";
  for await (const line of lines) {
    text += line;
    const waits = text.match(/: waiting/g)?.length ?? 0;
    if (waits === 1) vi.advanceTimersByTime(15_000);
    if (waits === 2) gate.open();
  }
  expect(text).toMatch(/place 2 in.*place 2 in.*place 1 in.*Three.*\[DONE\]/s);
  expect(await second.text()).toMatch(/place 1 in.*Two/s);
  expect((await first).status).toBe(200);
});

it("gives up the turn of a client that leaves while it waits", async () => {
  const gate = createGate();
  const engine = engineWith(1, held(gate, "One"), say("Two"));
  const { ask } = await openServe(engine, { maxWaiting: 1 });
  const first = ask({});
  await gate.reached;
  const left = await ask({ stream: true });
  await left.body?.cancel();
  let next = await ask({ stream: true });
  // There is room again once the server has seen that the connection is closed.
  while (next.status === 429) next = await ask({ stream: true });
  gate.open();
  expect(await next.text()).toContain("Two");
  expect((await first).status).toBe(200);
  expect(engine.requests).toHaveLength(2);
});

it("stops at once when the client leaves before the answer, and serves the next", async () => {
  const gate = createGate();
  const engine = engineWith(1, [waitFor(gate), end("stop")], say("Two"));
  const { ask, logged } = await openServe(engine);
  const leave = new AbortController();
  const left = ask({}, { signal: leave.signal });
  await gate.reached;
  leave.abort();
  await expect(left).rejects.toThrow("aborted");
  expect((await ask({})).status).toBe(200);
  expect(engine.requests[0]?.signal.aborted).toBe(true);
  expect(logged).toHaveLength(1);
});

it("stops at once when the client leaves within the answer, and serves the next", async () => {
  const gate = createGate();
  const engine = engineWith(1, held(gate, "One"), say("Two"));
  const { ask, logged } = await openServe(engine);
  const response = await ask({ stream: true });
  await gate.reached;
  await response.body?.cancel();
  expect(await readEvents(await ask({ stream: true }))).toHaveLength(4);
  expect(engine.requests[0]?.signal.aborted).toBe(true);
  expect(logged).toHaveLength(1);
});

it("gives the place back when an answer fails", async () => {
  const broken: ScriptStep[] = [{ kind: "fail", error: new Error("broken") }];
  const { ask } = await openServe(engineWith(1, broken, [...broken], say("Three")));
  expect((await ask({})).status).toBe(500);
  expect((await ask({ stream: true })).status).toBe(500);
  expect((await ask({})).status).toBe(200);
});

it("ends its answers when it is closed", async () => {
  const gate = createGate();
  const engine = engineWith(1, held(gate, "One"));
  const { ask, server } = await openServe(engine);
  const response = await ask({ stream: true });
  await gate.reached;
  await server[Symbol.asyncDispose]();
  await expect(response.text()).rejects.toThrow("terminated");
  expect(engine.requests[0]?.signal.aborted).toBe(true);
});
