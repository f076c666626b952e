import {
  type APIChannel,
  type APIGuildMember,
  type APIRole,
  type APIThreadMember,
  type APIUser,
  ChannelType,
  GuildMemberFlags,
} from "discord-api-types/v10";
import { allPermissions, computeGuildPermissions } from "./permissions.ts";
import type {
  ChannelRecord,
  GuildRecord,
  MemberRecord,
  RoleRecord,
  UserRecord,
} from "./records.ts";
import { toIsoTime, toTimestampMs } from "./snowflake.ts";
import type { World } from "./world.ts";

/** The enums name single bits only. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- an empty bit set is a value of each
const noFlags = 0 as never;

export function toUser(
  user: Pick<UserRecord, "id" | "username" | "bot"> & { readonly displayName?: string },
  avatar: string | null = null,
): APIUser {
  return {
    id: user.id,
    username: user.username,
    discriminator: user.bot ? "0000" : "0",
    global_name: user.bot ? null : (user.displayName ?? null),
    avatar,
    banner: null,
    accent_color: null,
    bot: user.bot,
    system: false,
    flags: noFlags,
    public_flags: noFlags,
  };
}

/** Without `user`, as in message events. */
export function toPartialMember(member: MemberRecord): Omit<APIGuildMember, "user"> {
  return {
    nick: member.nick,
    avatar: null,
    banner: null,
    roles: [...member.roleIds],
    joined_at: member.joinedAt,
    premium_since: null,
    deaf: false,
    mute: false,
    flags: GuildMemberFlags.CompletedOnboarding,
    pending: false,
    communication_disabled_until: null,
  };
}

export function toMember(world: World, member: MemberRecord): APIGuildMember {
  return { ...toPartialMember(member), user: toUser(world.user(member.userId)) };
}

/** A member with the user and the permissions in the guild, or undefined for a stranger. */
export function findMember(
  world: World,
  guildId: string,
  userId: string,
): APIGuildMember | undefined {
  const member = world.findMember(guildId, userId);
  return member === undefined ? undefined : toMember(world, member);
}

export function toRole(role: RoleRecord): APIRole {
  return {
    id: role.id,
    name: role.name,
    color: 0,
    colors: { primary_color: 0, secondary_color: null, tertiary_color: null },
    hoist: false,
    icon: null,
    unicode_emoji: null,
    position: role.position,
    permissions: role.permissions,
    managed: role.botId !== null,
    mentionable: role.mentionable,
    flags: noFlags,
    ...(role.botId === null ? {} : { tags: { bot_id: role.botId } }),
  };
}

/** `viewerId`: a DM shows the other side; a thread shows whether the viewer is in it. */
export function toChannel(world: World, channel: ChannelRecord, viewerId?: string): APIChannel {
  const payload = toPayload(world, channel, viewerId);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- put together by its type
  return payload as unknown as APIChannel;
}

export function toThreadMember(
  thread: ChannelRecord,
  member: { readonly userId: string; readonly joinedAt: string },
): APIThreadMember {
  return {
    id: thread.id,
    user_id: member.userId,
    join_timestamp: member.joinedAt,
    flags: noFlags,
  };
}

function toPayload(
  world: World,
  channel: ChannelRecord,
  viewerId: string | undefined,
): Record<string, unknown> {
  if (channel.guildId === null) return toDm(world, channel, viewerId);
  return channel.thread === null
    ? toGuildChannel(world, channel, channel.guildId)
    : toThread(world, channel, viewerId);
}

function toDm(
  world: World,
  channel: ChannelRecord,
  viewerId: string | undefined,
): Record<string, unknown> {
  const others = channel.recipientIds.filter((id) => id !== viewerId);
  return {
    id: channel.id,
    type: ChannelType.DM,
    name: null,
    flags: 0,
    last_message_id: world.messages.last(channel.id)?.id ?? null,
    recipients: others.map((id) => toUser(world.user(id))),
  };
}

function toGuildChannel(
  world: World,
  channel: ChannelRecord,
  guildId: string,
): Record<string, unknown> {
  return {
    id: channel.id,
    type: channel.type,
    guild_id: guildId,
    name: channel.name,
    topic: channel.topic,
    position: channel.position,
    parent_id: channel.parentId,
    nsfw: channel.nsfw,
    rate_limit_per_user: channel.rateLimitPerUser,
    last_message_id: world.messages.last(channel.id)?.id ?? null,
    permission_overwrites: channel.overwrites.map((overwrite) => ({ ...overwrite })),
    flags: 0,
  };
}

function toThread(
  world: World,
  channel: ChannelRecord,
  viewerId: string | undefined,
): Record<string, unknown> {
  const { thread } = channel;
  if (thread === null) throw new Error(`channel ${channel.id} is no thread`);
  const own = thread.members.find((member) => member.userId === viewerId);
  const last = world.messages.last(channel.id);
  const sent = (last?.position ?? -1) + 1;
  return {
    id: channel.id,
    type: channel.type,
    guild_id: channel.guildId,
    parent_id: channel.parentId,
    owner_id: thread.ownerId,
    name: channel.name,
    last_message_id: last?.id ?? null,
    rate_limit_per_user: channel.rateLimitPerUser,
    message_count: sent,
    total_message_sent: sent,
    member_count: Math.min(50, thread.members.length),
    thread_metadata: {
      archived: thread.archived,
      archive_timestamp: thread.archiveTimestamp,
      auto_archive_duration: thread.autoArchiveMinutes,
      locked: thread.locked,
      create_timestamp: toIsoTime(toTimestampMs(channel.id)),
      ...(channel.type === ChannelType.PrivateThread ? { invitable: thread.invitable } : {}),
    },
    flags: 0,
    ...(own === undefined ? {} : { member: toThreadMember(channel, own) }),
  };
}

export function toGuild(guild: GuildRecord): Record<string, unknown> {
  return {
    id: guild.id,
    name: guild.name,
    owner_id: guild.ownerId,
    icon: null,
    icon_hash: null,
    splash: null,
    discovery_splash: null,
    banner: null,
    description: null,
    region: "deprecated",
    afk_channel_id: null,
    afk_timeout: 300,
    widget_enabled: false,
    verification_level: 0,
    default_message_notifications: 1,
    explicit_content_filter: 0,
    roles: guild.roles.map(toRole),
    emojis: [],
    stickers: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: 0,
    rules_channel_id: null,
    public_updates_channel_id: null,
    safety_alerts_channel_id: null,
    vanity_url_code: null,
    premium_tier: 0,
    premium_subscription_count: 0,
    premium_progress_bar_enabled: false,
    preferred_locale: guild.preferredLocale,
    nsfw_level: 0,
    hub_type: null,
    incidents_data: null,
    max_members: 250_000,
    max_video_channel_users: 25,
    max_stage_video_channel_users: 50,
  };
}

/** As in the list of one's own guilds. */
export function toPartialGuild(guild: GuildRecord, userId: string): Record<string, unknown> {
  const permissions = computeGuildPermissions(guild, userId);
  return {
    id: guild.id,
    name: guild.name,
    icon: null,
    banner: null,
    owner: guild.ownerId === userId,
    permissions: String(permissions & allPermissions),
    features: [],
  };
}
