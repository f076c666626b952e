import type { RowId } from "../conversation.ts";
import type { MeantWords } from "./expand-names.ts";

/** The lorebooks that personas brought with their cards. */
export interface Lore {
  /**
   * What a lorebook has to say to a conversation; the same for the same request. Undefined where
   * the persona has none.
   */
  select(request: LoreRequest): Promise<SelectedLore | undefined>;
}

export interface LoreRequest {
  readonly personaId: RowId;
  /** Put in the place of `{{char}}`, `{{user}}` and `{{date}}`, in keys and texts alike. */
  readonly names: MeantWords;
  /** What was said, oldest first, up to what the reply answers. */
  readonly messages: readonly string[];
  /** Decides what comes by chance: each turn has its own, whatever else is asked about it. */
  readonly turn: number;
  /** At most this for all texts, each counted as a message of its own. */
  readonly maxTokens: number;
}

/** Texts for a prompt, with the names put in, each list in its order. */
export interface SelectedLore {
  /** In every prompt, whatever is said: for the place before the description of the character. */
  readonly before: readonly string[];
  /** The same, for the place after it. */
  readonly after: readonly string[];
  /** What the moment calls for. */
  readonly late: readonly string[];
  /** The most that `late` takes, whatever is said. */
  readonly mostLateTokens: number;
}
