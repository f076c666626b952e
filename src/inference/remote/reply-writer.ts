import { CHAT_ML_CONTROL_TEXTS, ControlTextFilter } from "../../chat/prompt/control-text.ts";
import type { Clock, EngineEvent } from "../../chat/ports.ts";
import type { Chunk, ReadProgress, ServerUsage } from "./completion-stream.ts";
import { ServerFailure } from "./server-failure.ts";

export interface ReplyWriterOptions {
  readonly clock: Clock;
  readonly emit: (event: EngineEvent) => void;
  readonly stop: readonly string[];
}

/** A server that goes down, or gives up, says so in place of a reason. */
const FAILED_REASONS: ReadonlySet<string> = new Set(["abort", "error"]);

/** Turns what a server streams into what an engine says; all but the end. */
export class ReplyWriter {
  readonly #options: ReplyWriterOptions;
  readonly #filter: ControlTextFilter;
  /** All that the model wrote, for a server that does not count. */
  #written = "";
  #progress: ReadProgress = { readTokens: 0, promptTokens: 0 };
  #expectedTokens = 0;
  #finishReason: string | undefined;
  #usage: ServerUsage | undefined;
  #firstTokenAt: number | undefined;

  constructor(options: ReplyWriterOptions) {
    this.#options = options;
    this.#filter = new ControlTextFilter([...CHAT_ML_CONTROL_TEXTS, ...options.stop]);
  }

  /** What the prompt takes by our own count, for a server that does not tell while it writes. */
  expectPrompt(tokens: number): void {
    this.#expectedTokens = tokens;
  }

  /** From here on the reply cannot be asked for again. */
  get hasBegun(): boolean {
    return this.#written !== "";
  }

  get written(): string {
    return this.#written;
  }

  get isCutAtLimit(): boolean {
    return this.#finishReason === "length";
  }

  get usage(): ServerUsage | undefined {
    return this.#usage;
  }

  get firstTokenAt(): number | undefined {
    return this.#firstTokenAt;
  }

  /** Returns at the end of the reply, which a control text or a stop text may be as well. */
  async read(chunks: AsyncIterable<Chunk>): Promise<void> {
    try {
      for await (const chunk of chunks) if (this.#take(chunk)) return;
    } catch (error) {
      // Only the counts were missing.
      if (this.#finishReason === undefined || !(error instanceof ServerFailure)) throw error;
    }
    this.#emitText(this.#filter.finish());
  }

  #take({ finishReason, progress, text, thought, usage }: Chunk): boolean {
    this.#written += thought + text;
    this.#progress = progress ?? this.#progress;
    if (this.hasBegun && this.#firstTokenAt === undefined) this.#begin();
    else if (!this.hasBegun) this.#options.emit({ type: "progress", ...this.#progress });
    if (thought !== "") this.#options.emit({ type: "thought-delta", text: thought });
    const filtered = this.#filter.push(text);
    this.#emitText(filtered.text);
    if (finishReason !== undefined && FAILED_REASONS.has(finishReason))
      throw new ServerFailure({ kind: "stream", code: "incomplete" });
    this.#finishReason ??= finishReason;
    this.#usage = usage ?? this.#usage;
    return filtered.hasEnded;
  }

  /** By now all of the prompt is read. */
  #begin(): void {
    this.#firstTokenAt = this.#options.clock.now();
    const promptTokens = this.#progress.promptTokens || this.#expectedTokens;
    const { reusedTokens } = this.#progress;
    if (promptTokens === 0) return;
    this.#options.emit({ type: "progress", readTokens: promptTokens, promptTokens, reusedTokens });
  }

  #emitText(text: string): void {
    if (text !== "") this.#options.emit({ type: "text-delta", text });
  }
}
