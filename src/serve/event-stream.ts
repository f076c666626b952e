import type { ApiError } from "./api-error.ts";
import { toChunk, toProgressChunk, toUsageChunk } from "./completion.ts";
import type { EngineEnd, Envelope } from "./completion.ts";
import type { ServedEvent } from "./served-event.ts";

export interface StreamOptions {
  readonly envelope: Envelope;
  readonly includesUsage: boolean;
  readonly reportsProgress: boolean;
  /** Aborted when nobody listens any more; the stream aborts it when it is cancelled. */
  readonly gone: AbortController;
  readonly toError: (error: unknown) => ApiError;
}

const HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-cache",
  // For nginx, which would keep the answer together.
  "X-Accel-Buffering": "no",
};

/**
 * Answers with the first event, so that whatever fails before it still has its own status. After
 * that, events are written as they come: a slow reader holds no slot of the engine.
 */
export async function toEventStream(
  events: AsyncIterable<ServedEvent>,
  options: StreamOptions,
): Promise<Response> {
  const iterator = events[Symbol.asyncIterator]();
  const first = await iterator.next();
  const { gone } = options;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => void write({ first, iterator, controller }, options),
    cancel: () => gone.abort(new Error("The answer is no longer wanted")),
  });
  return new Response(body, { headers: HEADERS });
}

interface Stream {
  readonly first: IteratorResult<ServedEvent, unknown>;
  readonly iterator: AsyncIterator<ServedEvent>;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
}

async function write(stream: Stream, { gone, toError, ...options }: StreamOptions): Promise<void> {
  const { controller, first, iterator } = stream;
  const encoder = new TextEncoder();
  const send = (text: string): void => {
    if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
  };
  try {
    send(toOpening(options));
    for (let next = first; next.done !== true; next = await iterator.next())
      send(toText(next.value, options));
  } catch (error) {
    if (!gone.signal.aborted) send(toData(toErrorEvent(toError(error))));
  }
  if (!gone.signal.aborted) controller.close();
}

type Writing = Pick<StreamOptions, "envelope" | "includesUsage" | "reportsProgress">;

function toOpening({ envelope, includesUsage }: Writing): string {
  const opening = toChunk(envelope, { role: "assistant", content: "" });
  return toData(withUsage(opening, includesUsage));
}

/** Readers skip comments; these keep time limits and proxies from ending the connection. */
function toText(event: ServedEvent, writing: Writing): string {
  const { envelope, includesUsage, reportsProgress } = writing;
  const toLine = (chunk: object): string => toData(withUsage(chunk, includesUsage));
  switch (event.type) {
    case "waiting":
      return `: waiting, place ${event.place} in the line\n\n`;
    case "progress":
      return reportsProgress ? toLine(toProgressChunk(envelope, event)) : ": reading\n\n";
    // What is sent cannot be taken back: this is for whoever reads the stream by eye.
    case "reclassified":
      return `: what came so far was ${event.as}\n\n`;
    case "text-delta":
      return toLine(toChunk(envelope, { content: event.text }));
    case "thought-delta":
      return toLine(toChunk(envelope, { reasoning_content: event.text }));
    case "end":
      return toEnding(event, writing);
    default:
      return event satisfies never;
  }
}

function toEnding(end: EngineEnd, { envelope, includesUsage }: Writing): string {
  const last = toData(withUsage(toChunk(envelope, {}, end), includesUsage));
  const usage = includesUsage ? toData(toUsageChunk(envelope, end)) : "";
  return `${last}${usage}data: [DONE]\n\n`;
}

/** As llama-server ends a stream: the status, which can no longer be sent, is the code. */
function toErrorEvent(error: ApiError) {
  return { error: { ...error.toBody().error, code: error.status } };
}

/** As documented: with usage asked for, the chunks before it have an empty one. */
function withUsage(chunk: object, includesUsage: boolean): object {
  return includesUsage ? { ...chunk, usage: null } : chunk;
}

function toData(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
