import type { Conversation, RowId, TokenCount, Turn } from "../conversation.ts";
import type { ConversationStore, Engine, PromptMessage } from "../ports.ts";
import { shortenToTokens } from "./shorten.ts";
import { toSpeakerLabel } from "./speaker.ts";
import { countTrimmedTurns, toWindowBudget } from "./window.ts";
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
}

interface CountedMessage extends PromptMessage {
  readonly role: "user" | "assistant";
  readonly turn: Turn;
  readonly tokens: number;
}

/**
 * What the model reads for its next reply: the system prompt and as many of the newest turns as
 * fit. Cost depends on the window alone, never on how long the history is.
 */
export async function composePrompt(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<ComposedPrompt> {
  const { engine, conversations } = sources;
  const { freshCounts, kept, system, trimmed } = await read(sources, conversation, settings);
  if (freshCounts.size > 0) await conversations.saveCounts(freshCounts);
  const first = kept[0];
  const isTrimmed = trimmed > 0 && first !== undefined;
  // Stored, so that it holds over a restart.
  if (isTrimmed) await conversations.moveWindow(conversation.id, first.turn.position);

  const fixedTokens = engine.overheadTokens + system.tokens;
  const promptTokens = kept.reduce((sum, message) => sum + message.tokens, fixedTokens);
  const tokensLeft = engine.contextTokens - promptTokens;
  return {
    messages: toMessages(system, kept),
    promptTokens,
    maxTokens: Math.max(1, Math.min(settings.maxReplyTokens, tokensLeft)),
    limit: tokensLeft < settings.maxReplyTokens ? "context" : "length",
    isTrimmed,
    speakerLabels: toSpeakerLabels(conversation, kept),
  };
}

/** The prompt as it would be now. Stores nothing. */
export async function readPromptMessages(
  sources: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<readonly PromptMessage[]> {
  const { kept, system } = await read(sources, conversation, settings);
  return toMessages(system, kept);
}

interface ReadPrompt {
  readonly system: FittedSystemPrompt;
  readonly kept: readonly CountedMessage[];
  /** How many of the oldest turns do not fit any more. */
  readonly trimmed: number;
  readonly freshCounts: ReadonlyMap<RowId, TokenCount>;
}

async function read(
  { conversations, engine }: PromptSources,
  conversation: Conversation,
  settings: PromptSettings,
): Promise<ReadPrompt> {
  const turns = await conversations.view(conversation);
  const system = await fitSystemPrompt(conversation, engine, settings);
  const fixedTokens = engine.overheadTokens + system.tokens;
  const { contextTokens } = engine;
  const { maxReplyTokens } = settings;
  const budget = toWindowBudget({ contextTokens, fixedTokens, maxReplyTokens });

  const { freshCounts, messages } = await countTurns(engine, conversation, turns);
  const history = await Promise.all(messages.map((message) => fitTurn(message, engine, budget)));
  const trimmed = countTrimmedTurns(history, budget.historyTokens);
  return { system, kept: history.slice(trimmed), trimmed, freshCounts };
}

function toMessages(
  system: FittedSystemPrompt,
  kept: readonly CountedMessage[],
): readonly PromptMessage[] {
  return [...system.messages, ...kept.map(({ role, text }) => ({ role, text }))];
}

function toSpeakerLabels(
  conversation: Conversation,
  kept: readonly CountedMessage[],
): readonly string[] {
  if (!conversation.hasSeveralSpeakers) return [];
  const speakers = kept.flatMap(({ turn }) => turn.speaker ?? []);
  return [...new Set(speakers.map(toSpeakerLabel))];
}

/** The longest system prompt that leaves room to talk, in tokens. */
export function maxSystemTokens(engine: Engine): number {
  return Math.floor(engine.contextTokens / 2);
}

interface FittedSystemPrompt {
  readonly messages: readonly PromptMessage[];
  readonly tokens: number;
}

/**
 * Never left out; one that outgrew the context, after a change of model say, loses its middle.
 */
async function fitSystemPrompt(
  conversation: Conversation,
  engine: Engine,
  settings: PromptSettings,
): Promise<FittedSystemPrompt> {
  const text = conversation.systemPrompt ?? settings.defaultSystemPrompt;
  if (text === "") return { messages: [], tokens: 0 };
  const message = { role: "system", text } as const;
  const { tokens, ...fitted } = await fitMessage(message, engine, maxSystemTokens(engine));
  return { messages: [fitted], tokens };
}

/** Counts only the turns that have no count on this basis yet. */
async function countTurns(
  engine: Engine,
  conversation: Conversation,
  turns: readonly Turn[],
): Promise<{
  readonly messages: readonly CountedMessage[];
  readonly freshCounts: ReadonlyMap<RowId, TokenCount>;
}> {
  const basis = countBasis(engine, conversation);
  const freshCounts = new Map<RowId, TokenCount>();
  const messages = await Promise.all(
    turns.map(async (turn): Promise<CountedMessage> => {
      const message = toPromptMessage(turn, conversation);
      if (turn.count?.basis === basis) return { ...message, turn, tokens: turn.count.tokens };
      const tokens = await engine.countTokens(message);
      freshCounts.set(turn.id, { tokens, basis });
      return { ...message, turn, tokens };
    }),
  );
  return { messages, freshCounts };
}

/** Counts hold for one tokenizer and one way to write a turn, with or without its speaker. */
export function countBasis(engine: Pick<Engine, "countBasis">, conversation: Conversation): string {
  return `${engine.countBasis}/${conversation.hasSeveralSpeakers ? "named" : "plain"}`;
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
    const tokens = await engine.countTokens(toPromptMessage(turn, conversation));
    return { tokens, basis: countBasis(engine, conversation) };
  } catch {
    return undefined;
  }
}

type WordedTurn = Pick<Turn, "role" | "speaker" | "text">;

function toPromptMessage({ role, speaker, text }: WordedTurn, conversation: Conversation) {
  if (speaker === undefined || !conversation.hasSeveralSpeakers) return { role, text };
  return { role, text: `${toSpeakerLabel(speaker)}: ${text}` };
}

async function fitTurn(
  message: CountedMessage,
  engine: Engine,
  budget: WindowBudget,
): Promise<CountedMessage> {
  if (message.tokens <= budget.turnTokens) return message;
  return { ...message, ...(await fitMessage(message, engine, budget.turnTokens)) };
}

async function fitMessage<Role extends PromptMessage["role"]>(
  message: { readonly role: Role; readonly text: string },
  engine: Engine,
  maxTokens: number,
): Promise<{ readonly role: Role; readonly text: string; readonly tokens: number }> {
  const { role } = message;
  const count = (text: string): Promise<number> => engine.countTokens({ role, text });
  const tokens = await count(message.text);
  if (tokens <= maxTokens) return { role, text: message.text, tokens };
  const text = await shortenToTokens(message.text, maxTokens, count);
  return { role, text, tokens: await count(text) };
}
