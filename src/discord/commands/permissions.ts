import { PermissionFlagsBits } from "discord.js";
import type { BaseInteraction } from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import { toUserId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import { accessTexts } from "../texts/access.ts";
import { Mistake } from "../texts/mistake.ts";

/**
 * Who may change how Familiar talks in a place: everyone in their direct messages, who may manage
 * the channel or its threads, and who opened the thread with `/chat`.
 */
export async function mayManage(
  interaction: BaseInteraction,
  familiar: Familiar,
  place: Place,
): Promise<boolean> {
  const { ManageChannels, ManageThreads } = PermissionFlagsBits;
  const permissions = interaction.memberPermissions;
  if (place.kind === "direct" || permissions?.has(ManageChannels) === true) return true;
  if (place.kind === "channel") return false;
  if (permissions?.has(ManageThreads) === true) return true;
  const conversation = await familiar.find(place.id);
  return conversation?.openedBy === toUserId(interaction.user.id);
}

/**
 * The same, told to who may not.
 *
 * @throws {Mistake}
 */
export async function assertMayManage(
  interaction: BaseInteraction,
  familiar: Familiar,
  place: Place,
): Promise<void> {
  if (await mayManage(interaction, familiar, place)) return;
  throw new Mistake(
    place.kind === "channel" ? accessTexts.manageChannels : accessTexts.manageThread,
  );
}
