import type { BaseInteraction } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { Place, Speaker } from "../../chat/place.ts";
import { toUserId } from "../../chat/ids.ts";
import { findPlace } from "../find-place.ts";

/** @throws {FamiliarError} `input-invalid` where Familiar cannot read the channel itself */
export async function placeOf(interaction: BaseInteraction): Promise<Place> {
  const { channelId, client } = interaction;
  try {
    if (channelId !== null) return await findPlace(client, channelId);
  } catch {
    // Answered below: whatever the refusal was, the mend is the same.
  }
  throw new FamiliarError(
    "input-invalid",
    "I cannot see this channel: give me the View Channel permission here.",
  );
}

export function invokerOf({ member, user }: BaseInteraction): Speaker {
  const nick = member !== null && "nick" in member ? member.nick : undefined;
  const displayName = member !== null && "displayName" in member ? member.displayName : undefined;
  return { id: toUserId(user.id), name: displayName ?? nick ?? user.displayName };
}
