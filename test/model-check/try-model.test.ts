import { expect, it } from "vitest";
import { tryModel } from "../../src/model-check/try-model.ts";
import { end, say, ScriptedEngine } from "../support/scripted-engine.ts";
import type { ScriptStep } from "../support/scripted-engine.ts";

const ANSWER = say("It ", "is ", "blue.");
const { signal } = new AbortController();

function createEngine(...replies: readonly (readonly ScriptStep[])[]): ScriptedEngine {
  return new ScriptedEngine([...replies, ...Array.from({ length: 6 }, () => ANSWER)]);
}

it("asks a handful of questions, each on its own and repeatably", async () => {
  const engine = createEngine();
  const { replies } = await tryModel(engine, { signal });
  expect(replies).toHaveLength(5);
  for (const request of engine.requests) {
    expect(request).toMatchObject({
      conversationId: undefined,
      maxTokens: 128,
      sampling: { temperature: 0.7, seed: 1 },
    });
    expect(request.messages.map(({ role }) => role)).toEqual(["system", "user"]);
  }
});

it("tells replies that stop from those that go on, are empty or only reason", async () => {
  const engine = createEngine(
    [{ kind: "say", text: "on and on" }, end("length")],
    say(),
    say("\n"),
    [{ kind: "say", text: "<think>\nHm." }, end("length")],
  );
  const { replies } = await tryModel(engine, { signal });
  expect(replies).toEqual([
    { hasStopped: false, isEmpty: false, hasThought: false },
    { hasStopped: true, isEmpty: true, hasThought: false },
    { hasStopped: true, isEmpty: true, hasThought: false },
    { hasStopped: false, isEmpty: false, hasThought: true },
    { hasStopped: true, isEmpty: false, hasThought: false },
  ]);
});

it("measures the prompt by one of some hundred tokens, and the answers by all", async () => {
  const engine = createEngine();
  const { answer, prompt } = await tryModel(engine, { signal });
  // The scripted engine takes a millisecond for a prompt and another one for its reply.
  expect(prompt.tokens).toBeGreaterThan(300);
  expect(prompt.tokens).toBeLessThan(500);
  expect(prompt.tokensPerSecond).toBe(prompt.tokens * 1_000);
  expect(answer).toEqual({ tokens: 12, tokensPerSecond: 2_000 });
});

it("leaves room for the reply in a small context", async () => {
  const engine = new ScriptedEngine(
    Array.from({ length: 6 }, () => ANSWER),
    256,
  );
  const { prompt } = await tryModel(engine, { signal });
  expect(prompt.tokens).toBeLessThan(128);
});

it("says how far it is", async () => {
  const shares: number[] = [];
  await tryModel(createEngine(), { signal, onProgress: (share) => shares.push(share) });
  expect(shares).toHaveLength(6);
  expect(shares).toEqual(shares.toSorted((one, other) => one - other));
  expect(shares.at(-1)).toBe(1);
});

it("can be left", async () => {
  const work = tryModel(createEngine(), { signal: AbortSignal.abort(new Error("enough")) });
  await expect(work).rejects.toThrow("enough");
});
