import { maxSystemTokens } from "./fixed-parts.ts";
import { FamiliarError } from "../errors.ts";
import type { ChannelId } from "../ids.ts";
import type { Speaker } from "../place.ts";
import type { Engine, SystemPromptStore } from "../ports.ts";

/** Discord's limit for a text field of a modal, in UTF-16 units. */
export const MAX_SYSTEM_PROMPT_LENGTH = 4_000;

export interface SystemPromptDependencies {
  readonly engine: Engine;
  readonly systemPrompts: SystemPromptStore;
}

/**
 * Sets a place's system prompt from its next reply on; undefined goes back to the default.
 *
 * @throws {FamiliarError} `input-invalid` when the prompt is empty or leaves no room to talk
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

/** @throws {FamiliarError} `input-invalid`, with a sentence for the person who wrote the prompt */
export async function assertFits(engine: Engine, prompt: string): Promise<void> {
  if (prompt === "") {
    throw new FamiliarError(
      "input-invalid",
      "The system prompt is empty: write one, or use `/system reset` to go back to the default.",
    );
  }
  const tokens = await engine.countTokens({ role: "system", text: prompt });
  const most = maxSystemTokens(engine);
  if (tokens > most) {
    throw new FamiliarError(
      "input-invalid",
      `This system prompt takes ${tokens} tokens, and at most ${most} leave room to talk: shorten it.`,
    );
  }
}
