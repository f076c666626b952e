import type { RowId, Turn } from "../conversation.ts";
import type { Engine, PromptMessage } from "../ports.ts";
import { fitMessage } from "./fit-message.ts";
import { markTimes } from "./mark-times.ts";
import type { Marked } from "./mark-times.ts";
import { readSummary } from "./read-summary.ts";
import type { SummaryPart, SummarySources, SummarySubject } from "./read-summary.ts";
import { countTrimmedTurns, toWindowBudget } from "./window.ts";
import type { WindowBudget } from "./window.ts";

export interface CountedMessage extends PromptMessage {
  readonly role: "user" | "assistant";
  readonly turn: Turn;
  readonly tokens: number;
}

/** As it stands in the history; its tokens are those of the mark before it, too. */
interface HistoryMessage extends CountedMessage, Marked {}

export interface WindowSubject extends SummarySubject {
  /** As they are said, oldest first. */
  readonly messages: readonly CountedMessage[];
  readonly maxReplyTokens: number;
  /** Kept free for what left the window, once something has: until then, all of it is in view. */
  readonly recallTokens: number;
}

interface WindowSources extends SummarySources {
  readonly engine: Engine;
}

export interface FilledWindow {
  readonly kept: readonly HistoryMessage[];
  /** How many of the oldest turns do not fit any more. */
  readonly trimmed: number;
  readonly summary: SummaryPart;
  /** The newest of the summaries that the prompt has from now on; undefined where that stays. */
  readonly adopts: RowId | undefined;
}

/** As many of the newest turns as fit, and what stands for those before them. */
export async function fillWindow(
  sources: WindowSources,
  subject: WindowSubject,
): Promise<FilledWindow> {
  const { conversation, fixedTokens, recallTokens } = subject;
  const taken = { ...subject, fixedTokens: fixedTokens + recallTokens };
  if (conversation.recallFrom !== undefined) return await fillWith(sources, taken);
  const filled = await fillWith(sources, subject);
  return filled.trimmed === 0 || recallTokens === 0 ? filled : await fillWith(sources, taken);
}

/**
 * The summary changes only where turns leave: the history is evaluated anew then, and never between.
 */
async function fillWith(sources: WindowSources, subject: WindowSubject): Promise<FilledWindow> {
  const adopted = await readSummary(sources, subject, "adopted");
  const before = await fitHistory(sources.engine, subject, { summary: adopted });
  const unchanged = { ...before, summary: adopted, adopts: undefined };
  if (before.trimmed === 0) return unchanged;
  const latest = await readSummary(sources, subject, "latest");
  if (latest.newest === undefined || latest.newest === adopted.newest) return unchanged;
  // A shorter one gives nothing back: what is to leave leaves.
  const { historyTokens } = before;
  const after = await fitHistory(sources.engine, subject, { summary: latest, historyTokens });
  return { ...after, summary: latest, adopts: latest.newest };
}

interface HistoryRoom {
  readonly summary: SummaryPart;
  /** No more than these. */
  readonly historyTokens?: number;
}

async function fitHistory(
  engine: Engine,
  { fixedTokens, maxReplyTokens, messages, time }: WindowSubject,
  { historyTokens: most = Infinity, summary }: HistoryRoom,
) {
  const { contextTokens, overheadTokens } = engine;
  const taken = overheadTokens + fixedTokens + summary.tokens;
  const budget = toWindowBudget({ contextTokens, fixedTokens: taken, maxReplyTokens });
  const historyTokens = Math.min(most, budget.historyTokens);
  const fitted = await Promise.all(messages.map((message) => fitTurn(message, engine, budget)));
  const history = await markTimes(engine, fitted, time);
  const trimmed = countTrimmedTurns(history, historyTokens);
  // What is first in view is marked as the first, now as in the prompts that follow.
  const kept = trimmed === 0 ? history : await markTimes(engine, fitted.slice(trimmed), time);
  return { kept, trimmed, historyTokens };
}

async function fitTurn(
  message: CountedMessage,
  engine: Engine,
  budget: WindowBudget,
): Promise<CountedMessage> {
  if (message.tokens <= budget.turnTokens) return message;
  return { ...message, ...(await fitMessage(message, engine, budget.turnTokens)) };
}
