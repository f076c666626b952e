import type { Conversation, RowId, TokenCount } from "../conversation.ts";
import type { NoteStore } from "../memory/note-store.ts";
import type { Recollection } from "../memory/recollection.ts";
import type { Lore } from "../persona/lore.ts";
import type { ConversationStore, Engine, PromptMessage } from "../ports.ts";
import { readTime } from "../time/place-time.ts";
import type { TimeSources } from "../time/place-time.ts";
import { countTurns, nameIn } from "./count-turns.ts";
import type { NameSpeaker } from "./count-turns.ts";
import { fillWindow } from "./fill-window.ts";
import type { CountedMessage, FilledWindow } from "./fill-window.ts";
import { fitFixedParts } from "./fixed-parts.ts";
import type { FixedPart, FixedParts } from "./fixed-parts.ts";
import { readNotes } from "./read-notes.ts";
import type { NoteParts } from "./read-notes.ts";
import { readRecall, toRecallTokens } from "./read-recall.ts";
import type { SummarySources } from "./read-summary.ts";
import { toReserveTokens } from "./window.ts";

export interface PromptSettings {
  readonly defaultSystemPrompt: string;
  readonly maxReplyTokens: number;
  /** The most that turns take which are recalled; 0, the default: none is. */
  readonly recallTokens?: number | undefined;
}

export interface ComposedPrompt {
  readonly messages: readonly PromptMessage[];
  readonly promptTokens: number;
  /** What is left of the context, or the limit for one reply where that is less. */
  readonly maxTokens: number;
  /** Which of the two that is: why a reply of so many tokens was cut. */
  readonly limit: "context" | "length";
  /** The oldest turns have just left the window, and nothing else has changed. */
  readonly isTrimmed: boolean;
  /** How people are called in it, each once; none where nobody is named. */
  readonly speakerLabels: readonly string[];
  /** Of the newest turn in it. */
  readonly newestPosition: number;
}

export interface PromptSources extends TimeSources {
  readonly engine: Engine;
  readonly conversations: Pick<ConversationStore, "view" | "moveWindow" | "saveCounts">;
  readonly lore: Lore;
  readonly notes: Pick<NoteStore, "read">;
  readonly recollection?: Recollection | undefined;
  readonly summaries?: SummarySources["summaries"];
}

/**
 * What the model reads for its next reply: the system prompt, what people want remembered, the
 * persona's examples, what it wrote down of the turns that left the window, as many of the newest
 * turns as fit, those of the others that matter to the newest one before that, what the lorebook says
 * to them, and the persona's last instructions. Cost depends on the window and on what is said, never
 * on how long the history is.
 */
export async function composePrompt(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<ComposedPrompt> {
  const { engine, conversations, summaries } = sources;
  const prompt = await read(sources, conversation, settings);
  const { adopts, fixed, freshCounts, kept, nameOf, noted, recalled, summary, trimmed } = prompt;
  if (freshCounts.size > 0) await conversations.saveCounts(freshCounts);
  const first = kept[0];
  const hasMoved = trimmed > 0 && first !== undefined;
  // Stored, so that it holds over a restart.
  if (hasMoved) await conversations.moveWindow(conversation.id, first.turn.position);
  if (hasMoved && adopts !== undefined) await summaries?.adopt(conversation.id, adopts);

  const notedTokens = noted.always.tokens + noted.recalled.tokens;
  const readTokens = notedTokens + recalled.tokens + summary.tokens;
  const fixedTokens = engine.overheadTokens + fixed.tokens + readTokens;
  const promptTokens = kept.reduce((sum, message) => sum + message.tokens, fixedTokens);
  const tokensLeft = engine.contextTokens - promptTokens;
  return {
    messages: toMessages(prompt),
    promptTokens,
    maxTokens: Math.max(1, Math.min(settings.maxReplyTokens, tokensLeft)),
    limit: tokensLeft < settings.maxReplyTokens ? "context" : "length",
    isTrimmed: hasMoved && adopts === undefined,
    speakerLabels: toSpeakerLabels(conversation, { kept, nameOf }),
    newestPosition: newestOf(kept),
  };
}

function newestOf(kept: readonly CountedMessage[]): number {
  return kept.at(-1)?.turn.position ?? Number.NEGATIVE_INFINITY;
}

/** The prompt as it would be now. Stores nothing. */
export async function readPromptMessages(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<readonly PromptMessage[]> {
  return toMessages(await read(sources, conversation, settings));
}

/** A part of a prompt. `frame` is what belongs to no message: its beginning and the reply's header. */
export interface PromptPart {
  readonly name:
    | "frame"
    | "system"
    | "notes"
    | "examples"
    | "summary"
    | "history"
    | "recall"
    | "lorebook"
    | "instructions";
  readonly tokens: number;
}

export interface PromptOutline {
  readonly messages: readonly PromptMessage[];
  /**
   * All that the prompt is made of, in its order but for the frame, and for the lorebook's constant
   * entries, which are within the system prompt, for the notes of the moment, which are with the
   * others, and for what is recalled, which is within the history; no empty part but the history.
   */
  readonly parts: readonly PromptPart[];
  readonly reserveTokens: number;
  /** Position of the first turn in it; undefined where it has none. */
  readonly firstPosition: number | undefined;
}

/** The prompt as it would be now, with what each of its parts takes. Stores nothing. */
export async function outlinePrompt(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<PromptOutline> {
  const { contextTokens, overheadTokens } = sources.engine;
  const { maxReplyTokens } = settings;
  const prompt = await read(sources, conversation, settings);
  const { fixed, kept, noted, recalled, summary } = prompt;
  return {
    messages: toMessages(prompt),
    parts: [
      { name: "frame", tokens: overheadTokens },
      { name: "system", tokens: fixed.system.tokens - fixed.systemLoreTokens },
      ...toOptionalPart("notes", noted.always.tokens + noted.recalled.tokens),
      ...toOptionalPart("examples", fixed.examples.tokens),
      ...toOptionalPart("summary", summary.tokens),
      { name: "history", tokens: kept.reduce((sum, message) => sum + message.tokens, 0) },
      ...toOptionalPart("recall", recalled.tokens),
      ...toOptionalPart("lorebook", fixed.systemLoreTokens + fixed.lore.tokens),
      ...toOptionalPart("instructions", fixed.instructions.tokens),
    ],
    reserveTokens: toReserveTokens({ contextTokens, maxReplyTokens }),
    firstPosition: kept[0]?.turn.position,
  };
}

function toOptionalPart(name: PromptPart["name"], tokens: number): readonly PromptPart[] {
  return tokens === 0 ? [] : [{ name, tokens }];
}

interface ReadPrompt extends FilledWindow {
  readonly fixed: FixedParts;
  readonly noted: NoteParts;
  /** What was said before the window and matters now. */
  readonly recalled: FixedPart;
  readonly freshCounts: ReadonlyMap<RowId, TokenCount>;
  /** How people are called in it. */
  readonly nameOf: NameSpeaker;
}

async function read(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<ReadPrompt> {
  const { conversations, engine, lore, notes, recollection } = sources;
  const time = await readTime(sources, conversation.place);
  const turns = await conversations.view(conversation);
  const fixed = await fitFixedParts({ engine, lore }, settings, { conversation, time, turns });
  const nameOf = nameIn(conversation, turns);
  const subject = { conversation, turns, nameOf, fixedTokens: fixed.mostTokens };
  const noted = await readNotes({ engine, notes }, subject);
  // Whatever the moment calls for, as much of the history stays: what was evaluated of it holds.
  const fixedTokens = fixed.mostTokens + noted.mostTokens;
  const { freshCounts, messages } = await countTurns(engine, conversation, { turns, nameOf });
  const most = recollection === undefined ? 0 : (settings.recallTokens ?? 0);
  const recallTokens = toRecallTokens(engine, { fixedTokens, most });
  const { maxReplyTokens } = settings;
  const said = { conversation, fixedTokens, maxReplyTokens, messages, recallTokens, time };
  const filled = await fillWindow(sources, said);
  const firstPosition = filled.kept[0]?.turn.position ?? conversation.windowStart;
  const inView = { ...subject, firstPosition, mostTokens: recallTokens, time };
  const recalled = await readRecall({ engine, recollection }, inView);
  return { ...filled, fixed, noted, recalled, freshCounts, nameOf };
}

/** Engines keep the first system message for other conversations, so that it never is what people said. */
const NO_SYSTEM: PromptMessage = { role: "system", text: "" };

function toMessages(prompt: ReadPrompt): readonly PromptMessage[] {
  const { fixed, noted, summary } = prompt;
  const { examples, instructions, lore, system } = fixed;
  const { always, recalled } = noted;
  const isFirst =
    system.messages.length === 0 && always.messages.length + summary.messages.length > 0;
  return [
    ...(isFirst ? [NO_SYSTEM] : system.messages),
    ...[always, examples, summary].flatMap(({ messages }) => messages),
    ...toHistory(prompt),
    ...[recalled, lore, instructions].flatMap(({ messages }) => messages),
  ];
}

/**
 * What is recalled stands before the newest thing that a person said, which is what a reply answers:
 * a small model answers whatever stands last.
 */
function toHistory({ kept, recalled }: Pick<ReadPrompt, "kept" | "recalled">): PromptMessage[] {
  const newest = Math.max(
    0,
    kept.findLastIndex(({ role }) => role === "user"),
  );
  return kept.flatMap(({ mark, role, text }, index) => [
    ...(index === newest ? recalled.messages : []),
    ...(mark === undefined ? [] : [mark]),
    { role, text },
  ]);
}

function toSpeakerLabels(
  conversation: Conversation,
  { kept, nameOf }: Pick<ReadPrompt, "kept" | "nameOf">,
): readonly string[] {
  if (!conversation.hasSeveralSpeakers) return [];
  const speakers = kept.flatMap(({ turn }) => turn.speaker ?? []);
  return [...new Set(speakers.map(nameOf))];
}
