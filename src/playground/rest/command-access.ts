import { ApplicationIntegrationType, InteractionContextType } from "discord-api-types/v10";
import type { Backend } from "../backend.ts";
import {
  type CommandUse,
  contextOf,
  findOwners,
  type Owners,
} from "../interactions/installation.ts";
import { computePermissions, has } from "../world/permissions.ts";
import type { CommandRecord } from "../world/records.ts";

/** By whose installation the person finds the command there; undefined: not at all. */
export function authorizeCommand(
  { world }: Backend,
  record: CommandRecord,
  use: CommandUse,
): Owners | undefined {
  const { channel, userId } = use;
  if (record.guildId !== null && record.guildId !== channel.guildId) return undefined;
  if (!isForContext(record, contextOf(world, channel))) return undefined;
  if (channel.guildId !== null) {
    const permissions = computePermissions(world, channel, userId);
    if (!has(permissions, "UseApplicationCommands")) return undefined;
    if (!hasDefaultPermissions(record, permissions)) return undefined;
  }
  const types = record.command.integration_types ?? [ApplicationIntegrationType.GuildInstall];
  const owners = findOwners(world, use, types);
  return Object.keys(owners).length === 0 ? undefined : owners;
}

export function listUsableCommands(backend: Backend, use: CommandUse): CommandRecord[] {
  return [...backend.world.commands.values()].filter(
    (record) => authorizeCommand(backend, record, use) !== undefined,
  );
}

function isForContext(record: CommandRecord, context: InteractionContextType): boolean {
  const { contexts, dm_permission: allowedInDms } = record.command;
  if (context !== InteractionContextType.Guild && allowedInDms === false) return false;
  return contexts?.includes(context) !== false;
}

/** `"0"` stands for administrators alone. */
function hasDefaultPermissions(record: CommandRecord, permissions: bigint): boolean {
  const needed = record.command.default_member_permissions;
  if (needed === null || has(permissions, "Administrator")) return true;
  return needed !== "0" && (permissions & BigInt(needed)) === BigInt(needed);
}
