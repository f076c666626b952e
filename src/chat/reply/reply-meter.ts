import type { ReplyUsage } from "../conversation.ts";
import type { Clock, Engine, EngineEvent } from "../ports.ts";

/** Measures a reply that is left before its engine says what it took. */
export class ReplyMeter {
  readonly #clock: Clock;
  readonly #startedAt: number;
  #lastAt: number;
  #firstTokenAt: number | undefined;
  #promptTokens = 0;
  #readTokens = 0;
  #reusedTokens = 0;

  /** Starts with the request. */
  constructor(clock: Clock) {
    this.#clock = clock;
    this.#startedAt = clock.now();
    this.#lastAt = this.#startedAt;
  }

  see(event: EngineEvent): void {
    this.#lastAt = this.#clock.now();
    if (event.type === "end") return;
    if (event.type !== "progress") {
      this.#firstTokenAt ??= this.#lastAt;
      return;
    }
    this.#promptTokens = event.promptTokens;
    this.#readTokens = event.readTokens;
    this.#reusedTokens = event.reusedTokens ?? 0;
  }

  /**
   * Of a reply that ended while its prompt was read, the prompt is what was read of it. Undefined
   * where the engine told nothing of the prompt, or cannot count what it wrote.
   */
  async toUsage(
    engine: Pick<Engine, "countTokens">,
    written: string,
  ): Promise<ReplyUsage | undefined> {
    const firstTokenAt = this.#firstTokenAt;
    const promptTokens = firstTokenAt === undefined ? this.#readTokens : this.#promptTokens;
    if (promptTokens === 0) return undefined;
    const replyTokens = await countWritten(engine, written).catch(() => undefined);
    if (replyTokens === undefined) return undefined;
    return {
      promptTokens,
      reusedTokens: Math.min(this.#reusedTokens, promptTokens),
      replyTokens,
      firstTokenMs: (firstTokenAt ?? this.#lastAt) - this.#startedAt,
      totalMs: this.#lastAt - this.#startedAt,
    };
  }
}

/** What two attempts took together; the first token that counts is the second one's. */
export function addUsage(
  first: ReplyUsage | undefined,
  second: ReplyUsage | undefined,
): ReplyUsage | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  return {
    promptTokens: first.promptTokens + second.promptTokens,
    reusedTokens: first.reusedTokens + second.reusedTokens,
    replyTokens: first.replyTokens + second.replyTokens,
    firstTokenMs: first.totalMs + second.firstTokenMs,
    totalMs: first.totalMs + second.totalMs,
  };
}

/** Without what makes a message of it. */
async function countWritten(engine: Pick<Engine, "countTokens">, written: string): Promise<number> {
  if (written === "") return 0;
  const role = "assistant";
  const frame = await engine.countTokens({ role, text: "" });
  return Math.max(0, (await engine.countTokens({ role, text: written })) - frame);
}
