import { ApplicationIntegrationType, InteractionContextType } from "discord-api-types/v10";
import { bits, computePermissions } from "../world/permissions.ts";
import type { ChannelRecord } from "../world/records.ts";
import type { World } from "../world/world.ts";

/** Who installed the application, by kind: the guild, or "0" in a DM with the bot; and the user. */
export type Owners = Readonly<Record<string, string>>;

const { GuildInstall, UserInstall } = ApplicationIntegrationType;

export interface CommandUse {
  readonly userId: string;
  readonly channel: ChannelRecord;
}

export function contextOf(world: World, channel: ChannelRecord): InteractionContextType {
  if (channel.guildId !== null) return InteractionContextType.Guild;
  return channel.recipientIds.includes(world.application.botUserId)
    ? InteractionContextType.BotDM
    : InteractionContextType.PrivateChannel;
}

/** interactions, "authorizing integration owners object". Empty: the application is not installed there. */
export function findOwners(
  world: World,
  { userId, channel }: CommandUse,
  types: readonly ApplicationIntegrationType[],
): Owners {
  const guildId = findInstalledGuild(world, channel);
  const hasInstalled = world.application.installedBy.includes(userId);
  return {
    ...(types.includes(GuildInstall) && guildId !== undefined ? { [GuildInstall]: guildId } : {}),
    ...(types.includes(UserInstall) && hasInstalled ? { [UserInstall]: userId } : {}),
  };
}

/** Whether the bot itself is elsewhere: then it can only answer. */
export function isUserInstalledOnly(owners: Owners): boolean {
  return owners[GuildInstall] === undefined && owners[UserInstall] !== undefined;
}

/** Where the bot is not, the few that Discord grants an answer. */
export function computeAppPermissions(world: World, channel: ChannelRecord): bigint {
  const granted = bits("AttachFiles", "EmbedLinks", "MentionEveryone");
  const own = computePermissions(world, channel, world.application.botUserId);
  if (channel.guildId === null) return own | granted;
  return findInstalledGuild(world, channel) === undefined ? granted : own;
}

function findInstalledGuild(world: World, channel: ChannelRecord): string | undefined {
  const { guildId } = channel;
  if (guildId === null)
    return contextOf(world, channel) === InteractionContextType.BotDM ? "0" : undefined;
  return world.findMember(guildId, world.application.botUserId) === undefined ? undefined : guildId;
}
