import type { Conversation, RowId, TokenCount, Turn } from "../conversation.ts";
import type { Speaker } from "../place.ts";
import type { Engine } from "../ports.ts";
import type { CountedMessage } from "./fill-window.ts";
import { nameSpeakers, toSpeakerLabel } from "./speaker.ts";

/** Counts only the turns that have no count on this basis yet. */
export async function countTurns(
  engine: Engine,
  conversation: Conversation,
  { nameOf, turns }: { readonly nameOf: NameSpeaker; readonly turns: readonly Turn[] },
): Promise<{
  readonly messages: readonly CountedMessage[];
  readonly freshCounts: ReadonlyMap<RowId, TokenCount>;
}> {
  const freshCounts = new Map<RowId, TokenCount>();
  const messages = await Promise.all(
    turns.map(async (turn): Promise<CountedMessage> => {
      const { message, way } = writeTurn(turn, conversation, nameOf);
      const basis = toCountBasis(engine, way);
      if (turn.count?.basis === basis) return { ...message, turn, tokens: turn.count.tokens };
      const tokens = await engine.countTokens(message);
      freshCounts.set(turn.id, { tokens, basis });
      return { ...message, turn, tokens };
    }),
  );
  return { messages, freshCounts };
}

/** Counts hold for one tokenizer and one way to write a turn. */
function toCountBasis(engine: Pick<Engine, "countBasis">, way: string): string {
  return `${engine.countBasis}/${way}`;
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
    const { message, way } = writeTurn(turn, conversation, nameIn(conversation, [turn]));
    return { tokens: await engine.countTokens(message), basis: toCountBasis(engine, way) };
  } catch {
    return undefined;
  }
}

type WordedTurn = Pick<Turn, "character" | "role" | "speaker" | "text">;

/** How someone is called. */
export type NameSpeaker = (speaker: Speaker) => string;

/** How people are called in a prompt with these turns. */
export function nameIn(
  { persona }: Conversation,
  turns: readonly Pick<Turn, "speaker">[],
): NameSpeaker {
  const speakers = turns.flatMap(({ speaker }) => speaker ?? []);
  return nameSpeakers(speakers, persona === undefined ? [] : [persona.content.name]);
}

/** As the model reads it, and the way in which it is written: without names, or with which. */
function writeTurn(
  { character, role, speaker, text }: WordedTurn,
  { hasSeveralSpeakers }: Conversation,
  nameOf: NameSpeaker,
) {
  const way = hasSeveralSpeakers ? "named" : "plain";
  if (character !== undefined) return { message: { role, text: `${character}: ${text}` }, way };
  if (speaker === undefined || !hasSeveralSpeakers) return { message: { role, text }, way };
  const name = nameOf(speaker);
  const addition = name.slice(toSpeakerLabel(speaker).length);
  return { message: { role, text: `${name}: ${text}` }, way: `${way}${addition}` };
}
