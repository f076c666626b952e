import { habitOf } from "../chat/guards/thought-habit.ts";
import type { Engine, EngineEvent, Log, PromptMessage } from "../chat/ports.ts";
import type { ReplyLine } from "../chat/reply/reply-line.ts";
import type { Watchdog } from "../chat/reply/watchdog.ts";
import { invalidRequest, toApiError } from "./api-error.ts";
import type { ApiError } from "./api-error.ts";
import { parseChatRequest } from "./chat-request.ts";
import type { ChatDefaults, ChatRequest } from "./chat-request.ts";
import { createEnvelope, toCompletion } from "./completion.ts";
import type { Answer, EngineEnd } from "./completion.ts";
import { countPrompt } from "./count-tokens.ts";
import { endJson, JSON_END } from "./end-json.ts";
import { enterLine } from "./enter-line.ts";
import { toEventStream } from "./event-stream.ts";
import { separateThoughts } from "./separate-thoughts.ts";
import type { Reclassified, ServedEvent } from "./served-event.ts";

export interface ChatParts {
  readonly engine: Engine;
  readonly line: ReplyLine;
  readonly defaults: ChatDefaults;
  readonly log: Log;
  readonly watchdog: Pick<Watchdog, "watch">;
}

/** Answers `POST /v1/chat/completions`. Aborting `gone` gives the engine's place back at once. */
export async function completeChat(
  parts: ChatParts,
  body: unknown,
  gone: AbortController,
): Promise<Response> {
  const { defaults, engine, log } = parts;
  const request = parseChatRequest(body, defaults);
  await assertFits(engine, toCounted(request));
  const events = generate(parts, request, gone.signal);
  const envelope = createEnvelope(engine.modelName);
  if (!request.isStreamed) return Response.json(toCompletion(envelope, await collect(events)));
  const toError = (error: unknown): ApiError => reportFailure(error, log);
  return await toEventStream(events, { ...request, envelope, gone, toError });
}

/** What is the client's own doing is not for the log. */
export function reportFailure(error: unknown, log: Log): ApiError {
  const apiError = toApiError(error);
  if (apiError.status >= 500) log.error({ error }, "A request failed");
  return apiError;
}

function toCounted({ continues, messages }: ChatRequest): readonly PromptMessage[] {
  return continues === undefined ? messages : [...messages, { role: "assistant", text: continues }];
}

/** A prompt that leaves no room for a single token is refused before it waits for its turn. */
async function assertFits(engine: Engine, messages: readonly PromptMessage[]): Promise<void> {
  const tokens = await countPrompt(engine, messages);
  if (tokens < engine.contextTokens) return;
  throw invalidRequest(
    `The messages take ${tokens} tokens; the context has ${engine.contextTokens}, for them and the answer.`,
    { param: "messages", code: "context_length_exceeded" },
  );
}

async function* generate(
  parts: ChatParts,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncGenerator<ServedEvent, void> {
  using _place = yield* enterLine(parts.line, signal);
  for await (const event of write(parts, request, signal)) {
    if (event.type === "end") parts.log.info(toFacts(event), "A request was answered");
    yield event;
  }
}

/** JSON that a schema asks for has no thoughts, and may well have their tags in a text. */
function write(
  { engine, watchdog }: ChatParts,
  request: ChatRequest,
  signal: AbortSignal,
): AsyncIterable<ServedEvent> {
  const { continues, maxTokens, messages, sampling, schema } = request;
  const generation = {
    conversationId: undefined,
    messages,
    ...(continues === undefined ? {} : { continues }),
    isTrimmed: false,
    maxTokens,
    sampling: schema === undefined ? sampling : { ...sampling, stop: [...sampling.stop, JSON_END] },
    ...(schema === undefined ? {} : { schema }),
  };
  const events: AsyncIterable<EngineEvent> = watchdog.watch((overdue) =>
    engine.generate({ ...generation, signal: AbortSignal.any([signal, overdue]) }),
  );
  if (schema !== undefined) return endJson(events);
  return separateThoughts(events, continues === undefined ? habitOf(engine) : undefined);
}

function toFacts({ reason, usage }: EngineEnd) {
  const { firstTokenMs, totalMs, ...tokens } = usage;
  return {
    reason,
    ...tokens,
    firstTokenMs: Math.round(firstTokenMs),
    totalMs: Math.round(totalMs),
  };
}

async function collect(events: AsyncIterable<ServedEvent>): Promise<Answer> {
  const written = { text: "", thoughts: "" };
  for await (const event of events) {
    if (event.type === "end") return { ...written, end: event };
    if (event.type === "text-delta") written.text += event.text;
    if (event.type === "thought-delta") written.thoughts += event.text;
    if (event.type === "reclassified") reclassify(written, event.as);
  }
  throw new Error("The engine's stream has no end");
}

interface Written {
  text: string;
  thoughts: string;
}

/** What was no thought after all comes once more, as text. */
function reclassify(written: Written, as: Reclassified["as"]): void {
  written.thoughts = as === "thoughts" ? written.thoughts + written.text : "";
  written.text = "";
}
