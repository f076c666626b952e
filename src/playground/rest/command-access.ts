import { InteractionContextType } from "discord-api-types/v10";
import type { Backend } from "../backend.ts";
import { computePermissions, has } from "../world/permissions.ts";
import type { ChannelRecord, CommandRecord } from "../world/records.ts";

/** Whether the person finds the command there: its guild, its contexts, its default permissions. */
export function mayUseCommand(
  backend: Backend,
  record: CommandRecord,
  use: { readonly userId: string; readonly channel: ChannelRecord },
): boolean {
  const { world } = backend;
  const { channel, userId } = use;
  if (record.guildId !== null && record.guildId !== channel.guildId) return false;
  if (channel.guildId === null) return isForDms(backend, record, channel);
  if (record.command.contexts?.includes(InteractionContextType.Guild) === false) return false;
  const guild = world.guilds.find(channel.guildId);
  if (guild === undefined || world.findMember(guild.id, world.application.botUserId) === undefined)
    return false;
  if (!has(computePermissions(world, channel, userId), "UseApplicationCommands")) return false;
  return hasDefaultPermissions(record, computePermissions(world, channel, userId));
}

export function listUsableCommands(
  backend: Backend,
  use: { readonly userId: string; readonly channel: ChannelRecord },
): CommandRecord[] {
  return [...backend.world.commands.values()].filter((record) =>
    mayUseCommand(backend, record, use),
  );
}

function isForDms(backend: Backend, record: CommandRecord, channel: ChannelRecord): boolean {
  const withBot = channel.recipientIds.includes(backend.world.application.botUserId);
  const { contexts, dm_permission: allowedInDms } = record.command;
  return (
    withBot && allowedInDms !== false && contexts?.includes(InteractionContextType.BotDM) !== false
  );
}

/** `"0"` stands for administrators alone. */
function hasDefaultPermissions(record: CommandRecord, permissions: bigint): boolean {
  const needed = record.command.default_member_permissions;
  if (needed === null || has(permissions, "Administrator")) return true;
  return needed !== "0" && (permissions & BigInt(needed)) === BigInt(needed);
}
