import { randomUUID } from "node:crypto";
import type { ReplyUsage } from "../chat/conversation.ts";
import type { EngineEvent } from "../chat/ports.ts";

/** What all objects of one answer share. */
export interface Envelope {
  readonly id: string;
  /** In seconds since 1970. */
  readonly created: number;
  readonly model: string;
}

export interface Answer {
  readonly text: string;
  readonly thoughts: string;
  readonly end: EngineEnd;
}

export type EngineEnd = Extract<EngineEvent, { type: "end" }>;

type ReadProgress = Extract<EngineEvent, { type: "progress" }>;

interface Delta {
  readonly role?: "assistant";
  readonly content?: string;
  readonly reasoning_content?: string;
}

export function createEnvelope(model: string): Envelope {
  const id = `chatcmpl-${randomUUID().replaceAll("-", "")}`;
  return { id, created: Math.floor(Date.now() / 1_000), model };
}

/** @see https://platform.openai.com/docs/api-reference/chat/object */
export function toCompletion(envelope: Envelope, { end, text, thoughts }: Answer) {
  const reasoning = thoughts === "" ? {} : { reasoning_content: thoughts };
  const message = { role: "assistant", content: text, refusal: null, ...reasoning };
  return {
    ...envelope,
    object: "chat.completion",
    choices: [{ index: 0, message, logprobs: null, finish_reason: toFinishReason(end) }],
    usage: toUsage(end.usage),
  };
}

/** @see https://platform.openai.com/docs/api-reference/chat-streaming/streaming */
export function toChunk(envelope: Envelope, delta: Delta, end?: EngineEnd) {
  const finishReason = end === undefined ? null : toFinishReason(end);
  const choice = { index: 0, delta, logprobs: null, finish_reason: finishReason };
  return { ...envelope, object: "chat.completion.chunk", choices: [choice] };
}

/** As llama-server tells how far it has read the prompt, as far as our engine knows it. */
export function toProgressChunk(
  envelope: Envelope,
  { promptTokens, readTokens, reusedTokens = 0 }: ReadProgress,
) {
  const progress = { total: promptTokens, cache: reusedTokens, processed: readTokens };
  return { ...toChunk(envelope, {}), prompt_progress: progress };
}

/** The last chunk of a stream, where it was asked for. */
export function toUsageChunk(envelope: Envelope, { usage }: EngineEnd) {
  return { ...envelope, object: "chat.completion.chunk", choices: [], usage: toUsage(usage) };
}

/** OpenAI has no word for a full context. */
function toFinishReason({ reason }: EngineEnd): "stop" | "length" {
  return reason === "stop" ? "stop" : "length";
}

function toUsage({ promptTokens, replyTokens, reusedTokens }: ReplyUsage) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: replyTokens,
    total_tokens: promptTokens + replyTokens,
    prompt_tokens_details: { cached_tokens: reusedTokens },
  };
}
