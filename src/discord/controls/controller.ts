import type { BaseInteraction } from "discord.js";
import type { ControlRequest } from "../../chat/control/controls.ts";
import { isModerator } from "../commands/access.ts";
import { invokerOf, placeOf } from "../commands/interaction-place.ts";

/** Who controls replies, and where. */
export async function requestOf(
  interaction: BaseInteraction,
): Promise<Pick<ControlRequest, "by" | "place">> {
  const place = await placeOf(interaction);
  const by = { speaker: invokerOf(interaction), isModerator: isModerator(interaction, place) };
  return { place, by };
}
