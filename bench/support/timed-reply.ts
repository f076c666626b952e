import type { ReplyUsage } from "../../src/chat/conversation.ts";
import type { Engine } from "../../src/chat/ports.ts";
import { toGenerationRequest } from "./local-engine.ts";
import type { StreamRequest } from "./local-engine.ts";

/** All times are on the clock of `performance`. */
export interface TimedStream {
  /** When each piece came: a token, as a rule. */
  readonly pieceAt: readonly number[];
  readonly tokens: number;
}

export interface TimedReply extends TimedStream {
  readonly askedAt: number;
  readonly endedAt: number;
  readonly text: string;
  readonly usage: ReplyUsage;
}

type GeneratingEngine = Pick<Engine, "generate">;

export async function timeReply(
  engine: GeneratingEngine,
  request: StreamRequest,
): Promise<TimedReply> {
  const askedAt = performance.now();
  const pieceAt: number[] = [];
  let text = "";
  for await (const event of engine.generate(toGenerationRequest(request))) {
    if (event.type === "text-delta") {
      pieceAt.push(performance.now());
      text += event.text;
    }
    if (event.type === "end") {
      const { usage } = event;
      const endedAt = performance.now();
      return { askedAt, endedAt, pieceAt, text, tokens: usage.replyTokens, usage };
    }
  }
  throw new Error("The reply has no end");
}

/**
 * Tokens a second of all streams together, counted as llama-batched-bench counts them: without the
 * prompts, while all of them are being written.
 */
export function toTokensPerSecond(streams: readonly TimedStream[]): number {
  const from = Math.max(...streams.map(({ pieceAt }) => pieceAt[0] ?? Number.NaN));
  const to = Math.min(...streams.map(({ pieceAt }) => pieceAt.at(-1) ?? Number.NaN));
  return streams.reduce((sum, stream) => sum + toRate(stream, from, to), 0);
}

/** A filter that holds text back may make one piece of several tokens. */
function toRate({ pieceAt, tokens }: TimedStream, from: number, to: number): number {
  const inside = pieceAt.filter((at) => at >= from && at <= to);
  const [first, last] = [inside[0], inside.at(-1)];
  if (first === undefined || last === undefined || inside.length < 2) {
    throw new Error("The streams were never written at the same time");
  }
  const tokensPerPiece = tokens / pieceAt.length;
  return ((inside.length - 1) * tokensPerPiece * 1000) / (last - first);
}
