import type { Clock, EngineEvent, GenerationRequest } from "../../chat/ports.ts";
import { readCompletion } from "./completion-stream.ts";
import { toEngineError } from "./explain-failure.ts";
import { ReplyWriter } from "./reply-writer.ts";
import type { ServerLine } from "./server-line.ts";
import type { TokenCounter } from "./token-counter.ts";

export interface ReplyParts {
  readonly line: ServerLine;
  readonly counter: TokenCounter;
  readonly clock: Clock;
  readonly model: string;
  readonly contextTokens: number;
}

export interface ReplyStream {
  readonly emit: (event: EngineEvent) => void;
  readonly startedAt: number;
  readonly signal: AbortSignal;
}

/**
 * Has a server write a reply. What fails before its first text is tried again, here or elsewhere.
 *
 * @throws {FamiliarError} `engine-failed`
 * @throws the signal's reason once it is aborted
 */
export async function writeRemoteReply(
  parts: ReplyParts,
  request: GenerationRequest,
  stream: ReplyStream,
): Promise<void> {
  const { clock, counter, line, model } = parts;
  const { emit, signal } = stream;
  const writer = new ReplyWriter({ clock, emit, stop: request.sampling.stop });
  void counter.countAll(request.messages).then((tokens) => writer.expectPrompt(tokens));
  const attempt = async (address: string): Promise<void> => {
    const response = await line.openReply(address, { ...request, model }, signal);
    try {
      await writer.read(readCompletion(response, signal));
    } catch (error) {
      throw writer.hasBegun ? toEngineError(error, true) : error;
    }
  };
  try {
    await line.try(signal, attempt);
  } catch (error) {
    signal.throwIfAborted();
    throw toEngineError(error);
  }
  emit(await toEnd(parts, { ...stream, request, writer }));
}

interface EndedReply extends ReplyStream {
  readonly request: GenerationRequest;
  readonly writer: ReplyWriter;
}

async function toEnd(
  { clock, contextTokens, counter }: ReplyParts,
  { request, startedAt, writer }: EndedReply,
): Promise<EngineEvent> {
  const endedAt = clock.now();
  const counts = writer.usage ?? {
    promptTokens: await counter.countAll(request.messages),
    reusedTokens: 0,
    replyTokens: await counter.countText(writer.written),
  };
  const firstTokenMs = (writer.firstTokenAt ?? endedAt) - startedAt;
  const usage = { ...counts, firstTokenMs, totalMs: endedAt - startedAt };
  if (!writer.isCutAtLimit) return { type: "end", reason: "stop", usage };
  // The request's limit came from our own count, which may be more than the server's.
  const promptTokens = Math.max(counts.promptTokens, await counter.countAll(request.messages));
  const isFull = promptTokens + counts.replyTokens >= contextTokens;
  return { type: "end", reason: isFull ? "context" : "length", usage };
}
