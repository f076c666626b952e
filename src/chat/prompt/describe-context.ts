import { toChatMl } from "./chat-ml.ts";
import { outlinePrompt } from "./compose-prompt.ts";
import type { PromptOutline, PromptPart, PromptSettings, PromptSources } from "./compose-prompt.ts";
import { CHAT_ML_CONTROL_TEXTS } from "./control-text.ts";
import type { ChannelId } from "../ids.ts";
import type { ConversationStore, PromptMessage, WindowEdge } from "../ports.ts";

export interface ContextPart {
  readonly name: PromptPart["name"] | "reserve" | "free";
  readonly tokens: number;
}

/** What the model would read if it had to reply now. */
export interface ContextDescription {
  readonly messages: readonly PromptMessage[];
  /** In the order in which they fill the context; together they are all of it. */
  readonly parts: readonly ContextPart[];
  readonly contextTokens: number;
  /** Where what the model sees of the history begins. */
  readonly edge: WindowEdge;
}

export interface ContextSources extends PromptSources {
  readonly conversations: PromptSources["conversations"] & Pick<ConversationStore, "edge" | "find">;
}

/** Undefined for a place without a conversation. Looking changes nothing: no window, no count. */
export async function describeContext(
  sources: ContextSources,
  settings: PromptSettings,
  placeId: ChannelId,
): Promise<ContextDescription | undefined> {
  const { conversations, engine } = sources;
  const conversation = await conversations.find(placeId);
  if (conversation === undefined) return undefined;
  const outline = await outlinePrompt(sources, conversation, settings);
  const position = outline.firstPosition ?? conversation.windowStart;
  return {
    messages: outline.messages,
    parts: fillContext(outline, engine.contextTokens),
    contextTokens: engine.contextTokens,
    edge: await conversations.edge(conversation.id, position),
  };
}

/**
 * The prompt's parts, then the reserve and what is free. A prompt that outgrew the context, one too
 * small for its shortened turns, leaves neither.
 */
export function fillContext(
  { parts, reserveTokens }: Pick<PromptOutline, "parts" | "reserveTokens">,
  contextTokens: number,
): readonly ContextPart[] {
  const left = parts.reduce((rest, { tokens }) => rest - tokens, contextTokens);
  const reserve = Math.max(0, Math.min(reserveTokens, left));
  return [
    ...parts,
    { name: "reserve", tokens: reserve },
    { name: "free", tokens: Math.max(0, left - reserve) },
  ];
}

export interface RawPrompt {
  readonly text: string;
  /** Stretches of what was written that read like control tokens and are none. */
  readonly lookalikes: number;
}

/** A prompt as ChatML for people to read; no engine ever reads it, since control tokens are text here. */
export function renderRawPrompt(messages: readonly PromptMessage[]): RawPrompt {
  const segments = toChatMl(messages);
  const texts = segments.map((segment) =>
    segment.kind === "control" ? segment.name : segment.text,
  );
  const written = segments.flatMap((segment) => (segment.kind === "text" ? segment.text : []));
  return {
    text: texts.join(""),
    lookalikes: written.reduce((sum, text) => sum + countControlTexts(text), 0),
  };
}

function countControlTexts(text: string): number {
  return CHAT_ML_CONTROL_TEXTS.reduce((sum, name) => sum + text.split(name).length - 1, 0);
}
