import type { Conversation, Turn } from "../conversation.ts";
import type { MeantWords } from "../persona/expand-names.ts";
import type { Lore, SelectedLore } from "../persona/lore.ts";
import type { Engine } from "../ports.ts";
import type { SystemText } from "./system-text.ts";

const NO_ENTRIES: SelectedLore = { before: [], after: [], late: [], mostLateTokens: 0 };

export interface ReadLoreRequest {
  readonly conversation: Conversation;
  readonly turns: readonly Turn[];
  readonly names: MeantWords;
  readonly described: SystemText;
  readonly room: LoreRoom;
}

interface LoreRoom {
  /** For all fixed parts of a prompt, in tokens. */
  readonly most: number;
  /** What is left of it for the system prompt and the lorebook. */
  readonly left: number;
}

export interface ReadLore {
  readonly entries: SelectedLore;
  /** Of the system prompt without any entry; undefined where there is no lorebook. */
  readonly aloneTokens: number | undefined;
}

/**
 * What the lorebook says to the newest thing that a person said: whatever Familiar replies to that,
 * or how often it does, the prompt is the same.
 */
export async function readLore(
  { engine, lore }: { readonly engine: Pick<Engine, "countTokens">; readonly lore: Lore },
  { conversation, described, names, room, turns }: ReadLoreRequest,
): Promise<ReadLore> {
  const personaId = conversation.persona?.lorebook;
  const none = { entries: NO_ENTRIES, aloneTokens: undefined };
  if (personaId === undefined) return none;
  const text = described.toText(NO_ENTRIES);
  const aloneTokens = await engine.countTokens({ role: "system", text });
  const said = turns.slice(0, turns.findLastIndex(({ role }) => role === "user") + 1);
  const entries = await lore.select({
    personaId,
    names,
    messages: said.map((turn) => turn.text),
    turn: said.at(-1)?.position ?? 0,
    maxTokens: toMostTokens(room, aloneTokens),
  });
  return entries === undefined ? none : { entries, aloneTokens };
}

/** Half of what all fixed parts may take, where a long system prompt leaves that; a quarter in any case. */
function toMostTokens({ left, most }: LoreRoom, aloneTokens: number): number {
  const free = Math.min(Math.floor(most / 2), left - aloneTokens);
  return Math.max(Math.floor(most / 4), free);
}
