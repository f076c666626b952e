import type { BaseInteraction } from "discord.js";
import type { Place, Speaker } from "../../chat/place.ts";
import { toUserId } from "../../chat/ids.ts";
import { findPlace } from "../find-place.ts";
import { accessTexts } from "../texts/access.ts";
import { Mistake } from "../texts/mistake.ts";

/** @throws {Mistake} where Familiar cannot read the channel itself */
export async function placeOf(interaction: BaseInteraction): Promise<Place> {
  const { channelId, client } = interaction;
  try {
    if (channelId !== null) return await findPlace(client, channelId);
  } catch {
    // Answered below: whatever the refusal was, the mend is the same.
  }
  throw new Mistake(accessTexts.channelUnseen);
}

export function invokerOf({ member, user }: BaseInteraction): Speaker {
  const nick = member !== null && "nick" in member ? member.nick : undefined;
  const displayName = member !== null && "displayName" in member ? member.displayName : undefined;
  return { id: toUserId(user.id), name: displayName ?? nick ?? user.displayName };
}
