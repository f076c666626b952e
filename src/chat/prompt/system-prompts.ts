import { maxSystemTokens } from "./fixed-parts.ts";
import type { ChannelId } from "../ids.ts";
import type { Speaker } from "../place.ts";
import type { Engine, SystemPromptStore } from "../ports.ts";
import { InvalidInput } from "../problem.ts";

/** Discord's limit for a text field of a modal, in UTF-16 units. */
export const MAX_SYSTEM_PROMPT_LENGTH = 4_000;

export interface SystemPromptDependencies {
  readonly engine: Engine;
  readonly systemPrompts: SystemPromptStore;
}

/**
 * Sets a place's system prompt from its next reply on; undefined goes back to the default.
 *
 * @throws {InvalidInput} when the prompt is empty or leaves no room to talk
 */
export async function changeSystemPrompt(
  { engine, systemPrompts }: SystemPromptDependencies,
  placeId: ChannelId,
  change: { readonly prompt: string | undefined; readonly by: Speaker },
): Promise<void> {
  const prompt = change.prompt?.trim();
  if (prompt !== undefined) await assertFits(engine, prompt);
  await systemPrompts.change(placeId, prompt, change.by);
}

/** @throws {InvalidInput} when the prompt is empty or leaves no room to talk */
export async function assertFits(engine: Engine, prompt: string): Promise<void> {
  if (prompt === "") throw new InvalidInput({ kind: "system-prompt-empty" });
  const tokens = await engine.countTokens({ role: "system", text: prompt });
  const most = maxSystemTokens(engine);
  if (tokens > most) throw new InvalidInput({ kind: "system-prompt-too-long", tokens, most });
}
