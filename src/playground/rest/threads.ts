import {
  ChannelType,
  GatewayDispatchEvents,
  GatewayIntentBits,
  MessageFlags,
  MessageType,
} from "discord-api-types/v10";
import { ApiError, threadArchived, threadLocked } from "./api-error.ts";
import type { Backend } from "../backend.ts";
import {
  emitInChannel,
  emitMessageCreate,
  emitThread,
  emitThreadMembers,
} from "../gateway/events.ts";
import { createBlankMessage, republishMessage } from "../world/message-record.ts";
import { computePermissions, has, mayView } from "../world/permissions.ts";
import { toChannel } from "../world/present.ts";
import type { ChannelRecord, MessageRecord, ThreadRecord } from "../world/records.ts";
import { toIsoTime } from "../world/snowflake.ts";

export interface ThreadOptions {
  readonly ownerId: string;
  readonly name: string;
  readonly type: ChannelType;
  readonly autoArchiveMinutes: number;
  readonly rateLimitPerUser: number;
  readonly invitable: boolean;
}

/** The thread has the message's id, and begins with a message that shows it. */
export function startThreadFromMessage(
  backend: Backend,
  starter: { readonly channel: ChannelRecord; readonly message: MessageRecord },
  options: ThreadOptions,
): ChannelRecord {
  const { channel, message } = starter;
  const { world } = backend;
  if (world.channels.find(message.id) !== undefined)
    throw new ApiError(400, 160004, "A thread has already been created for this message");
  const thread = addThread(backend, channel, { id: message.id, options });
  republishMessage(backend, channel, { ...message, flags: message.flags | MessageFlags.HasThread });
  announce(backend, thread);
  const first: MessageRecord = {
    ...createBlankMessage(world, thread, message.authorId),
    webhook: message.webhook,
    type: MessageType.ThreadStarterMessage,
    reference: { channelId: channel.id, messageId: message.id },
  };
  world.putMessage(first);
  emitMessageCreate(backend, thread, first);
  return thread;
}

/** A public thread is announced by a system message in the parent channel. */
export function startThread(
  backend: Backend,
  channel: ChannelRecord,
  options: ThreadOptions,
): ChannelRecord {
  const { world } = backend;
  const thread = addThread(backend, channel, { id: world.snowflakes.next(), options });
  announce(backend, thread);
  if (thread.type === ChannelType.PrivateThread) return thread;
  const notice: MessageRecord = {
    ...createBlankMessage(world, channel, options.ownerId),
    type: MessageType.ThreadCreated,
    content: options.name,
    flags: MessageFlags.HasThread,
    reference: { channelId: thread.id, messageId: null },
  };
  world.putMessage(notice);
  emitMessageCreate(backend, channel, notice);
  return thread;
}

/** Refuses where nobody may write: locked to all without MANAGE_THREADS. */
export function requireOpenThread(backend: Backend, channel: ChannelRecord, userId: string): void {
  if (channel.thread?.locked !== true) return;
  if (has(computePermissions(backend.world, channel, userId), "ManageThreads")) return;
  throw channel.thread.archived ? threadArchived() : threadLocked();
}

/** Sending to an archived thread takes it out of the archive. Returns the channel as it is then. */
export function wakeThread(backend: Backend, channel: ChannelRecord): ChannelRecord {
  const current = backend.world.channels.find(channel.id) ?? channel;
  if (current.thread?.archived !== true) return current;
  return updateThread(backend, current, { archived: false });
}

type ThreadChange = Partial<ThreadRecord & Pick<ChannelRecord, "name" | "rateLimitPerUser">>;

export function updateThread(
  backend: Backend,
  channel: ChannelRecord,
  { name, rateLimitPerUser, ...change }: ThreadChange,
): ChannelRecord {
  if (channel.thread === null) return channel;
  const toggled = change.archived !== undefined && change.archived !== channel.thread.archived;
  const archiveTimestamp = toggled
    ? toIsoTime(backend.world.now())
    : channel.thread.archiveTimestamp;
  const updated: ChannelRecord = {
    ...channel,
    name: name ?? channel.name,
    rateLimitPerUser: rateLimitPerUser ?? channel.rateLimitPerUser,
    thread: { ...channel.thread, ...change, archiveTimestamp },
  };
  backend.world.putChannel(updated);
  emitThread(backend, updated, { type: GatewayDispatchEvents.ThreadUpdate });
  return updated;
}

/** Whoever writes in a thread or is mentioned in it becomes its member. */
export function joinThread(backend: Backend, threadId: string, userIds: readonly string[]): void {
  const { world } = backend;
  const thread = world.channels.find(threadId);
  if (thread?.thread == null || thread.guildId === null) return;
  const { members } = thread.thread;
  const added = [...new Set(userIds)].filter(
    (userId) =>
      world.findMember(thread.guildId ?? "", userId) !== undefined &&
      !members.some((member) => member.userId === userId),
  );
  if (added.length === 0) return;
  const joinedAt = toIsoTime(world.now());
  const hidden = added.filter((userId) => !mayView(world, thread, userId));
  const updated: ChannelRecord = {
    ...thread,
    thread: {
      ...thread.thread,
      members: [...members, ...added.map((userId) => ({ userId, joinedAt }))],
    },
  };
  world.putChannel(updated);
  showThread(backend, updated, hidden);
  emitThreadMembers(backend, updated, { added, removed: [] });
}

export function leaveThread(backend: Backend, thread: ChannelRecord, userId: string): void {
  if (thread.thread?.members.some((member) => member.userId === userId) !== true) return;
  const members = thread.thread.members.filter((member) => member.userId !== userId);
  const updated = { ...thread, thread: { ...thread.thread, members } };
  backend.world.putChannel(updated);
  emitThreadMembers(backend, updated, { added: [], removed: [userId] });
}

/** The starter message loses its sign; the messages in the thread are gone. */
export function removeThread(backend: Backend, thread: ChannelRecord): void {
  const { world } = backend;
  const { id, guildId, parentId, type } = thread;
  emitInChannel(backend, thread, {
    type: GatewayDispatchEvents.ThreadDelete,
    intents: GatewayIntentBits.Guilds,
    payload: () => ({ id, guild_id: guildId, parent_id: parentId, type }),
  });
  world.removeChannel(thread);
  const parent = world.channels.find(thread.parentId ?? "");
  const starter = parent && world.messages.find(parent.id, thread.id);
  if (parent === undefined || starter === undefined) return;
  republishMessage(backend, parent, { ...starter, flags: starter.flags & ~MessageFlags.HasThread });
}

function addThread(
  backend: Backend,
  parent: ChannelRecord,
  { id, options }: { readonly id: string; readonly options: ThreadOptions },
): ChannelRecord {
  const now = toIsoTime(backend.world.now());
  const thread: ChannelRecord = {
    id,
    type: options.type,
    guildId: parent.guildId,
    parentId: parent.id,
    name: options.name,
    topic: null,
    position: 0,
    nsfw: parent.nsfw,
    rateLimitPerUser: options.rateLimitPerUser,
    overwrites: [],
    recipientIds: [],
    thread: {
      ownerId: options.ownerId,
      archived: false,
      archiveTimestamp: now,
      autoArchiveMinutes: options.autoArchiveMinutes,
      locked: false,
      invitable: options.invitable,
      members: [{ userId: options.ownerId, joinedAt: now }],
    },
  };
  backend.world.putChannel(thread);
  return thread;
}

function announce(backend: Backend, thread: ChannelRecord): void {
  const type = GatewayDispatchEvents.ThreadCreate;
  emitThread(backend, thread, { type, extra: { newly_created: true } });
  emitThreadMembers(backend, thread, { added: [thread.thread?.ownerId ?? ""], removed: [] });
}

/** Those who could not see a private thread before learn of it. */
function showThread(backend: Backend, thread: ChannelRecord, userIds: readonly string[]): void {
  for (const userId of userIds) {
    for (const session of backend.gateway.sessionsOf(userId))
      session.dispatch(GatewayDispatchEvents.ThreadCreate, {
        ...toChannel(backend.world, thread, userId),
      });
  }
}
