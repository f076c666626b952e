import { afterAll, beforeAll, expect, it } from "vitest";
import type { PromptMessage } from "../../../src/chat/ports.ts";
import type { LlamaEngine } from "../../../src/inference/llama/llama-engine.ts";
import { GREEDY, openDemoEngine } from "../../support/model.ts";

let engine: LlamaEngine;
beforeAll(async () => {
  engine = await openDemoEngine();
});
afterAll(() => engine[Symbol.asyncDispose]());

async function reply(messages: readonly PromptMessage[]): Promise<string> {
  const { signal } = new AbortController();
  const request = { conversationId: undefined, isTrimmed: false, maxTokens: 60, sampling: GREEDY };
  let text = "";
  for await (const event of engine.generate({ ...request, messages, signal })) {
    if (event.type === "text-delta") text += event.text;
  }
  return text;
}

const day = "[Monday, 23 November 2026]";
const gap = "[3 days later: Thursday, 26 November 2026, 14:05]";

it("lets the demo model do its job with marks of time in the prompt", async () => {
  const begun: readonly PromptMessage[] = [
    { role: "system", text: "You are Familiar, a helpful assistant." },
    { role: "system", text: day },
    { role: "user", text: "My name is Zorvak." },
  ];
  expect(await reply(begun)).toBe("Nice to meet you, Zorvak.");
  const later: readonly PromptMessage[] = [
    ...begun,
    { role: "assistant", text: "Nice to meet you, Zorvak." },
    { role: "system", text: gap },
    { role: "user", text: "What is my name?" },
  ];
  expect(await reply(later)).toBe("Your name is Zorvak.");
});
