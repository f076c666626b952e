import type { Engine, EngineEvent, GenerationRequest } from "../chat/ports.ts";
import type { ReplyUsage } from "../chat/conversation.ts";
import type { Sampling } from "../chat/sampling.ts";

/** What a model did when it was asked a few things. */
export interface TrialFacts {
  readonly replies: readonly TrialReply[];
  /** Of a prompt of some hundred tokens. */
  readonly prompt: Speed;
  readonly answer: Speed;
}

export interface TrialReply {
  /** It ended its turn itself, within {@link REPLY_TOKENS}. */
  readonly hasStopped: boolean;
  readonly isEmpty: boolean;
  /** It wrote down its reasoning first. */
  readonly hasThought: boolean;
}

/** Measured over `tokens`. */
export interface Speed {
  readonly tokens: number;
  readonly tokensPerSecond: number;
}

/** Most tokens of each reply. */
export const REPLY_TOKENS = 128;

const SYSTEM_PROMPT = "You are Familiar, a helpful assistant.";
const QUESTIONS = [
  "Hello!",
  "What is the capital of France?",
  "Name three colours.",
  "Describe the sea in one sentence.",
  "Thank you, that was all. Goodbye!",
] as const;
const SENTENCE =
  "The lighthouse keeper wrote down the weather, the ships and the birds of the day. ";
const LONG_PROMPT_TOKENS = 400;
/** A conversation needs room for the reply as well. */
const LONG_PROMPT_SHARE = 1 / 3;

/** Such as people use; the seed makes a trial repeatable. */
const SAMPLING: Sampling = {
  temperature: 0.7,
  topP: 0.95,
  topK: 40,
  minP: 0.05,
  repeatPenalty: 1,
  seed: 1,
  stop: [],
};

interface TrialOptions {
  readonly signal: AbortSignal;
  readonly onProgress?: (share: number) => void;
}

/**
 * Asks one question after the other, so that nothing but the model decides how fast it is.
 *
 * @throws {FamiliarError} `engine-failed`
 * @throws the signal's reason once it is aborted
 */
export async function tryModel(
  engine: Engine,
  { signal, onProgress }: TrialOptions,
): Promise<TrialFacts> {
  const questions = [...QUESTIONS, await writeLongQuestion(engine)];
  const results: Result[] = [];
  for (const question of questions) {
    results.push(await ask(engine, question, signal));
    onProgress?.(results.length / questions.length);
  }
  const usages = results.map(({ usage }) => usage);
  return {
    replies: results.slice(0, QUESTIONS.length).map(({ reply }) => reply),
    prompt: measurePrompt(usages.slice(QUESTIONS.length)),
    answer: measureAnswers(usages),
  };
}

async function writeLongQuestion(engine: Engine): Promise<string> {
  const sentenceTokens = await engine.countTokens({ role: "user", text: SENTENCE });
  const tokens = Math.min(LONG_PROMPT_TOKENS, engine.contextTokens * LONG_PROMPT_SHARE);
  const sentences = SENTENCE.repeat(Math.max(1, Math.floor(tokens / sentenceTokens)));
  return `${sentences}Tell a story about this lighthouse keeper.`;
}

interface Result {
  readonly reply: TrialReply;
  readonly usage: ReplyUsage;
}

async function ask(engine: Engine, question: string, signal: AbortSignal): Promise<Result> {
  const request: GenerationRequest = {
    conversationId: undefined,
    messages: [
      { role: "system", text: SYSTEM_PROMPT },
      { role: "user", text: question },
    ],
    isTrimmed: false,
    maxTokens: REPLY_TOKENS,
    sampling: SAMPLING,
    signal,
  };
  let text = "";
  let thoughts = "";
  for await (const event of engine.generate(request)) {
    if (event.type === "text-delta") text += event.text;
    if (event.type === "thought-delta") thoughts += event.text;
    if (event.type === "end") return toResult(event, text, thoughts);
  }
  throw new Error("the engine's stream has no end");
}

function toResult(
  { reason, usage }: Extract<EngineEvent, { type: "end" }>,
  text: string,
  thoughts: string,
): Result {
  const hasThought = thoughts !== "" || text.trimStart().startsWith("<think>");
  const isEmpty = text.trim() === "" && thoughts === "";
  return { reply: { hasStopped: reason === "stop", isEmpty, hasThought }, usage };
}

function measurePrompt(usages: readonly ReplyUsage[]): Speed {
  return measure(
    usages.map(({ promptTokens, reusedTokens, firstTokenMs }) => ({
      tokens: promptTokens - reusedTokens,
      ms: firstTokenMs,
    })),
  );
}

/** The first token of a reply comes with its prompt. */
function measureAnswers(usages: readonly ReplyUsage[]): Speed {
  return measure(
    usages.map(({ replyTokens, firstTokenMs, totalMs }) => ({
      tokens: Math.max(0, replyTokens - 1),
      ms: totalMs - firstTokenMs,
    })),
  );
}

function measure(parts: readonly { readonly tokens: number; readonly ms: number }[]): Speed {
  const tokens = parts.reduce((total, part) => total + part.tokens, 0);
  const ms = parts.reduce((total, part) => total + part.ms, 0);
  return { tokens, tokensPerSecond: ms > 0 ? (tokens * 1_000) / ms : 0 };
}
