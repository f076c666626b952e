import type { LastReply } from "../conversation.ts";
import type { UserId } from "../ids.ts";
import type { Speaker } from "../place.ts";
import { InvalidInput } from "../problem.ts";

/** A person who controls replies in a place where they may write. */
export interface Controller {
  readonly speaker: Speaker;
  /** May manage other people's messages here. */
  readonly isModerator: boolean;
}

/**
 * What takes a reply away is for whoever asked for it, and for moderators. A reply that nobody is
 * known to have asked for is everyone's.
 *
 * @throws {InvalidInput}
 */
export function assertAsker(
  { isModerator, speaker }: Controller,
  askers: readonly (UserId | undefined)[],
): void {
  const known = askers.filter((id) => id !== undefined);
  if (isModerator || known.length === 0 || known.includes(speaker.id)) return;
  throw new InvalidInput({ kind: "not-asker" });
}

/** @throws {InvalidInput} */
export function assertModerator({ isModerator }: Controller): void {
  if (isModerator) return;
  throw new InvalidInput({ kind: "not-moderator" });
}

/**
 * Of any other, the prompt cannot be written again.
 *
 * @throws {InvalidInput}
 */
export function assertAnswersStored({ answersUnstored }: LastReply): void {
  if (answersUnstored) throw new InvalidInput({ kind: "reply-to-unstored" });
}
