import { PermissionFlagsBits } from "discord.js";
import type { BaseInteraction } from "discord.js";
import type { ControlRequest } from "../../chat/control/controls.ts";
import { FamiliarError } from "../../chat/errors.ts";
import type { Place } from "../../chat/place.ts";
import { invokerOf, placeOf } from "../commands/interaction-place.ts";

/**
 * Who controls replies, and where. Those may who may write there.
 *
 * @throws {FamiliarError} `input-invalid`, with a sentence for the person
 */
export async function requestOf(
  interaction: BaseInteraction,
): Promise<Pick<ControlRequest, "by" | "place">> {
  const place = await placeOf(interaction);
  assertMayWrite(interaction, place);
  const isModerator =
    place.kind === "direct" ||
    interaction.memberPermissions?.has(PermissionFlagsBits.ManageMessages) === true;
  return { place, by: { speaker: invokerOf(interaction), isModerator } };
}

function assertMayWrite(interaction: BaseInteraction, place: Place): void {
  const { SendMessages, SendMessagesInThreads } = PermissionFlagsBits;
  const needed = place.kind === "thread" ? SendMessagesInThreads : SendMessages;
  if (place.kind === "direct" || interaction.memberPermissions?.has(needed) === true) return;
  throw new FamiliarError("input-invalid", "Only those who may write here can do that.");
}
