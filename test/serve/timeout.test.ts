import { setImmediate } from "node:timers/promises";
import { expect, it } from "vitest";
import type { EngineEvent } from "../../src/chat/ports.ts";
import { HandClock } from "../support/hand-clock.ts";
import { read, say, ScriptedEngine } from "../support/scripted-engine.ts";
import { openServe, readEvents } from "../support/serve.ts";

const TIMEOUT_MS = 60_000;
const ERROR = { type: "server_error", param: null, code: "timeout" };

/** The first reply says this much and is stuck then: it does not even listen to its signal. */
function createEngine(...first: readonly EngineEvent[]): ScriptedEngine {
  const engine = new ScriptedEngine([[read(1, 2), ...say("Two")]], undefined, 1);
  const generate = engine.generate.bind(engine);
  engine.generate = async function* stuck(request) {
    if (engine.requests.length > 0) {
      yield* generate(request);
      return;
    }
    engine.requests.push(request);
    yield* first;
    await new Promise(() => {});
  };
  return engine;
}

async function open(...first: readonly EngineEvent[]) {
  const clock = new HandClock();
  const engine = createEngine(...first);
  const served = await openServe(engine, { clock, replyTimeoutMs: TIMEOUT_MS });
  return { ...served, clock, engine };
}

it("gives an engine up that gives no sign of life, and its place to the next", async () => {
  const { ask, clock, engine, logged } = await open();
  const first = ask({});
  expect(await clock.passWait()).toBe(TIMEOUT_MS);
  const response = await first;
  expect(response.status).toBe(504);
  const message = "The model gave no sign of life for too long.";
  expect(await response.json()).toEqual({ error: { ...ERROR, message } });
  expect(engine.requests[0]?.signal.aborted).toBe(true);
  expect(logged.join()).toContain("A request failed");
  expect(await (await ask({})).json()).toMatchObject({
    choices: [{ message: { content: "Two" } }],
  });
});

it("ends a stream with the error where the engine is stuck within it", async () => {
  const { ask, clock } = await open({ type: "text-delta", text: "One" });
  const response = await ask({ stream: true });
  await setImmediate();
  await clock.passWait();
  const events = await readEvents(response);
  expect(events.at(-1)).toMatchObject({ error: { ...ERROR, code: 504 } });
});

it("counts no waiting for the turn", async () => {
  const { ask, clock } = await open();
  const first = ask({});
  const second = ask({});
  await clock.passWait();
  const statuses = (await Promise.all([first, second])).map(({ status }) => status);
  expect(statuses.toSorted((one, other) => one - other)).toEqual([200, 504]);
});
