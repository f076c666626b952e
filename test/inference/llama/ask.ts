import type { ReplyUsage } from "../../../src/chat/conversation.ts";
import type { GenerationRequest, PromptMessage } from "../../../src/chat/ports.ts";
import type { LlamaEngine } from "../../../src/inference/llama/llama-engine.ts";
import { GREEDY } from "../../support/model.ts";

export const user = (text: string): PromptMessage => ({ role: "user", text });
export const assistant = (text: string): PromptMessage => ({ role: "assistant", text });
export const PERSONA: PromptMessage = {
  role: "system",
  text: `You are Familiar, a helpful assistant. ${"You answer in short and friendly sentences. ".repeat(16)}`,
};

export interface Reply {
  readonly text: string;
  readonly usage: ReplyUsage;
}

export async function ask(
  engine: LlamaEngine,
  conversationId: number | undefined,
  messages: readonly PromptMessage[],
  overrides: Partial<GenerationRequest> = {},
): Promise<Reply> {
  let text = "";
  const { signal } = new AbortController();
  const request = { isTrimmed: false, maxTokens: 12, sampling: GREEDY, signal, ...overrides };
  for await (const event of engine.generate({ conversationId, messages, ...request })) {
    if (event.type === "text-delta") text += event.text;
    if (event.type === "end") return { text, usage: event.usage };
  }
  throw new Error("the stream had no end");
}

export const story = (about: string): readonly PromptMessage[] => [
  PERSONA,
  user(`Tell me about ${about}. ${`I like the ${about} a lot. `.repeat(30)}`),
];
