import type { Conversation, RowId, TokenCount, Turn } from "../conversation.ts";
import type { NoteStore } from "../memory/note-store.ts";
import type { Lore } from "../persona/lore.ts";
import type { Speaker } from "../place.ts";
import type { ConversationStore, Engine, PromptMessage } from "../ports.ts";
import { readTime } from "../time/place-time.ts";
import type { TimeSources } from "../time/place-time.ts";
import { fillWindow } from "./fill-window.ts";
import type { CountedMessage, FilledWindow } from "./fill-window.ts";
import { fitFixedParts } from "./fixed-parts.ts";
import type { FixedParts } from "./fixed-parts.ts";
import { readNotes } from "./read-notes.ts";
import type { NoteParts } from "./read-notes.ts";
import type { SummarySources } from "./read-summary.ts";
import { nameSpeakers, toSpeakerLabel } from "./speaker.ts";
import { toReserveTokens } from "./window.ts";

export interface PromptSettings {
  readonly defaultSystemPrompt: string;
  readonly maxReplyTokens: number;
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
  readonly summaries?: SummarySources["summaries"];
}

/**
 * What the model reads for its next reply: the system prompt, what people want remembered, the
 * persona's examples, what it wrote down of the turns that left the window, as many of the newest
 * turns as fit, what the lorebook says to them, and the persona's last instructions. Cost depends on the window alone, never on how long the history is.
 */
export async function composePrompt(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<ComposedPrompt> {
  const { engine, conversations, summaries } = sources;
  const prompt = await read(sources, conversation, settings);
  const { adopts, fixed, freshCounts, kept, nameOf, noted, summary, trimmed } = prompt;
  if (freshCounts.size > 0) await conversations.saveCounts(freshCounts);
  const first = kept[0];
  const hasMoved = trimmed > 0 && first !== undefined;
  // Stored, so that it holds over a restart.
  if (hasMoved) await conversations.moveWindow(conversation.id, first.turn.position);
  if (hasMoved && adopts !== undefined) await summaries?.adopt(conversation.id, adopts);

  const readTokens = noted.always.tokens + noted.recalled.tokens + summary.tokens;
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
    | "lorebook"
    | "instructions";
  readonly tokens: number;
}

export interface PromptOutline {
  readonly messages: readonly PromptMessage[];
  /**
   * All that the prompt is made of, in its order but for the frame, and for the lorebook's constant
   * entries, which are within the system prompt, and for the notes of the moment, which are with the
   * others; no empty part but the history.
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
  const { fixed, kept, noted, summary } = prompt;
  return {
    messages: toMessages(prompt),
    parts: [
      { name: "frame", tokens: overheadTokens },
      { name: "system", tokens: fixed.system.tokens - fixed.systemLoreTokens },
      ...toOptionalPart("notes", noted.always.tokens + noted.recalled.tokens),
      ...toOptionalPart("examples", fixed.examples.tokens),
      ...toOptionalPart("summary", summary.tokens),
      { name: "history", tokens: kept.reduce((sum, message) => sum + message.tokens, 0) },
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
  readonly freshCounts: ReadonlyMap<RowId, TokenCount>;
  /** How people are called in it. */
  readonly nameOf: NameSpeaker;
}

async function read(
  { clock, conversations, engine, lore, notes, settings: library, summaries }: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<ReadPrompt> {
  const time = await readTime({ clock, settings: library }, conversation.place);
  const turns = await conversations.view(conversation);
  const fixed = await fitFixedParts({ engine, lore }, settings, { conversation, time, turns });
  const nameOf = nameIn(conversation, turns);
  const subject = { conversation, turns, nameOf, fixedTokens: fixed.mostTokens };
  const noted = await readNotes({ engine, notes }, subject);
  // Whatever the moment calls for, as much of the history stays: what was evaluated of it holds.
  const fixedTokens = fixed.mostTokens + noted.mostTokens;
  const { freshCounts, messages } = await countTurns(engine, conversation, { turns, nameOf });
  const { maxReplyTokens } = settings;
  const said = { conversation, fixedTokens, maxReplyTokens, messages, time };
  const filled = await fillWindow({ engine, summaries }, said);
  return { ...filled, fixed, noted, freshCounts, nameOf };
}

/** Engines keep the first system message for other conversations, so that it never is what people said. */
const NO_SYSTEM: PromptMessage = { role: "system", text: "" };

function toMessages({ fixed, kept, noted, summary }: ReadPrompt): readonly PromptMessage[] {
  const { examples, instructions, lore, system } = fixed;
  const { always, recalled } = noted;
  const history = kept.flatMap(({ mark, role, text }) => [
    ...(mark === undefined ? [] : [mark]),
    { role, text },
  ]);
  const isFirst =
    system.messages.length === 0 && always.messages.length + summary.messages.length > 0;
  return [
    ...(isFirst ? [NO_SYSTEM] : system.messages),
    ...[always, examples, summary].flatMap(({ messages }) => messages),
    ...history,
    ...[recalled, lore, instructions].flatMap(({ messages }) => messages),
  ];
}

function toSpeakerLabels(
  conversation: Conversation,
  { kept, nameOf }: Pick<ReadPrompt, "kept" | "nameOf">,
): readonly string[] {
  if (!conversation.hasSeveralSpeakers) return [];
  const speakers = kept.flatMap(({ turn }) => turn.speaker ?? []);
  return [...new Set(speakers.map(nameOf))];
}

/** Counts only the turns that have no count on this basis yet. */
async function countTurns(
  engine: Engine,
  conversation: Conversation,
  { nameOf, turns }: { readonly nameOf: NameSpeaker; readonly turns: readonly Turn[] },
): Promise<{
  readonly messages: readonly CountedMessage[];
  readonly freshCounts: ReadonlyMap<RowId, TokenCount>;
}> {
  const freshCounts = new Map<RowId, TokenCount>();
  const messages = await Promise.all(
    turns.map(async (turn): Promise<CountedMessage> => {
      const { message, way } = writeTurn(turn, conversation, nameOf);
      const basis = toCountBasis(engine, way);
      if (turn.count?.basis === basis) return { ...message, turn, tokens: turn.count.tokens };
      const tokens = await engine.countTokens(message);
      freshCounts.set(turn.id, { tokens, basis });
      return { ...message, turn, tokens };
    }),
  );
  return { messages, freshCounts };
}

/** Counts hold for one tokenizer and one way to write a turn. */
function toCountBasis(engine: Pick<Engine, "countBasis">, way: string): string {
  return `${engine.countBasis}/${way}`;
}

/**
 * Counts a turn as it would stand in the conversation's next prompt. Undefined where the engine
 * fails: what was said is stored all the same, and the prompt counts it.
 */
export async function countTurn(
  engine: Pick<Engine, "countBasis" | "countTokens">,
  conversation: Conversation,
  turn: WordedTurn,
): Promise<TokenCount | undefined> {
  try {
    const { message, way } = writeTurn(turn, conversation, nameIn(conversation, [turn]));
    return { tokens: await engine.countTokens(message), basis: toCountBasis(engine, way) };
  } catch {
    return undefined;
  }
}

type WordedTurn = Pick<Turn, "character" | "role" | "speaker" | "text">;

type NameSpeaker = (speaker: Speaker) => string;

function nameIn({ persona }: Conversation, turns: readonly Pick<Turn, "speaker">[]): NameSpeaker {
  const speakers = turns.flatMap(({ speaker }) => speaker ?? []);
  return nameSpeakers(speakers, persona === undefined ? [] : [persona.content.name]);
}

/** As the model reads it, and the way in which it is written: without names, or with which. */
function writeTurn(
  { character, role, speaker, text }: WordedTurn,
  { hasSeveralSpeakers }: Conversation,
  nameOf: NameSpeaker,
) {
  const way = hasSeveralSpeakers ? "named" : "plain";
  if (character !== undefined) return { message: { role, text: `${character}: ${text}` }, way };
  if (speaker === undefined || !hasSeveralSpeakers) return { message: { role, text }, way };
  const name = nameOf(speaker);
  const addition = name.slice(toSpeakerLabel(speaker).length);
  return { message: { role, text: `${name}: ${text}` }, way: `${way}${addition}` };
}
