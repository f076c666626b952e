import { GatewayDispatchEvents, GatewayIntentBits } from "discord-api-types/v10";
import type { Backend } from "../backend.ts";
import type { Emission } from "./gateway.ts";
import { mayView } from "../world/permissions.ts";
import {
  findMember,
  toChannel,
  toPartialMember,
  toThreadMember,
  toUser,
} from "../world/present.ts";
import { toMessage, type Viewer } from "../world/present-message.ts";
import type { ChannelRecord, MessageRecord } from "../world/records.ts";

type Content = Pick<Emission, "type" | "payload"> & { readonly intents?: number };

/** To those who may see the channel. In a DM the intents are those for direct messages. */
export function emitInChannel(
  backend: Backend,
  channel: ChannelRecord,
  content: Content & { readonly dmIntents?: number },
): void {
  const intents = channel.guildId === null ? content.dmIntents : content.intents;
  backend.gateway.emit({
    type: content.type,
    payload: content.payload,
    guildId: channel.guildId,
    intents: intents ?? 0,
    isFor: (userId) => mayView(backend.world, channel, userId),
  });
}

/** To all members of the guild. */
export function emitInGuild(backend: Backend, guildId: string, content: Content): void {
  backend.gateway.emit({
    type: content.type,
    payload: content.payload,
    guildId,
    intents: content.intents ?? GatewayIntentBits.Guilds,
    isFor: (userId) => backend.world.findMember(guildId, userId) !== undefined,
  });
}

export function emitToUser(backend: Backend, userId: string, content: Content): void {
  backend.gateway.emit({
    type: content.type,
    payload: content.payload,
    guildId: null,
    intents: content.intents ?? 0,
    isFor: (candidate) => candidate === userId,
  });
}

const messageIntents = {
  intents: GatewayIntentBits.GuildMessages,
  dmIntents: GatewayIntentBits.DirectMessages,
};

export function guildIdOf(channel: ChannelRecord): { guild_id?: string } {
  return channel.guildId === null ? {} : { guild_id: channel.guildId };
}

/** `nonce` is echoed in this event only, never in later fetches. */
export function emitMessageCreate(
  backend: Backend,
  channel: ChannelRecord,
  message: MessageRecord,
): void {
  emitInChannel(backend, channel, {
    type: GatewayDispatchEvents.MessageCreate,
    ...messageIntents,
    payload: (session) => ({
      ...toMessageEvent(backend, channel, message)(session),
      ...(message.nonce === null ? {} : { nonce: message.nonce }),
    }),
  });
}

export function emitMessageUpdate(
  backend: Backend,
  channel: ChannelRecord,
  message: MessageRecord,
): void {
  emitInChannel(backend, channel, {
    type: GatewayDispatchEvents.MessageUpdate,
    ...messageIntents,
    payload: toMessageEvent(backend, channel, message),
  });
}

export function toMessageEvent(
  backend: Backend,
  channel: ChannelRecord,
  message: MessageRecord,
): (viewer: Viewer) => Record<string, unknown> {
  const { world } = backend;
  const member =
    channel.guildId === null ? undefined : world.findMember(channel.guildId, message.authorId);
  return (viewer) => ({
    ...toMessage(world, message, viewer),
    channel_type: channel.type,
    ...guildIdOf(channel),
    ...(member === undefined ? {} : { member: toPartialMember(member) }),
  });
}

export function emitMessagesDelete(
  backend: Backend,
  channel: ChannelRecord,
  messageIds: readonly string[],
): void {
  const [only] = messageIds;
  const single = messageIds.length === 1;
  const place = { channel_id: channel.id, ...guildIdOf(channel) };
  emitInChannel(backend, channel, {
    type: single ? GatewayDispatchEvents.MessageDelete : GatewayDispatchEvents.MessageDeleteBulk,
    ...messageIntents,
    payload: () => (single ? { id: only, ...place } : { ids: messageIds, ...place }),
  });
}

export function emitTyping(backend: Backend, channel: ChannelRecord, userId: string): void {
  const { world } = backend;
  const member = channel.guildId === null ? undefined : findMember(world, channel.guildId, userId);
  emitInChannel(backend, channel, {
    type: GatewayDispatchEvents.TypingStart,
    intents: GatewayIntentBits.GuildMessageTyping,
    dmIntents: GatewayIntentBits.DirectMessageTyping,
    payload: () => ({
      channel_id: channel.id,
      ...guildIdOf(channel),
      user_id: userId,
      timestamp: Math.floor(world.now() / 1000),
      ...(member === undefined ? {} : { member }),
    }),
  });
}

export function emitThread(
  backend: Backend,
  thread: ChannelRecord,
  event: { readonly type: string; readonly extra?: Record<string, unknown> },
): void {
  emitInChannel(backend, thread, {
    type: event.type,
    intents: GatewayIntentBits.Guilds,
    payload: (session) => ({
      ...toChannel(backend.world, thread, session.userId),
      ...event.extra,
    }),
  });
}

interface MembershipChange {
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

/** Without GUILD_MEMBERS a bot hears only of its own coming and going. */
export function emitThreadMembers(
  backend: Backend,
  thread: ChannelRecord,
  change: MembershipChange,
): void {
  const { world } = backend;
  const members = thread.thread?.members ?? [];
  const added = members
    .filter((member) => change.added.includes(member.userId))
    .map((member) =>
      Object.assign(toThreadMember(thread, member), {
        member: findMember(world, thread.guildId ?? "", member.userId),
        presence: null,
      }),
    );
  const concerned = new Set([...change.added, ...change.removed]);
  backend.gateway.emit({
    type: GatewayDispatchEvents.ThreadMembersUpdate,
    guildId: thread.guildId,
    intents: GatewayIntentBits.Guilds | GatewayIntentBits.GuildMembers,
    isFor: (userId) => concerned.has(userId) || mayView(world, thread, userId),
    payload: (session) => {
      const sees = (userId: string): boolean =>
        (session.intents & GatewayIntentBits.GuildMembers) !== 0 || userId === session.userId;
      return {
        id: thread.id,
        ...guildIdOf(thread),
        member_count: Math.min(50, members.length),
        added_members: added.filter((member) => sees(member.user_id ?? "")),
        removed_member_ids: change.removed.filter(sees),
      };
    },
  });
}

export function emitChannel(backend: Backend, channel: ChannelRecord, type: string): void {
  if (channel.guildId === null) return;
  emitInGuild(backend, channel.guildId, {
    type,
    payload: (session) => toChannel(backend.world, channel, session.userId),
  });
}

/** resources/webhook: says that something changed, not what. */
export function emitWebhooks(backend: Backend, channelId: string): void {
  const channel = backend.world.channels.find(channelId);
  if (channel === undefined) return;
  emitInChannel(backend, channel, {
    type: GatewayDispatchEvents.WebhooksUpdate,
    intents: GatewayIntentBits.GuildWebhooks,
    payload: () => ({ channel_id: channel.id, ...guildIdOf(channel) }),
  });
}

export function emitMemberUpdate(backend: Backend, guildId: string, userId: string): void {
  const member = findMember(backend.world, guildId, userId);
  backend.gateway.emit({
    type: GatewayDispatchEvents.GuildMemberUpdate,
    guildId,
    intents: GatewayIntentBits.GuildMembers,
    isFor: (candidate) => backend.world.findMember(guildId, candidate) !== undefined,
    payload: () => ({ guild_id: guildId, ...member }),
  });
}

export function emitMemberRemove(backend: Backend, guildId: string, userId: string): void {
  emitInGuild(backend, guildId, {
    type: GatewayDispatchEvents.GuildMemberRemove,
    intents: GatewayIntentBits.GuildMembers,
    payload: () => ({ guild_id: guildId, user: toUser(backend.world.user(userId)) }),
  });
}
