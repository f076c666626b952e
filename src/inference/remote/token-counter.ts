import { createHash } from "node:crypto";
import type { Clock, Engine, PromptMessage } from "../../chat/ports.ts";
import { toServerMessages } from "./completion-body.ts";
import { estimateTokens } from "./estimate-tokens.ts";

export type LocalTokenizer = Pick<Engine, "countBasis" | "countTokens" | "overheadTokens">;

export interface CountSource {
  readonly name: "exact (server)" | "exact (local GGUF)" | "estimate";
  readonly basis: string;
  /** Tokens of a prompt that belong to no message. */
  readonly overheadTokens: number;
  /** Undefined: estimates. */
  readonly count: ((message: PromptMessage) => Promise<number>) | undefined;
}

/** A source that failed is left alone for this long. */
const REST_MS = 30_000;
const MAX_CACHED = 4_096;
/** A conversation that is new here has its whole window counted at once. */
const MAX_AT_ONCE = 8;

/** Remembers counts by a digest of the message: of what people say nothing is kept. */
export class TokenCounter {
  readonly source: CountSource;
  readonly #clock: Clock;
  readonly #counts = new Map<string, Promise<number>>();
  readonly #lanes: Promise<unknown>[] = [];
  #asked = 0;
  #restsUntil = 0;

  constructor(source: CountSource, clock: Clock) {
    this.source = source;
    this.#clock = clock;
  }

  /** Never rejects: what the source cannot count is estimated. */
  async count(message: PromptMessage): Promise<number> {
    const [sent] = toServerMessages([message]);
    if (sent === undefined) return 0;
    const { count } = this.source;
    if (count === undefined || this.#clock.now() < this.#restsUntil)
      return estimateTokens(sent.text);
    try {
      return await this.#cached(sent, count);
    } catch {
      this.#restsUntil = this.#clock.now() + REST_MS;
      return estimateTokens(sent.text);
    }
  }

  /** What all of a prompt takes, its overhead included. */
  async countAll(messages: readonly PromptMessage[]): Promise<number> {
    const counts = await Promise.all(messages.map((message) => this.count(message)));
    return counts.reduce((sum, count) => sum + count, this.source.overheadTokens);
  }

  /** What a text takes in a reply, without what makes a message of it. */
  async countText(text: string): Promise<number> {
    const role = "assistant";
    const frame = await this.count({ role, text: "" });
    return Math.max(0, (await this.count({ role, text })) - frame);
  }

  #cached(
    message: PromptMessage,
    count: (message: PromptMessage) => Promise<number>,
  ): Promise<number> {
    const key = toDigest(message);
    const counted = this.#counts.get(key) ?? this.#inLane(() => count(message));
    this.#counts.delete(key);
    this.#counts.set(key, counted);
    counted.catch(() => this.#counts.delete(key));
    const [oldest] = this.#counts.keys();
    if (this.#counts.size > MAX_CACHED && oldest !== undefined) this.#counts.delete(oldest);
    return counted;
  }

  #inLane(count: () => Promise<number>): Promise<number> {
    const lane = this.#asked % MAX_AT_ONCE;
    this.#asked += 1;
    const counted = (this.#lanes[lane] ?? Promise.resolve()).then(count, count);
    this.#lanes[lane] = counted;
    return counted;
  }
}

function toDigest({ role, text }: PromptMessage): string {
  return createHash("sha256").update(`${role}\n${text}`).digest("base64");
}
