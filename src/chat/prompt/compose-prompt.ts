import type { Conversation, RowId, TokenCount, Turn } from "../conversation.ts";
import type { Lore } from "../persona/lore.ts";
import type { Speaker } from "../place.ts";
import type { ConversationStore, Engine, PromptMessage } from "../ports.ts";
import { fitMessage } from "./fit-message.ts";
import { fitFixedParts } from "./fixed-parts.ts";
import type { FixedParts } from "./fixed-parts.ts";
import { nameSpeakers, toSpeakerLabel } from "./speaker.ts";
import { countTrimmedTurns, toReserveTokens, toWindowBudget } from "./window.ts";
import type { WindowBudget } from "./window.ts";

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
  /** The oldest turns have just left the window. */
  readonly isTrimmed: boolean;
  /** How people are called in it, each once; none where nobody is named. */
  readonly speakerLabels: readonly string[];
}

export interface PromptSources {
  readonly engine: Engine;
  readonly conversations: Pick<ConversationStore, "view" | "moveWindow" | "saveCounts">;
  readonly lore: Lore;
}

interface CountedMessage extends PromptMessage {
  readonly role: "user" | "assistant";
  readonly turn: Turn;
  readonly tokens: number;
}

/**
 * What the model reads for its next reply: the system prompt, the persona's examples, as many of the
 * newest turns as fit, what the lorebook says to them, and the persona's last instructions. Cost
 * depends on the window alone, never on how long the history is.
 */
export async function composePrompt(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<ComposedPrompt> {
  const { engine, conversations } = sources;
  const { fixed, freshCounts, kept, nameOf, trimmed } = await read(sources, conversation, settings);
  if (freshCounts.size > 0) await conversations.saveCounts(freshCounts);
  const first = kept[0];
  const isTrimmed = trimmed > 0 && first !== undefined;
  // Stored, so that it holds over a restart.
  if (isTrimmed) await conversations.moveWindow(conversation.id, first.turn.position);

  const fixedTokens = engine.overheadTokens + fixed.tokens;
  const promptTokens = kept.reduce((sum, message) => sum + message.tokens, fixedTokens);
  const tokensLeft = engine.contextTokens - promptTokens;
  return {
    messages: toMessages(fixed, kept),
    promptTokens,
    maxTokens: Math.max(1, Math.min(settings.maxReplyTokens, tokensLeft)),
    limit: tokensLeft < settings.maxReplyTokens ? "context" : "length",
    isTrimmed,
    speakerLabels: toSpeakerLabels(conversation, { kept, nameOf }),
  };
}

/** The prompt as it would be now. Stores nothing. */
export async function readPromptMessages(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<readonly PromptMessage[]> {
  const { fixed, kept } = await read(sources, conversation, settings);
  return toMessages(fixed, kept);
}

/** A part of a prompt. `frame` is what belongs to no message: its beginning and the reply's header. */
export interface PromptPart {
  readonly name: "frame" | "system" | "examples" | "history" | "lorebook" | "instructions";
  readonly tokens: number;
}

export interface PromptOutline {
  readonly messages: readonly PromptMessage[];
  /**
   * All that the prompt is made of, in its order but for the frame, and for the lorebook's constant
   * entries, which are within the system prompt; no empty part of a persona.
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
  const { fixed, kept } = await read(sources, conversation, settings);
  return {
    messages: toMessages(fixed, kept),
    parts: [
      { name: "frame", tokens: overheadTokens },
      { name: "system", tokens: fixed.system.tokens - fixed.systemLoreTokens },
      ...toPersonaPart("examples", fixed.examples.tokens),
      { name: "history", tokens: kept.reduce((sum, message) => sum + message.tokens, 0) },
      ...toPersonaPart("lorebook", fixed.systemLoreTokens + fixed.lore.tokens),
      ...toPersonaPart("instructions", fixed.instructions.tokens),
    ],
    reserveTokens: toReserveTokens({ contextTokens, maxReplyTokens }),
    firstPosition: kept[0]?.turn.position,
  };
}

function toPersonaPart(name: PromptPart["name"], tokens: number): readonly PromptPart[] {
  return tokens === 0 ? [] : [{ name, tokens }];
}

interface ReadPrompt {
  readonly fixed: FixedParts;
  readonly kept: readonly CountedMessage[];
  /** How many of the oldest turns do not fit any more. */
  readonly trimmed: number;
  readonly freshCounts: ReadonlyMap<RowId, TokenCount>;
  /** How people are called in it. */
  readonly nameOf: NameSpeaker;
}

async function read(
  { conversations, engine, lore }: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<ReadPrompt> {
  const turns = await conversations.view(conversation);
  const fixed = await fitFixedParts({ engine, lore }, settings, { conversation, turns });
  // Whatever the moment calls for, as much of the history stays: what was evaluated of it holds.
  const fixedTokens = engine.overheadTokens + fixed.mostTokens;
  const { contextTokens } = engine;
  const { maxReplyTokens } = settings;
  const budget = toWindowBudget({ contextTokens, fixedTokens, maxReplyTokens });

  const { freshCounts, messages, nameOf } = await countTurns(engine, conversation, turns);
  const history = await Promise.all(messages.map((message) => fitTurn(message, engine, budget)));
  const trimmed = countTrimmedTurns(history, budget.historyTokens);
  return { fixed, kept: history.slice(trimmed), trimmed, freshCounts, nameOf };
}

function toMessages(
  { examples, instructions, lore, system }: FixedParts,
  kept: readonly CountedMessage[],
): readonly PromptMessage[] {
  const history = kept.map(({ role, text }) => ({ role, text }));
  return [
    ...[system, examples].flatMap(({ messages }) => messages),
    ...history,
    ...[lore, instructions].flatMap(({ messages }) => messages),
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
  turns: readonly Turn[],
): Promise<{
  readonly messages: readonly CountedMessage[];
  readonly freshCounts: ReadonlyMap<RowId, TokenCount>;
  readonly nameOf: NameSpeaker;
}> {
  const nameOf = nameIn(conversation, turns);
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
  return { messages, freshCounts, nameOf };
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

type WordedTurn = Pick<Turn, "role" | "speaker" | "text">;

type NameSpeaker = (speaker: Speaker) => string;

function nameIn({ persona }: Conversation, turns: readonly Pick<Turn, "speaker">[]): NameSpeaker {
  const speakers = turns.flatMap(({ speaker }) => speaker ?? []);
  return nameSpeakers(speakers, persona === undefined ? [] : [persona.content.name]);
}

/** As the model reads it, and the way in which it is written: without names, or with which. */
function writeTurn(
  { role, speaker, text }: WordedTurn,
  { hasSeveralSpeakers }: Conversation,
  nameOf: NameSpeaker,
) {
  const way = hasSeveralSpeakers ? "named" : "plain";
  if (speaker === undefined || !hasSeveralSpeakers) return { message: { role, text }, way };
  const name = nameOf(speaker);
  const addition = name.slice(toSpeakerLabel(speaker).length);
  return { message: { role, text: `${name}: ${text}` }, way: `${way}${addition}` };
}

async function fitTurn(
  message: CountedMessage,
  engine: Engine,
  budget: WindowBudget,
): Promise<CountedMessage> {
  if (message.tokens <= budget.turnTokens) return message;
  return { ...message, ...(await fitMessage(message, engine, budget.turnTokens)) };
}
