import { PermissionFlagsBits, Team } from "discord.js";
import type { BaseInteraction } from "discord.js";
import { toGuildId } from "../../chat/ids.ts";
import type { GuildId } from "../../chat/ids.ts";
import { accessTexts } from "../texts/access.ts";
import { Mistake } from "../texts/mistake.ts";

/** In a server its own library, in direct messages the owner's. */
export function libraryOf({ guildId }: BaseInteraction): GuildId | undefined {
  return guildId === null ? undefined : toGuildId(guildId);
}

/**
 * Who may change a library: in a server who may manage it or its channels, in direct messages
 * Familiar's owner.
 *
 * @throws {Mistake}
 */
export async function assertMayChangeLibrary(interaction: BaseInteraction): Promise<void> {
  if (interaction.guildId !== null) {
    const { ManageChannels, ManageGuild } = PermissionFlagsBits;
    if (interaction.memberPermissions?.any([ManageChannels, ManageGuild]) === true) return;
    throw new Mistake(accessTexts.manageServerOrChannels);
  }
  if (await isOwner(interaction)) return;
  throw new Mistake(accessTexts.owner);
}

export function mayManageServer({ memberPermissions }: BaseInteraction): boolean {
  return memberPermissions?.has(PermissionFlagsBits.ManageGuild) === true;
}

/** @throws {Mistake} */
export function assertMayManageServer(interaction: BaseInteraction): void {
  if (mayManageServer(interaction)) return;
  throw new Mistake(accessTexts.manageServer);
}

async function isOwner({ client, user }: BaseInteraction): Promise<boolean> {
  const known = client.application?.owner ?? null;
  const owner = known ?? (await client.application?.fetch())?.owner ?? null;
  return owner instanceof Team ? owner.members.has(user.id) : owner?.id === user.id;
}
