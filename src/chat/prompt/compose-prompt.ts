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
  const turns = await conversations.view(conversation);
  const system = await fitSystemPrompt(conversation, engine, settings);
  const fixedTokens = engine.overheadTokens + system.tokens;
  const { contextTokens } = engine;
  const { maxReplyTokens } = settings;
  const budget = toWindowBudget({ contextTokens, fixedTokens, maxReplyTokens });

  const counted = await countTurns(sources, conversation, turns);
  const history = await Promise.all(counted.map((message) => fitTurn(message, engine, budget)));
  const kept = await trim(sources, conversation, { history, budget });

  const promptTokens = kept.reduce((sum, message) => sum + message.tokens, fixedTokens);
  return {
    messages: [...system.messages, ...kept.map(({ role, text }) => ({ role, text }))],
    promptTokens,
    maxTokens: Math.max(1, Math.min(maxReplyTokens, contextTokens - promptTokens)),
  };
}

/** The longest system prompt that leaves room to talk, in tokens. */
export function maxSystemTokens(engine: Engine): number {
  return Math.floor(engine.contextTokens / 2);
}

/**
 * Never left out; one that outgrew the context, after a change of model say, loses its middle.
 */
async function fitSystemPrompt(
  conversation: Conversation,
  engine: Engine,
  settings: PromptSettings,
): Promise<{ readonly messages: readonly PromptMessage[]; readonly tokens: number }> {
  const text = conversation.systemPrompt ?? settings.defaultSystemPrompt;
  if (text === "") return { messages: [], tokens: 0 };
  const message = { role: "system", text } as const;
  const { tokens, ...fitted } = await fitMessage(message, engine, maxSystemTokens(engine));
  return { messages: [fitted], tokens };
}

/** Counts only the turns that have no count on this basis yet, and keeps what it counted. */
async function countTurns(
  { engine, conversations }: PromptSources,
  conversation: Conversation,
  turns: readonly Turn[],
): Promise<readonly CountedMessage[]> {
  const basis = countBasis(engine, conversation);
  const fresh = new Map<RowId, TokenCount>();
  const messages = await Promise.all(
    turns.map(async (turn): Promise<CountedMessage> => {
      const message = toPromptMessage(turn, conversation);
      if (turn.count?.basis === basis) return { ...message, turn, tokens: turn.count.tokens };
      const tokens = await engine.countTokens(message);
      fresh.set(turn.id, { tokens, basis });
      return { ...message, turn, tokens };
    }),
  );
  if (fresh.size > 0) await conversations.saveCounts(fresh);
  return messages;
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

/** Moves the window's beginning, stored so that it holds over a restart, when the budget is full. */
async function trim(
  { conversations }: PromptSources,
  conversation: Conversation,
  window: { readonly history: readonly CountedMessage[]; readonly budget: WindowBudget },
): Promise<readonly CountedMessage[]> {
  const trimmed = countTrimmedTurns(window.history, window.budget.historyTokens);
  const kept = window.history.slice(trimmed);
  const first = kept[0];
  if (trimmed > 0 && first !== undefined) {
    await conversations.moveWindow(conversation.id, first.turn.position);
  }
  return kept;
}
