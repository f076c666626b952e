import type { FinishReason, RowId } from "../conversation.ts";
import { FamiliarError } from "../errors.ts";
import type { Clock, Engine, EngineEvent, Log, ReplyStore } from "../ports.ts";
import type { ReplyView } from "../reply-surface.ts";
import type { ComposedPrompt } from "../prompt/compose-prompt.ts";
import type { Sampling } from "../sampling.ts";
import { GuardedReply } from "../guards/guarded-reply.ts";
import { habitOf } from "../guards/thought-habit.ts";
import { createDraftKeeper } from "./keep-reply.ts";
import type { WrittenReply } from "./keep-reply.ts";
import { addUsage, ReplyMeter } from "./reply-meter.ts";
import { ReplyStopped } from "./reply-queue.ts";
import type { Watchdog } from "./watchdog.ts";

/** Of a model that takes no chances, another attempt would bring the same. */
const RETRY_TEMPERATURE = 0.7;

const SEEDS = 2 ** 32;

/**
 * Stands for the text of a reply that was cut while it went for thoughts: a turn without a text is
 * dropped, with all that was written, and could not be gone on with.
 */
const UNSAID = "…";

export interface StreamDependencies {
  readonly engine: Engine;
  readonly replies: Pick<ReplyStore, "saveDraft">;
  readonly clock: Clock;
  readonly log: Log;
  readonly watchdog: Watchdog;
}

export interface StreamRequest {
  /** Undefined for a reply that belongs to none. */
  readonly conversationId: RowId | undefined;
  /** Undefined for a reply that is not stored. */
  readonly replyId: RowId | undefined;
  readonly prompt: ReplyPrompt;
  /** The text so far, of a reply that is gone on with; else empty. */
  readonly beginning: string;
  readonly sampling: Sampling;
  readonly maxReplyParts: number;
  readonly view: Omit<ReplyView, "finish">;
  readonly signal: AbortSignal;
}

export interface ReplyPrompt extends ComposedPrompt {
  /** The beginning of the reply as the model sees it; its middle may be left out. */
  readonly continues?: string;
}

/**
 * Runs the engine to its end, whatever that is, showing and storing the text as it grows. A model
 * that says nothing is asked once more. Never rejects.
 */
export async function streamReply(
  dependencies: StreamDependencies,
  request: StreamRequest,
): Promise<WrittenReply> {
  const first = await attempt(dependencies, request);
  if (!isEmpty(first)) return first;
  const prompt = { ...request.prompt, isTrimmed: false };
  const sampling = varySampling(request.sampling, 1);
  const second = await attempt(dependencies, { ...request, prompt, sampling });
  const both = { ...second, usage: addUsage(first.usage, second.usage) };
  return isEmpty(second) ? { ...both, text: "", reason: "empty" } : both;
}

function isEmpty({ reason, text }: WrittenReply): boolean {
  return reason === "stop" && text.trim() === "";
}

/** So that another attempt brings something else; as it is for the first one, which is number 0. */
export function varySampling(sampling: Sampling, number: number): Sampling {
  const { seed, temperature } = sampling;
  if (number === 0) return sampling;
  return {
    ...sampling,
    seed: seed === undefined ? undefined : (seed + number) % SEEDS,
    temperature: temperature === 0 ? RETRY_TEMPERATURE : temperature,
  };
}

async function attempt(
  dependencies: StreamDependencies,
  request: StreamRequest,
): Promise<WrittenReply> {
  const { clock, engine } = dependencies;
  const { beginning, maxReplyParts, prompt, view } = request;
  const measure = (text: string): number =>
    Math.max(0, view.measure(beginning + text, maxReplyParts) - beginning.length);
  const habit = prompt.continues === undefined ? habitOf(engine) : undefined;
  const guarded = new GuardedReply({ speakerLabels: prompt.speakerLabels, measure, habit });
  const meter = new ReplyMeter(clock);
  const { reason, usage } = await read(dependencies, request, { guarded, meter });
  const { isAssumedThought, text, thoughts, written } = guarded;
  return {
    text: beginning + (isAssumedThought ? UNSAID : text),
    thoughts,
    reason,
    usage: usage ?? (await meter.toUsage(engine, written)),
  };
}

interface Readers {
  readonly guarded: GuardedReply;
  readonly meter: ReplyMeter;
}

/** The engine tells the usage only of what it has ended itself. */
type Ended = Pick<WrittenReply, "reason"> & Partial<Pick<WrittenReply, "usage">>;

async function read(
  dependencies: StreamDependencies,
  request: StreamRequest,
  readers: Readers,
): Promise<Ended> {
  const { conversationId, signal, view } = request;
  try {
    return await readToEnd(dependencies, request, readers);
  } catch (error) {
    const reason = toFinishReason(error, signal, view.gone);
    if (reason === "failed") dependencies.log.error({ error, conversationId }, "A reply failed");
    return { reason };
  }
}

async function readToEnd(
  dependencies: StreamDependencies,
  request: StreamRequest,
  { guarded, meter }: Readers,
): Promise<Ended> {
  const show = createShow(dependencies, request);
  for await (const event of generate(dependencies, request)) {
    meter.see(event);
    if (event.type === "progress") continue;
    if (event.type === "end") {
      const ending = event.reason === "length" ? request.prompt.limit : event.reason;
      const reason = guarded.finish(event.reason === "stop") ?? ending;
      return { reason, usage: event.usage };
    }
    const reason = guarded.read(event);
    if (reason !== undefined) return { reason };
    await show(guarded);
  }
  throw new FamiliarError("engine-failed", "The engine stopped without saying why.");
}

function generate(
  { engine, watchdog }: StreamDependencies,
  { conversationId, prompt, sampling, signal, view }: StreamRequest,
): AsyncIterable<EngineEvent> {
  const { continues, isTrimmed, maxTokens, messages } = prompt;
  const beginning = continues === undefined ? {} : { continues };
  // What belongs to no conversation could be forgotten with none.
  const keepsNothing = conversationId === undefined;
  const kept = { conversationId, keepsNothing };
  const generation = { ...kept, messages, ...beginning, isTrimmed, maxTokens, sampling };
  return watchdog.watch((overdue) =>
    engine.generate({ ...generation, signal: AbortSignal.any([signal, view.gone, overdue]) }),
  );
}

/** Shows what there is by now. What people have seen of a reply is stored. */
function createShow(dependencies: StreamDependencies, { beginning, replyId, view }: StreamRequest) {
  const keepDraft =
    replyId === undefined ? async () => {} : createDraftKeeper(dependencies, replyId);
  let shown = "";
  let isThinking = false;
  /** What was taken for text were thoughts. */
  const takeBack = async (): Promise<void> => {
    shown = "";
    view.show(beginning);
    await keepDraft(beginning);
  };
  return async ({ text, thoughts }: GuardedReply): Promise<void> => {
    if (text.trim() === "") {
      if (shown !== "") await takeBack();
      if (thoughts !== undefined && !isThinking) view.wait({ kind: "thinking" });
      isThinking = thoughts !== undefined;
      return;
    }
    if (text === shown) return;
    const isFirst = shown === "";
    shown = text;
    const kept = keepDraft(beginning + text);
    if (isFirst) await kept;
    view.show(beginning + text);
  };
}

function toFinishReason(error: unknown, stop: AbortSignal, gone: AbortSignal): FinishReason {
  if (stop.aborted) return stop.reason instanceof ReplyStopped ? stop.reason.reason : "aborted";
  if (gone.aborted) return "unreachable";
  return error instanceof ReplyStopped ? error.reason : "failed";
}
