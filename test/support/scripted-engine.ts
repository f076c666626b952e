import { setImmediate } from "node:timers/promises";
import type { RowId } from "../../src/chat/conversation.ts";
import type {
  Engine,
  EngineEvent,
  GenerationRequest,
  PromptMessage,
} from "../../src/chat/ports.ts";

type EndReason = Extract<EngineEvent, { type: "end" }>["reason"];

/** One thing that the engine does in a reply. */
export type ScriptStep =
  | { readonly kind: "read"; readonly readTokens: number; readonly promptTokens: number }
  | { readonly kind: "think"; readonly text: string }
  | { readonly kind: "say"; readonly text: string }
  | { readonly kind: "end"; readonly reason: EndReason }
  | { readonly kind: "fail"; readonly error: Error }
  /** Goes on when the gate opens, or ends when the reply is aborted. */
  | { readonly kind: "wait"; readonly gate: Gate };

export interface Gate {
  /** Resolves when the engine has come to the gate. */
  readonly reached: Promise<void>;
  readonly opened: Promise<void>;
  reach(): void;
  open(): void;
}

/** Says these texts one by one and ends its turn. */
export function say(...texts: readonly string[]): ScriptStep[] {
  return [...texts.map((text): ScriptStep => ({ kind: "say", text })), end("stop")];
}

/** A sign of life while the prompt is read. */
export function read(readTokens: number, promptTokens: number): ScriptStep {
  return { kind: "read", readTokens, promptTokens };
}

/** Reasoning that the engine itself keeps apart. */
export function think(text: string): ScriptStep {
  return { kind: "think", text };
}

export function end(reason: EndReason): ScriptStep {
  return { kind: "end", reason };
}

export function fail(error: Error): ScriptStep {
  return { kind: "fail", error };
}

export function waitFor(gate: Gate): ScriptStep {
  return { kind: "wait", gate };
}

/** Never opens by itself: without `open`, only an abort ends the reply. */
export function createGate(): Gate {
  const [reached, reach] = createLatch();
  const [opened, open] = createLatch();
  return { reached, opened, reach, open };
}

function createLatch(): [Promise<void>, () => void] {
  const resolvers: (() => void)[] = [];
  const promise = new Promise<void>((resolve) => resolvers.push(resolve));
  return [promise, () => resolvers[0]?.()];
}

export interface Forgotten {
  readonly conversationId: RowId;
  readonly remaining: readonly PromptMessage[] | undefined;
}

/**
 * An engine that says what the test tells it to, reply after reply, and remembers what it was
 * asked. A message takes as many tokens as it has words, and four more.
 */
export class ScriptedEngine implements Engine {
  readonly modelName: string = "scripted";
  readonly countBasis: string = "words";
  readonly contextTokens: number;
  readonly overheadTokens: number = 3;
  readonly parallelReplies: number;
  readonly requests: GenerationRequest[] = [];
  readonly forgotten: Forgotten[] = [];
  /** Texts whose tokens were counted, oldest first. */
  readonly counted: string[] = [];
  readonly #replies: (readonly ScriptStep[])[];

  constructor(
    replies: readonly (readonly ScriptStep[])[],
    contextTokens = 4_096,
    parallelReplies = 4,
  ) {
    this.#replies = [...replies];
    this.contextTokens = contextTokens;
    this.parallelReplies = parallelReplies;
  }

  countTokens(message: PromptMessage): Promise<number> {
    this.counted.push(message.text);
    return Promise.resolve(countTokens(message));
  }

  async *generate(request: GenerationRequest): AsyncGenerator<EngineEvent, void> {
    const { messages, signal } = request;
    signal.throwIfAborted();
    this.requests.push(request);
    const steps = this.#replies.shift();
    if (steps === undefined) throw new Error(`reply ${this.requests.length} is not in the script`);
    const counts = messages.map(countTokens);
    const promptTokens = counts.reduce((sum, count) => sum + count, this.overheadTokens);
    let replyTokens = 0;
    for (const step of steps) {
      await setImmediate();
      signal.throwIfAborted();
      if (step.kind === "fail") throw step.error;
      if (step.kind === "wait") {
        await passGate(step.gate, signal);
        continue;
      }
      if (step.kind === "say" || step.kind === "think") replyTokens += 1;
      yield toEvent(step, { promptTokens, replyTokens });
      if (step.kind === "end") return;
    }
    throw new Error(`reply ${this.requests.length} has no end in the script`);
  }

  forget(conversationId: RowId, remaining?: readonly PromptMessage[]): Promise<void> {
    this.forgotten.push({ conversationId, remaining });
    return Promise.resolve();
  }
}

type EventStep = Exclude<ScriptStep, { readonly kind: "fail" | "wait" }>;

function toEvent(
  step: EventStep,
  tokens: { readonly promptTokens: number; readonly replyTokens: number },
): EngineEvent {
  switch (step.kind) {
    case "read": {
      const { promptTokens, readTokens } = step;
      return { type: "progress", readTokens, promptTokens };
    }
    case "think":
      return { type: "thought-delta", text: step.text };
    case "say":
      return { type: "text-delta", text: step.text };
    case "end": {
      const usage = { ...tokens, reusedTokens: 0, firstTokenMs: 1, totalMs: 2 };
      return { type: "end", reason: step.reason, usage };
    }
    default:
      return step satisfies never;
  }
}

function countTokens({ text }: PromptMessage): number {
  return (text.match(/\S+/g)?.length ?? 0) + 4;
}

async function passGate(gate: Gate, signal: AbortSignal): Promise<void> {
  gate.reach();
  const [aborted, abort] = createLatch();
  signal.addEventListener("abort", abort, { once: true });
  await Promise.race([gate.opened, aborted]);
  signal.removeEventListener("abort", abort);
  signal.throwIfAborted();
}
