import { PermissionFlagsBits } from "discord.js";
import type { BaseInteraction } from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import { FamiliarError } from "../../chat/errors.ts";
import { toUserId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";

/**
 * Who may change how Familiar talks in a place: everyone in their direct messages, who may manage
 * the channel or its threads, and who opened the thread with `/chat`.
 *
 * @throws {FamiliarError} `input-invalid`, with a sentence for the person
 */
export async function assertMayManage(
  interaction: BaseInteraction,
  familiar: Familiar,
  place: Place,
): Promise<void> {
  if (place.kind === "direct") return;
  const { ManageChannels, ManageThreads } = PermissionFlagsBits;
  const permissions = interaction.memberPermissions;
  if (permissions?.has(ManageChannels) === true) return;
  if (place.kind === "channel") {
    throw new FamiliarError("input-invalid", "You need the Manage Channels permission for that.");
  }
  if (permissions?.has(ManageThreads) === true) return;
  const conversation = await familiar.find(place.id);
  if (conversation?.openedBy === toUserId(interaction.user.id)) return;
  throw new FamiliarError(
    "input-invalid",
    "Only who opened this thread with `/chat`, or may manage threads here, can do that.",
  );
}
