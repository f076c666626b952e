import type { ReplyUsage, RowId } from "../../src/chat/conversation.ts";
import type {
  Engine,
  EngineEvent,
  GenerationRequest,
  PromptMessage,
} from "../../src/chat/ports.ts";

export type EngineScript = (signal: AbortSignal) => AsyncIterable<EngineEvent>;

export interface CountingEngineOptions {
  readonly contextTokens?: number;
  /** Default: 4. */
  readonly parallelReplies?: number;
  readonly countBasis?: string;
  /** One for each reply, in order. */
  readonly scripts?: readonly EngineScript[];
}

/** Tokens that a message takes beside its text. */
export const FRAME_TOKENS = 3;

/** An engine whose tokens are UTF-16 units, so that tests can count along. Remembers what it did. */
export class CountingEngine implements Engine {
  readonly modelName = "counting";
  readonly overheadTokens = 5;
  readonly parallelReplies: number;
  readonly countBasis: string;
  readonly contextTokens: number;
  readonly counted: PromptMessage[] = [];
  readonly requests: GenerationRequest[] = [];
  readonly forgotten: Forgotten[] = [];
  readonly #scripts: EngineScript[];

  constructor(options: CountingEngineOptions = {}) {
    this.contextTokens = options.contextTokens ?? 4_096;
    this.parallelReplies = options.parallelReplies ?? 4;
    this.countBasis = options.countBasis ?? "units";
    this.#scripts = [...(options.scripts ?? [])];
  }

  countTokens(message: PromptMessage): Promise<number> {
    this.counted.push(message);
    return Promise.resolve(tokensOf(message.text));
  }

  generate(request: GenerationRequest): AsyncIterable<EngineEvent> {
    this.requests.push(request);
    const script = this.#scripts.shift();
    if (script === undefined) throw new Error("The script has no more replies");
    return script(request.signal);
  }

  forget(conversationId: RowId, remaining?: readonly PromptMessage[]): Promise<void> {
    this.forgotten.push({ conversationId, remaining });
    return Promise.resolve();
  }
}

export interface Forgotten {
  readonly conversationId: RowId;
  readonly remaining: readonly PromptMessage[] | undefined;
}

export function tokensOf(text: string): number {
  return text.length + FRAME_TOKENS;
}

export const usage: ReplyUsage = {
  promptTokens: 30,
  reusedTokens: 20,
  replyTokens: 4,
  firstTokenMs: 5,
  totalMs: 50,
};

export function delta(text: string): EngineEvent {
  return { type: "text-delta", text };
}

export function end(reason: "stop" | "length" | "context" = "stop"): EngineEvent {
  return { type: "end", reason, usage };
}

/** Says this and waits until it is told to stop, as an engine does that is still evaluating. */
export async function* sayUntilStopped(
  signal: AbortSignal,
  ...texts: readonly string[]
): AsyncGenerator<EngineEvent> {
  for (const text of texts) yield delta(text);
  await new Promise((_resolve, reject) => {
    const stop = (): void => reject(signal.reason);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
