import { ApplicationIntegrationType, PermissionFlagsBits } from "discord.js";
import type { BaseInteraction } from "discord.js";

/** Whether Familiar is only there because the person installed it for themselves. */
export function isGuest({ authorizingIntegrationOwners }: BaseInteraction): boolean {
  return authorizingIntegrationOwners[ApplicationIntegrationType.GuildInstall] === undefined;
}

/** Discord shows the answer to nobody else where the person may not use apps of their own. */
export function isHiddenByDiscord(interaction: BaseInteraction): boolean {
  if (!isGuest(interaction) || interaction.guildId === null) return false;
  return interaction.memberPermissions?.has(PermissionFlagsBits.UseExternalApps) === false;
}
