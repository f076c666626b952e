import type { LlamaModel, SequenceEvaluateOptions, Token } from "node-llama-cpp";
import { ControlTextFilter } from "../../chat/prompt/control-text.ts";
import type { EngineEvent } from "../../chat/ports.ts";
import type { Prompt } from "../prompt/prompt-format.ts";
import type { Stepped } from "./decode-loop.ts";
import type { Slot } from "./slot.ts";
import { TokenText } from "./token-text.ts";

export interface ReplyTask {
  readonly model: LlamaModel;
  readonly prompt: Prompt;
  /** How the next token is chosen, given the tokens of the reply so far. */
  readonly sampling: (written: readonly Token[]) => SequenceEvaluateOptions;
  readonly stopTexts: readonly string[];
  readonly maxTokens: number;
  readonly contextTokens: number;
  readonly emit: (event: EngineEvent) => void;
  readonly signal: AbortSignal;
}

type EndReason = Extract<EngineEvent, { type: "end" }>["reason"];

/** One reply in a slot that nobody else uses meanwhile: reads what is left of its prompt, writes. */
export class ReplyWriter implements Stepped {
  /** On the clock of `performance`. */
  firstTokenAt: number | undefined;
  reason: EndReason = "stop";
  readonly signal: AbortSignal;
  readonly #slot: Slot;
  readonly #task: ReplyTask;
  readonly #tokens: Token[] = [];
  readonly #text: TokenText;
  readonly #filter: ControlTextFilter;
  readonly #stream: AsyncGenerator<Token, void>;
  readonly #reusedTokens: number;
  #readTokens: number;

  /** @param slot holds the beginning of the prompt, without its last token */
  constructor(slot: Slot, task: ReplyTask) {
    this.#slot = slot;
    this.#task = task;
    this.signal = task.signal;
    this.#reusedTokens = slot.sequence.nextTokenIndex;
    this.#readTokens = this.#reusedTokens;
    this.#text = new TokenText(task.model, task.prompt.tokens);
    this.#filter = new ControlTextFilter([...task.prompt.stopTexts, ...task.stopTexts]);
    // It is evaluated with the last token of the prompt, which brings the first one of the reply.
    this.#stream = slot.sequence.evaluate(task.prompt.tokens.slice(-1), {
      ...task.sampling(this.#tokens),
      evaluationPriority: slot.priority,
    });
  }

  get tokenCount(): number {
    return this.#tokens.length;
  }

  get unreadTokens(): number {
    return Math.max(0, this.#task.prompt.tokens.length - 1 - this.#readTokens);
  }

  async read(tokens: number): Promise<void> {
    const { prompt } = this.#task;
    const piece = prompt.tokens.slice(this.#readTokens, this.#readTokens + tokens);
    const { priority, sequence } = this.#slot;
    await sequence.evaluateWithoutGeneratingNewTokens(piece, { evaluationPriority: priority });
    this.#readTokens += piece.length;
    this.#tellProgress();
  }

  async write(): Promise<boolean> {
    const { done, value: token } = await this.#stream.next();
    if (done === true) return this.#finish();
    if (this.firstTokenAt === undefined) this.#begin();
    return this.#take(token);
  }

  async leave(): Promise<void> {
    await this.#stream.return();
  }

  /** The first token comes with the last one of the prompt. */
  #begin(): void {
    this.firstTokenAt = performance.now();
    this.#readTokens = this.#task.prompt.tokens.length;
    this.#tellProgress();
  }

  #tellProgress(): void {
    const { emit, prompt } = this.#task;
    const [readTokens, promptTokens] = [this.#readTokens, prompt.tokens.length];
    emit({ type: "progress", readTokens, promptTokens, reusedTokens: this.#reusedTokens });
  }

  #take(token: Token): boolean {
    const { contextTokens, maxTokens, prompt } = this.#task;
    if (prompt.stopTokens.has(token)) return this.#finish();
    this.#tokens.push(token);
    const { hasEnded, text } = this.#filter.push(this.#text.push(token));
    this.#show(text);
    if (hasEnded) return true;
    if (this.#tokens.length >= maxTokens) return this.#cut("length");
    const isFull = prompt.tokens.length + this.#tokens.length >= contextTokens;
    return isFull ? this.#cut("context") : false;
  }

  #finish(): true {
    this.#show(this.#filter.finish());
    return true;
  }

  /** A lone "<" is most likely text; "<|im" is most likely the control text that it begins. */
  #cut(reason: EndReason): true {
    const held = this.#filter.finish();
    if (!held.startsWith("<|")) this.#show(held);
    this.reason = reason;
    return true;
  }

  #show(text: string): void {
    if (text !== "") this.#task.emit({ type: "text-delta", text });
  }
}

/** Reads the beginning of a prompt and writes nothing. */
export class PrefixReader implements Stepped {
  readonly signal: AbortSignal;
  readonly #writer: ReplyWriter;
  readonly #tokens: number;
  readonly #slot: Slot;

  /** @param tokens where the beginning ends in the prompt */
  constructor(writer: ReplyWriter, slot: Slot, tokens: number) {
    this.#writer = writer;
    this.signal = writer.signal;
    this.#tokens = tokens;
    this.#slot = slot;
  }

  get unreadTokens(): number {
    return Math.max(0, this.#tokens - this.#slot.sequence.nextTokenIndex);
  }

  async read(tokens: number): Promise<void> {
    await this.#writer.read(Math.min(tokens, this.unreadTokens));
  }

  write(): Promise<boolean> {
    return Promise.resolve(true);
  }

  leave(): Promise<void> {
    return Promise.resolve();
  }
}
