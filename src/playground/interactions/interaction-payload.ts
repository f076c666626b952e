import { ApplicationCommandOptionType as OptionType } from "discord-api-types/v10";
import type { Backend } from "../backend.ts";
import { flattenOptions } from "../rest/command-options.ts";
import { computeAppPermissions, contextOf } from "./installation.ts";
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
    locale: interaction.locale,
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

export interface NamedIds {
  readonly users?: readonly string[];
  readonly roles?: readonly string[];
  readonly channels?: readonly string[];
}

/** By kind, then id. */
export type Resolved = Record<string, Record<string, unknown>>;

/** The users, members, roles and channels that ids name; kinds without any are left out. */
export function resolveIds(
  { world }: Backend,
  channel: ChannelRecord,
  { users = [], roles = [], channels = [] }: NamedIds,
): Resolved {
  const guild = world.guilds.find(channel.guildId ?? "");
  const findRole = (id: string) => guild?.roles.find((role) => role.id === id);
  const findChannel = (id: string) => {
    const named = world.channels.find(id);
    return named?.guildId === channel.guildId ? named : undefined;
  };
  const all: Resolved = {
    users: collect(
      users,
      (id) => world.users.find(id),
      (user) => toUser(user),
    ),
    members: collect(
      users,
      (id) => guild && world.findMember(guild.id, id),
      (member) => ({
        ...toPartialMember(member),
        permissions: String(computePermissions(world, channel, member.userId)),
      }),
    ),
    roles: collect(roles, findRole, toRole),
    channels: collect(channels, findChannel, (named) => toChannel(world, named)),
  };
  return Object.fromEntries(
    Object.entries(all).filter(([, entities]) => Object.keys(entities).length > 0),
  );
}

/** What is found, as it is shown, by id. */
function collect<T>(
  ids: readonly string[],
  find: (id: string) => T | undefined,
  show: (found: T) => unknown,
): Record<string, unknown> {
  return Object.fromEntries(
    ids.flatMap((id) => {
      const found = find(id);
      return found === undefined ? [] : [[id, show(found)]];
    }),
  );
}

/** The ids given for options of the types user, channel, role and mentionable. */
export function idsInOptions(options: Parameters<typeof flattenOptions>[0]): NamedIds {
  const flat = flattenOptions(options);
  const ofTypes = (...types: readonly OptionType[]): string[] =>
    flat.filter(({ type }) => types.includes(type)).map(({ value }) => String(value));
  return {
    users: ofTypes(OptionType.User, OptionType.Mentionable),
    roles: ofTypes(OptionType.Role, OptionType.Mentionable),
    channels: ofTypes(OptionType.Channel),
  };
}

function toPlace(
  backend: Backend,
  interaction: Interaction,
  channel: ChannelRecord,
): Record<string, unknown> {
  const { world } = backend;
  const permissions = String(computePermissions(world, channel, interaction.userId));
  const shared = {
    channel: { ...toChannel(world, channel, world.application.botUserId), permissions },
    app_permissions: String(computeAppPermissions(world, channel)),
    context: contextOf(world, channel),
    authorizing_integration_owners: interaction.owners,
  };
  const user = toUser(world.user(interaction.userId));
  const { guildId } = interaction;
  const member = guildId === null ? undefined : world.findMember(guildId, interaction.userId);
  if (guildId === null || member === undefined) return { ...shared, user };
  const locale = world.guilds.find(guildId)?.preferredLocale;
  return {
    ...shared,
    guild_id: guildId,
    guild: { id: guildId, locale, features: [] },
    guild_locale: locale,
    member: { ...toPartialMember(member), user, permissions },
  };
}
