import type { Conversation, Turn } from "../conversation.ts";
import type { UserId } from "../ids.ts";

/** Who speaks here: in a fork, what was copied was said elsewhere, and who said it may never come. */
export function toPeopleHere(
  { ownFrom = Number.NEGATIVE_INFINITY }: Pick<Conversation, "ownFrom">,
  turns: readonly Turn[],
): readonly UserId[] {
  const own = turns.filter(({ position }) => position >= ownFrom);
  return [...new Set(own.flatMap(({ speaker }) => speaker?.id ?? []))];
}
