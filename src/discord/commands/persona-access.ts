import { PermissionFlagsBits, Team } from "discord.js";
import type { BaseInteraction } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import { toGuildId } from "../../chat/ids.ts";
import type { GuildId } from "../../chat/ids.ts";

/** In a server its own library, in direct messages the owner's. */
export function libraryOf({ guildId }: BaseInteraction): GuildId | undefined {
  return guildId === null ? undefined : toGuildId(guildId);
}

/**
 * Who may change a library: in a server who may manage it or its channels, in direct messages
 * Familiar's owner.
 *
 * @throws {FamiliarError} `input-invalid`, with a sentence for the person
 */
export async function assertMayChangeLibrary(interaction: BaseInteraction): Promise<void> {
  if (interaction.guildId !== null) {
    const { ManageChannels, ManageGuild } = PermissionFlagsBits;
    if (interaction.memberPermissions?.any([ManageChannels, ManageGuild]) === true) return;
    throw refused("You need the Manage Server or the Manage Channels permission for that.");
  }
  if (await isOwner(interaction)) return;
  throw refused("Personas for all servers are my owner's: make yours in a server.");
}

/** @throws {FamiliarError} `input-invalid`, with a sentence for the person */
export function assertMayManageServer({ memberPermissions }: BaseInteraction): void {
  if (memberPermissions?.has(PermissionFlagsBits.ManageGuild) === true) return;
  throw refused("You need the Manage Server permission for that.");
}

async function isOwner({ client, user }: BaseInteraction): Promise<boolean> {
  const known = client.application?.owner ?? null;
  const owner = known ?? (await client.application?.fetch())?.owner ?? null;
  return owner instanceof Team ? owner.members.has(user.id) : owner?.id === user.id;
}

function refused(sentence: string): FamiliarError {
  return new FamiliarError("input-invalid", sentence);
}
