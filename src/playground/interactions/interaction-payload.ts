import {
  ApplicationCommandOptionType as OptionType,
  InteractionContextType,
} from "discord-api-types/v10";
import type { Backend } from "../backend.ts";
import { flattenOptions } from "../rest/command-options.ts";
import type { Interaction } from "./interactions.ts";
import { computePermissions } from "../world/permissions.ts";
import { toChannel, toPartialMember, toRole, toUser } from "../world/present.ts";
import { toMessage } from "../world/present-message.ts";
import type { ChannelRecord, MessageRecord } from "../world/records.ts";

/** What the bot gets of an interaction: interactions/receiving-and-responding. */
export function toInteractionEvent(
  backend: Backend,
  interaction: Interaction,
  data: Record<string, unknown>,
): Record<string, unknown> {
  const { world } = backend;
  const channel = world.channels.find(interaction.channelId);
  const source =
    interaction.sourceMessageId === null
      ? undefined
      : findAnyMessage(backend, interaction.channelId, interaction.sourceMessageId);
  const botId = world.application.botUserId;
  return {
    id: interaction.id,
    application_id: world.application.id,
    type: interaction.type,
    data,
    token: interaction.token,
    version: 1,
    channel_id: interaction.channelId,
    locale: "en-US",
    entitlements: [],
    attachment_size_limit: 10 * 1024 * 1024,
    ...(channel === undefined ? {} : toPlace(backend, interaction, channel)),
    ...(source === undefined
      ? {}
      : { message: toMessage(world, source, { userId: botId, readsContent: true }) }),
  };
}

export function findAnyMessage(
  backend: Backend,
  channelId: string,
  messageId: string,
): MessageRecord | undefined {
  return (
    backend.world.messages.find(channelId, messageId) ??
    backend.interactions.findEphemeral(messageId)
  );
}

/** The users, members, roles and channels that a command's options name. */
export function resolveIds(
  backend: Backend,
  channel: ChannelRecord,
  ids: readonly string[],
): Record<string, unknown> {
  const { world } = backend;
  const guild = world.guilds.find(channel.guildId ?? "");
  const users: Record<string, unknown> = {};
  const members: Record<string, unknown> = {};
  const roles: Record<string, unknown> = {};
  const channels: Record<string, unknown> = {};
  for (const id of ids) {
    const user = world.users.find(id);
    const member = guild && world.findMember(guild.id, id);
    const role = guild?.roles.find((candidate) => candidate.id === id);
    const named = world.channels.find(id);
    if (user !== undefined) users[id] = toUser(user);
    if (member !== undefined) {
      const permissions = String(computePermissions(world, channel, id));
      members[id] = { ...toPartialMember(member), permissions };
    }
    if (role !== undefined) roles[id] = toRole(role);
    if (named !== undefined) channels[id] = toChannel(world, named, id);
  }
  const all = { users, members, roles, channels };
  return Object.fromEntries(
    Object.entries(all).filter(([, entries]) => Object.keys(entries).length > 0),
  );
}

const entityTypes: ReadonlySet<OptionType> = new Set([
  OptionType.User,
  OptionType.Channel,
  OptionType.Role,
  OptionType.Mentionable,
]);

/** The ids given for options of the types user, channel, role and mentionable. */
export function idsInOptions(options: Parameters<typeof flattenOptions>[0]): string[] {
  return flattenOptions(options)
    .filter((option) => entityTypes.has(option.type))
    .map((option) => String(option.value));
}

function toPlace(
  backend: Backend,
  interaction: Interaction,
  channel: ChannelRecord,
): Record<string, unknown> {
  const { world } = backend;
  const botId = world.application.botUserId;
  const permissions = String(computePermissions(world, channel, interaction.userId));
  const shared = {
    channel: { ...toChannel(world, channel, botId), permissions },
    app_permissions: String(computePermissions(world, channel, botId)),
  };
  const user = toUser(world.user(interaction.userId));
  const { guildId } = interaction;
  const member = guildId === null ? undefined : world.findMember(guildId, interaction.userId);
  if (guildId === null || member === undefined)
    return {
      ...shared,
      user,
      context: InteractionContextType.BotDM,
      authorizing_integration_owners: { "0": "0" },
    };
  return {
    ...shared,
    guild_id: guildId,
    guild: { id: guildId, locale: "en-US", features: [] },
    guild_locale: "en-US",
    member: { ...toPartialMember(member), user, permissions },
    context: InteractionContextType.Guild,
    authorizing_integration_owners: { "0": guildId },
  };
}
