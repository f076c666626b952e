import type { RowId, Turn } from "../conversation.ts";
import { FamiliarError } from "../errors.ts";
import { GuardedReply } from "../guards/guarded-reply.ts";
import { habitOf } from "../guards/thought-habit.ts";
import type { Engine } from "../ports.ts";
import { shortenToTokens } from "../prompt/shorten.ts";
import type { Watchdog } from "../reply/watchdog.ts";
import { LIKELIEST } from "../sampling.ts";
import { chooseMerge, toPartTokens } from "./summary.ts";
import { toPartLines, toRecordLines, toSummaryPrompt } from "./summary-prompt.ts";
import type { SummaryStore } from "./summary-store.ts";
import { toSummaryText } from "./summary-text.ts";

/** Positions that are looked at for one stretch. */
const MOST_TURNS = 200;

/** Of the context, for what is summarised at a time. */
const SOURCE_SHARE = 1 / 2;

/** What a model that thinks first may need, in tokens. */
const MOST_WRITTEN = 1_024;

/** No word of any language takes more, in UTF-16 units for a token: what is longer is no summary. */
const UNITS_PER_TOKEN = 8;

export interface SummaryDependencies {
  readonly engine: Engine;
  readonly summaries: SummaryStore;
  readonly watchdog: Pick<Watchdog, "watch">;
}

/**
 * `failed`: the model has nothing to say. Anything else but `nothing-left` is worth another look,
 * also where the range was changed meanwhile.
 */
export type SummaryOutcome = "nothing-left" | "written" | "changed" | "failed";

/**
 * Writes one summary that a conversation lacks: of the newest stretch that has none, else of parts
 * that have become too many. It is written from what it covers alone, so that what is taken back
 * elsewhere cannot linger in it.
 *
 * @throws the signal's reason once it is aborted
 */
export async function writeNextSummary(
  dependencies: SummaryDependencies,
  conversationId: RowId,
  signal: AbortSignal,
): Promise<SummaryOutcome> {
  const { engine, summaries } = dependencies;
  const stretch = await summaries.claimStretch(conversationId, MOST_TURNS);
  if (stretch !== undefined) {
    const { lines, skipped } = await fitTurns(engine, stretch.turns);
    const first = stretch.turns[skipped]?.position ?? stretch.from;
    const claim = { id: stretch.id, lines, skipped: first - stretch.from };
    return await writeClaimed(dependencies, claim, signal);
  }
  const parts = chooseMerge(await summaries.read(conversationId, "latest"));
  if (parts === undefined) return "nothing-left";
  const ids = parts.map(({ id }) => id);
  const id = await summaries.claimMerger(conversationId, ids);
  if (id === undefined) return "failed";
  return await writeClaimed(dependencies, { id, lines: toPartLines(parts), parts: ids }, signal);
}

interface Claim {
  readonly id: RowId;
  readonly lines: readonly string[];
  readonly skipped?: number;
  readonly parts?: readonly RowId[];
}

async function writeClaimed(
  dependencies: SummaryDependencies,
  { id, lines, ...claim }: Claim,
  signal: AbortSignal,
): Promise<SummaryOutcome> {
  const { engine, summaries } = dependencies;
  let isWritten = false;
  try {
    const text = await generate(dependencies, lines, signal);
    if (text === "") return "failed";
    isWritten = await summaries.write(id, { ...claim, text, model: engine.modelName });
    return isWritten ? "written" : "changed";
  } finally {
    if (!isWritten) await summaries.release(id);
  }
}

/** As many of the newest turns as fit; one that is too long by itself loses its middle. */
async function fitTurns(engine: Engine, turns: readonly Turn[]) {
  const most = Math.floor(engine.contextTokens * SOURCE_SHARE);
  const count = (text: string): Promise<number> => engine.countTokens({ role: "user", text });
  const lines = toRecordLines(turns);
  const fitting: string[] = [];
  let tokens = 0;
  for (const line of lines.toReversed()) {
    tokens += await count(line);
    if (tokens > most) break;
    fitting.unshift(line);
  }
  const newest = lines.at(-1) ?? "";
  if (fitting.length === 0) fitting.push(await shortenToTokens(newest, most, count));
  return { lines: fitting, skipped: lines.length - fitting.length };
}

/** Empty where the model has nothing to say. */
async function generate(
  { engine, watchdog }: SummaryDependencies,
  lines: readonly string[],
  signal: AbortSignal,
): Promise<string> {
  signal.throwIfAborted();
  const partTokens = toPartTokens(engine.contextTokens);
  const messages = toSummaryPrompt(lines, partTokens);
  const counts = await Promise.all(messages.map((message) => engine.countTokens(message)));
  const taken = counts.reduce((sum, count) => sum + count, engine.overheadTokens);
  const room = Math.min(MOST_WRITTEN, engine.contextTokens - taken);
  if (room < partTokens) return "";
  const most = partTokens * UNITS_PER_TOKEN;
  const guarded = new GuardedReply({
    habit: habitOf(engine),
    speakerLabels: [],
    measure: ({ length }) => Math.min(length, most),
  });
  const request = {
    conversationId: undefined,
    keepsNothing: true,
    messages,
    isTrimmed: false,
    maxTokens: room,
    sampling: LIKELIEST,
  };
  const events = watchdog.watch((overdue) =>
    engine.generate({ ...request, signal: AbortSignal.any([signal, overdue]) }),
  );
  for await (const event of events) {
    if (event.type === "progress") continue;
    const ending =
      event.type === "end"
        ? (guarded.finish(event.reason === "stop") ?? event.reason)
        : guarded.read(event);
    if (ending !== undefined) return await toSummaryText(guarded.text, engine);
  }
  throw new FamiliarError("engine-failed", "The engine stopped without saying why.");
}
