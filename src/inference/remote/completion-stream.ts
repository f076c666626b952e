import { createParser } from "eventsource-parser";
import { keepAbort, toFailureFacts } from "./call-server.ts";
import { numberAt, parseJson, textAt, valueAt } from "./json-value.ts";
import { ServerFailure } from "./server-failure.ts";

/** What one event of a stream brings; one that brings nothing is a sign of life. */
export interface Chunk {
  readonly text: string;
  readonly thought: string;
  readonly finishReason: string | undefined;
  readonly usage: ServerUsage | undefined;
  readonly progress: ReadProgress | undefined;
}

export interface ServerUsage {
  readonly promptTokens: number;
  readonly replyTokens: number;
  readonly reusedTokens: number;
}

export interface ReadProgress {
  readonly readTokens: number;
  readonly promptTokens: number;
  readonly reusedTokens?: number | undefined;
}

const SIGN_OF_LIFE: Chunk = {
  text: "",
  thought: "",
  finishReason: undefined,
  usage: undefined,
  progress: undefined,
};

const MAX_EVENT_LENGTH = 4_194_304;

/**
 * Reads a streamed answer, from its acceptance to its `[DONE]`. Leaving the loop closes the
 * connection, and with that the server stops.
 *
 * @throws {ServerFailure}
 * @throws the signal's reason once it is aborted
 */
export async function* readCompletion(
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<Chunk, void> {
  yield SIGN_OF_LIFE;
  let hasFinished = false;
  for await (const data of readEvents(response, signal)) {
    if (data === "[DONE]") return;
    const chunk = data === undefined ? SIGN_OF_LIFE : toChunk(data);
    hasFinished ||= chunk.finishReason !== undefined;
    yield chunk;
  }
  if (!hasFinished) throw new ServerFailure({ kind: "stream", code: "incomplete" });
}

/** The data of each event; undefined for a comment, which servers send to keep the line open. */
async function* readEvents(
  response: Response,
  signal: AbortSignal,
): AsyncGenerator<string | undefined, void> {
  const events: (string | undefined)[] = [];
  const parser = createParser({
    onEvent: ({ data }) => void events.push(data),
    onComment: () => void events.push(undefined),
    maxBufferSize: MAX_EVENT_LENGTH,
  });
  const decoder = new TextDecoder();
  const chunks = response.body?.values();
  if (chunks === undefined) return;
  try {
    for await (const bytes of chunks) {
      parser.feed(decoder.decode(bytes, { stream: true }));
      yield* events.splice(0);
    }
  } catch (error) {
    throw keepAbort(error, signal);
  }
}

/** https://platform.openai.com/docs/api-reference/chat-streaming/streaming */
function toChunk(data: string): Chunk {
  const json = parseJson(data);
  if (json === undefined) throw new ServerFailure({ kind: "stream", code: "no-json" });
  const { code, status } = toFailureFacts(json);
  if (valueAt(json, "error") !== undefined && valueAt(json, "error") !== null)
    throw new ServerFailure({ kind: "status", code, status });
  const delta = valueAt(json, "choices", 0, "delta");
  return {
    text: textAt(delta, "content") ?? "",
    thought: textAt(delta, "reasoning_content") ?? textAt(delta, "reasoning") ?? "",
    finishReason: textAt(json, "choices", 0, "finish_reason"),
    usage: toUsage(json),
    progress: toProgress(json),
  };
}

function toUsage(json: unknown): ServerUsage | undefined {
  const promptTokens = numberAt(json, "usage", "prompt_tokens");
  const replyTokens = numberAt(json, "usage", "completion_tokens");
  if (promptTokens === undefined || replyTokens === undefined) return undefined;
  const cached = numberAt(json, "usage", "prompt_tokens_details", "cached_tokens");
  const reusedTokens = cached ?? numberAt(json, "timings", "cache_n") ?? 0;
  return { promptTokens, replyTokens, reusedTokens };
}

/** llama-server tells how far it has read where it is asked to. */
function toProgress(json: unknown): ReadProgress | undefined {
  const readTokens = numberAt(json, "prompt_progress", "processed");
  const promptTokens = numberAt(json, "prompt_progress", "total");
  if (readTokens === undefined || promptTokens === undefined) return undefined;
  return { readTokens, promptTokens, reusedTokens: numberAt(json, "prompt_progress", "cache") };
}
