import { GatewayIntentBits } from "discord-api-types/v10";
import { missingAccess, unknownChannel, unknownGuild, unknownMessage } from "../rest/api-error.ts";
import {
  computePermissions,
  mayView,
  type PermissionName,
  requirePermissions,
} from "./permissions.ts";
import type { Viewer } from "./present-message.ts";
import type { ChannelRecord, GuildRecord, MessageRecord } from "./records.ts";
import type { Call } from "../rest/routing.ts";

/** The channel of the path: error 10003 when there is none, 50001 when the caller cannot see it. */
export function findChannel(call: Call): ChannelRecord {
  const channel = call.backend.world.channels.find(call.id("channelId"));
  if (channel === undefined) throw unknownChannel();
  if (!mayView(call.backend.world, channel, call.user.id)) throw missingAccess();
  return channel;
}

export function findMessage(call: Call, channel: ChannelRecord): MessageRecord {
  const message = call.backend.world.messages.find(channel.id, call.id("messageId"));
  if (message === undefined) throw unknownMessage();
  return message;
}

/** The guild of the path, for its members only. */
export function findGuild(call: Call): GuildRecord {
  const guild = call.backend.world.guilds.find(call.id("guildId"));
  if (guild?.members.some((member) => member.userId === call.user.id) !== true)
    throw unknownGuild();
  return guild;
}

export function permissionsIn(call: Call, channel: ChannelRecord): bigint {
  return computePermissions(call.backend.world, channel, call.user.id);
}

export function requireIn(
  call: Call,
  channel: ChannelRecord,
  ...names: readonly PermissionName[]
): void {
  requirePermissions(permissionsIn(call, channel), ...names);
}

/** A bot that may not have the message content on the gateway does not get it here either. */
export function toViewer(call: Call): Viewer {
  const denied = (call.backend.faults.deniedIntents & GatewayIntentBits.MessageContent) !== 0;
  return { userId: call.user.id, readsContent: !call.user.bot || !denied };
}
