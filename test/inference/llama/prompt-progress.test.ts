import { afterAll, beforeAll, expect, it } from "vitest";
import type { EngineEvent } from "../../../src/chat/ports.ts";
import type { LlamaEngine } from "../../../src/inference/llama/llama-engine.ts";
import { GREEDY, openDemoEngine } from "../../support/model.ts";

let engine: LlamaEngine;
beforeAll(async () => {
  engine = await openDemoEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function write(): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  const request = {
    conversationId: 1,
    messages: [{ role: "user", text: "Who are you?" }],
    isTrimmed: false,
    maxTokens: 4,
    sampling: GREEDY,
    signal: new AbortController().signal,
  } as const;
  for await (const event of engine.generate(request)) events.push(event);
  return events;
}

it("says before the first text what the prompt takes and how much of it was reused", async () => {
  for (const times of [1, 2]) {
    const events = await write();
    const end = events.at(-1);
    if (end?.type !== "end") throw new Error("There is no end");
    const { promptTokens, reusedTokens } = end.usage;
    const told = events.findLast(({ type }) => type === "progress");
    expect(told).toEqual({
      type: "progress",
      readTokens: promptTokens,
      promptTokens,
      reusedTokens,
    });
    expect(reusedTokens > 0).toBe(times === 2);
  }
});
