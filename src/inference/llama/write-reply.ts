import { randomInt } from "node:crypto";
import type {
  EvaluationPriority,
  LlamaContextSequence,
  SequenceEvaluateOptions,
  Token,
} from "node-llama-cpp";
import { ControlTextFilter } from "../../chat/prompt/control-text.ts";
import type { ReplyUsage } from "../../chat/conversation.ts";
import type { EngineEvent, GenerationRequest, Sampling } from "../../chat/ports.ts";
import type { LiveStreams } from "./open-model.ts";
import type { Prompt } from "../prompt/prompt-format.ts";
import { TokenText } from "./token-text.ts";

/** The part of a context that one conversation writes in. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** Its place among the slots, from 1. */
  readonly rank: number;
}

export interface ReplyTask {
  readonly prompt: Prompt;
  readonly request: Pick<GenerationRequest, "maxTokens" | "sampling">;
  readonly contextTokens: number;
  readonly liveStreams: LiveStreams;
  /** When the reply was asked for, on the clock of `performance`. */
  readonly startedAt: number;
  readonly emit: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
}

type EndReason = Extract<EngineEvent, { type: "end" }>["reason"];

/** An abort is seen between two of these; llama.cpp cannot be interrupted within one. */
const PROMPT_CHUNK_TOKENS = 512;
const PENALISED_TOKENS = 64;
const SEEDS = 2 ** 32;

/** Writes one reply into a slot that nobody else uses meanwhile, and ends with one `end`. */
export async function writeReply(slot: Slot, task: ReplyTask): Promise<void> {
  const { prompt, contextTokens, emit, startedAt } = task;
  const fits = prompt.tokens.length < contextTokens;
  const reusedTokens = fits ? await evaluatePrompt(slot, task) : 0;
  const reply = new Reply(slot, task);
  const reason = fits ? await reply.write() : "context";
  const totalMs = performance.now() - startedAt;
  const usage: ReplyUsage = {
    promptTokens: prompt.tokens.length,
    reusedTokens,
    replyTokens: reply.tokenCount,
    firstTokenMs: reply.firstTokenMs ?? totalMs,
    totalMs,
  };
  emit({ type: "end", reason, usage });
}

/** Evaluates all but the last token, which brings the first one of the reply. */
async function evaluatePrompt(slot: Slot, { prompt, signal }: ReplyTask): Promise<number> {
  const { sequence } = slot;
  const tokens = prompt.tokens.slice(0, -1);
  await sequence.adaptStateToTokens(tokens, false);
  const reused = sequence.nextTokenIndex;
  for (let start = reused; start < tokens.length; start += PROMPT_CHUNK_TOKENS) {
    signal.throwIfAborted();
    await sequence.evaluateWithoutGeneratingNewTokens(
      tokens.slice(start, start + PROMPT_CHUNK_TOKENS),
      { evaluationPriority: toPriority(slot) },
    );
  }
  signal.throwIfAborted();
  return reused;
}

class Reply {
  firstTokenMs: number | undefined;
  readonly #slot: Slot;
  readonly #task: ReplyTask;
  readonly #tokens: Token[] = [];
  readonly #text: TokenText;
  readonly #filter: ControlTextFilter;

  constructor(slot: Slot, task: ReplyTask) {
    this.#slot = slot;
    this.#task = task;
    this.#text = new TokenText(slot.sequence.model, task.prompt.tokens);
    this.#filter = new ControlTextFilter(task.prompt.stopTexts);
  }

  get tokenCount(): number {
    return this.#tokens.length;
  }

  async write(): Promise<EndReason> {
    const { liveStreams } = this.#task;
    let isLive = false;
    try {
      for await (const token of this.#evaluate()) {
        if (!isLive) liveStreams.count += 1;
        isLive = true;
        const reason = this.#take(token);
        if (reason !== undefined) return reason;
      }
    } finally {
      if (isLive) liveStreams.count -= 1;
    }
    return this.#finish();
  }

  #evaluate(): AsyncIterable<Token> {
    const { prompt, request } = this.#task;
    return this.#slot.sequence.evaluate(prompt.tokens.slice(-1), {
      ...toEvaluateOptions(request.sampling, () => this.#tokens.slice(-PENALISED_TOKENS)),
      evaluationPriority: toPriority(this.#slot),
    });
  }

  #take(token: Token): EndReason | undefined {
    const { prompt, request, contextTokens, signal, startedAt } = this.#task;
    signal.throwIfAborted();
    this.firstTokenMs ??= performance.now() - startedAt;
    if (prompt.stopTokens.has(token)) return this.#finish();
    this.#tokens.push(token);
    const { text, hasEnded } = this.#filter.push(this.#text.push(token));
    this.#show(text);
    if (hasEnded) return "stop";
    if (this.#tokens.length >= request.maxTokens) return this.#cut("length");
    const isFull = prompt.tokens.length + this.#tokens.length >= contextTokens;
    return isFull ? this.#cut("context") : undefined;
  }

  #finish(): "stop" {
    this.#show(this.#filter.finish());
    return "stop";
  }

  /** A lone "<" is most likely text; "<|im" is most likely the control text that it begins. */
  #cut(reason: EndReason): EndReason {
    const held = this.#filter.finish();
    if (!held.startsWith("<|")) this.#show(held);
    return reason;
  }

  #show(text: string): void {
    if (text !== "") this.#task.emit({ type: "text-delta", text });
  }
}

function toEvaluateOptions(sampling: Sampling, lastTokens: () => Token[]): SequenceEvaluateOptions {
  const { temperature, topP, topK, minP, repeatPenalty, seed } = sampling;
  return {
    temperature,
    topP,
    topK,
    minP,
    seed: seed ?? randomInt(SEEDS),
    ...(repeatPenalty === 1
      ? {}
      : {
          repeatPenalty: {
            penalty: repeatPenalty,
            punishTokens: lastTokens,
            maxPunishTokens: PENALISED_TOKENS,
          },
        }),
  };
}

function toPriority({ rank }: Slot): EvaluationPriority {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only our strategy reads it
  return rank as EvaluationPriority;
}
