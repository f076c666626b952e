import { maxSystemTokens } from "./fixed-parts.ts";
import type { ChannelId } from "../ids.ts";
import type { Place, Speaker } from "../place.ts";
import type { EffectiveSystemPrompt, Engine, SystemPromptStore } from "../ports.ts";
import { InvalidInput } from "../problem.ts";

/** Discord's limit for a text field of a modal, in UTF-16 units. */
export const MAX_SYSTEM_PROMPT_LENGTH = 4_000;

export interface SystemPromptsDependencies {
  readonly engine: Pick<Engine, "contextTokens" | "countTokens" | "overheadTokens">;
  readonly systemPrompts: SystemPromptStore;
}

/** What the model is told before all else, in each place. */
export class SystemPrompts {
  readonly #dependencies: SystemPromptsDependencies;
  readonly #default: string;

  /** The default holds where nobody has set another. */
  constructor(dependencies: SystemPromptsDependencies, defaultPrompt: string) {
    this.#dependencies = dependencies;
    this.#default = defaultPrompt;
  }

  async effective(place: Place): Promise<EffectiveSystemPrompt> {
    return await this.#dependencies.systemPrompts.effective(place);
  }

  /** The words themselves. */
  async textIn(place: Place): Promise<string> {
    return this.textOf(await this.effective(place));
  }

  textOf({ change }: EffectiveSystemPrompt): string {
    return change?.prompt ?? this.#default;
  }

  /**
   * Holds from the next reply on. Undefined goes back to the parent channel's prompt, or the default.
   *
   * @throws {InvalidInput} when the prompt is empty or leaves no room to talk
   */
  async change(placeId: ChannelId, prompt: string | undefined, by: Speaker): Promise<void> {
    const trimmed = prompt?.trim();
    if (trimmed !== undefined) await this.assertFits(trimmed);
    await this.#dependencies.systemPrompts.change(placeId, trimmed, by);
  }

  /** @throws {InvalidInput} when the prompt is empty or leaves no room to talk */
  async assertFits(prompt: string): Promise<void> {
    const { engine } = this.#dependencies;
    if (prompt === "") throw new InvalidInput({ kind: "system-prompt-empty" });
    const tokens = await engine.countTokens({ role: "system", text: prompt });
    const most = maxSystemTokens(engine);
    if (tokens > most) throw new InvalidInput({ kind: "system-prompt-too-long", tokens, most });
  }
}
