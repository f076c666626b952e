import type { Token } from "node-llama-cpp";
import type { PromptMessage } from "../../chat/ports.ts";

/** How a model wants its prompts written and how it ends its replies. */
export interface PromptFormat {
  readonly name: string;
  /** Tokens of a prompt that belong to no message. */
  readonly overheadTokens: number;
  countTokens(message: PromptMessage): number;
  /** `continues` is the beginning of the reply, from whose end the model goes on. */
  toPrompt(messages: readonly PromptMessage[], continues?: string): Prompt;
}

export interface Prompt {
  readonly tokens: readonly Token[];
  /** A reply ends at one of these tokens, besides the model's own ends of generation. */
  readonly stopTokens: ReadonlySet<Token>;
  /** A reply ends at one of these texts, and shows none of them. */
  readonly stopTexts: readonly string[];
  /** So many tokens at its beginning are the system prompt, which other conversations may share. */
  readonly systemTokens: number;
}
