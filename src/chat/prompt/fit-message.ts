import type { Engine, PromptMessage } from "../ports.ts";
import { shortenToTokens } from "./shorten.ts";

export interface FittedMessage<Role extends PromptMessage["role"]> {
  readonly role: Role;
  readonly text: string;
  readonly tokens: number;
}

/** The message as it is, or without its middle where it takes more than `maxTokens`. */
export async function fitMessage<Role extends PromptMessage["role"]>(
  { role, text }: { readonly role: Role; readonly text: string },
  engine: Pick<Engine, "countTokens">,
  maxTokens: number,
): Promise<FittedMessage<Role>> {
  const count = (words: string): Promise<number> => engine.countTokens({ role, text: words });
  const tokens = await count(text);
  if (tokens <= maxTokens) return { role, text, tokens };
  const shortened = await shortenToTokens(text, maxTokens, count);
  return { role, text: shortened, tokens: await count(shortened) };
}
