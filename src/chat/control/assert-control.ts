import { FamiliarError } from "../errors.ts";
import type { UserId } from "../ids.ts";
import type { Speaker } from "../place.ts";

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
 * @throws {FamiliarError} `input-invalid`, with a sentence for the person
 */
export function assertAsker(
  { isModerator, speaker }: Controller,
  askers: readonly (UserId | undefined)[],
): void {
  const known = askers.filter((id) => id !== undefined);
  if (isModerator || known.length === 0 || known.includes(speaker.id)) return;
  throw new FamiliarError(
    "input-invalid",
    "Only who asked for this reply, or may manage messages here, can do that.",
  );
}

/** @throws {FamiliarError} `input-invalid`, with a sentence for the person */
export function assertModerator({ isModerator }: Controller): void {
  if (isModerator) return;
  throw new FamiliarError("input-invalid", "You need the Manage Messages permission for that.");
}
