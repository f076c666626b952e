import { type APIChannel, ChannelType } from "discord-api-types/v10";
import { z } from "zod";
import { threadArchived, unknownMember, unknownUser, wrongChannelType } from "./api-error.ts";
import { choice, parseForm, text } from "./forms.ts";
import { isActiveThreadFor } from "../gateway/gateway-ready.ts";
import { findChannel, findGuild, findMessage, requireIn } from "../world/lookups.ts";
import { mayView } from "../world/permissions.ts";
import { findMember, toChannel, toThreadMember } from "../world/present.ts";
import type { ChannelRecord } from "../world/records.ts";
import { type Call, created, noContent, ok, type Reply, type Route } from "./routing.ts";
import { compareIds } from "../world/snowflake.ts";
import {
  joinThread,
  leaveThread,
  startThread,
  startThreadFromMessage,
  type ThreadOptions,
} from "./threads.ts";

const members = "/channels/:channelId/thread-members";

export const threadRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/channels/:channelId/messages/:messageId/threads",
    run: createThreadFromMessage,
  },
  { method: "POST", path: "/channels/:channelId/threads", run: createThread },
  { method: "GET", path: members, run: listThreadMembers },
  { method: "PUT", path: `${members}/@me`, run: (call) => addMember(call, call.user.id) },
  { method: "DELETE", path: `${members}/@me`, run: (call) => removeMember(call, call.user.id) },
  { method: "GET", path: `${members}/:userId`, run: readThreadMember },
  { method: "PUT", path: `${members}/:userId`, run: (call) => addMember(call, call.id("userId")) },
  {
    method: "DELETE",
    path: `${members}/:userId`,
    run: (call) => removeMember(call, call.id("userId")),
  },
  { method: "GET", path: "/guilds/:guildId/threads/active", run: listActiveThreads },
  {
    method: "GET",
    path: "/channels/:channelId/threads/archived/public",
    run: (call) => listArchivedThreads(call, ChannelType.PublicThread),
  },
  {
    method: "GET",
    path: "/channels/:channelId/threads/archived/private",
    run: (call) => listArchivedThreads(call, ChannelType.PrivateThread),
  },
];

export const autoArchiveMinutes = choice(60, 1440, 4320, 10_080);

const threadSchema = z.object({
  name: text({ min: 1, max: 100 }),
  auto_archive_duration: autoArchiveMinutes.nullish(),
  rate_limit_per_user: z.number().int().min(0).max(21_600).nullish(),
});

const looseThreadSchema = threadSchema.extend({
  type: choice(ChannelType.PublicThread, ChannelType.PrivateThread).nullish(),
  invitable: z.boolean().nullish(),
});

function createThreadFromMessage(call: Call): Reply {
  const channel = findChannel(call);
  const message = findMessage(call, channel);
  const input = parseForm(threadSchema, call.body.json);
  if (channel.type !== ChannelType.GuildText) throw wrongChannelType();
  requireIn(call, channel, "CreatePublicThreads");
  const options = toOptions(call, input, ChannelType.PublicThread);
  return created(show(call, startThreadFromMessage(call.backend, { channel, message }, options)));
}

/** Without a type Discord opens a private thread. */
function createThread(call: Call): Reply {
  const channel = findChannel(call);
  const input = parseForm(looseThreadSchema, call.body.json);
  if (channel.type !== ChannelType.GuildText) throw wrongChannelType();
  const type = input.type ?? ChannelType.PrivateThread;
  const isPrivate = type === ChannelType.PrivateThread;
  requireIn(call, channel, isPrivate ? "CreatePrivateThreads" : "CreatePublicThreads");
  return created(show(call, startThread(call.backend, channel, toOptions(call, input, type))));
}

function listThreadMembers(call: Call): Reply {
  const channel = findThread(call);
  return ok((channel.thread?.members ?? []).map((member) => toThreadMember(channel, member)));
}

function readThreadMember(call: Call): Reply {
  const channel = findThread(call);
  const userId = call.id("userId");
  const member = channel.thread?.members.find((candidate) => candidate.userId === userId);
  if (member === undefined) throw unknownMember();
  const shown = toThreadMember(channel, member);
  if (call.query.get("with_member") !== "true") return ok(shown);
  const guildMember = findMember(call.backend.world, channel.guildId ?? "", userId);
  return ok({ ...shown, member: guildMember });
}

function addMember(call: Call, userId: string): Reply {
  const channel = findThread(call);
  if (channel.thread?.archived === true) throw threadArchived();
  if (call.backend.world.findMember(channel.guildId ?? "", userId) === undefined)
    throw unknownUser();
  if (userId !== call.user.id) requireIn(call, channel, "SendMessagesInThreads");
  joinThread(call.backend, channel.id, [userId]);
  return noContent;
}

function removeMember(call: Call, userId: string): Reply {
  const channel = findThread(call);
  if (channel.thread?.archived === true) throw threadArchived();
  const owns =
    channel.type === ChannelType.PrivateThread && channel.thread?.ownerId === call.user.id;
  if (userId !== call.user.id && !owns) requireIn(call, channel, "ManageThreads");
  leaveThread(call.backend, channel, userId);
  return noContent;
}

function listActiveThreads(call: Call): Reply {
  const guild = findGuild(call);
  const { world } = call.backend;
  const active = world
    .channelsOf(guild.id)
    .filter((channel) => isActiveThreadFor(call.backend, channel, call.user.id));
  const newestFirst = active.toSorted((left, right) => compareIds(right.id, left.id));
  return ok({
    threads: newestFirst.map((thread) => show(call, thread)),
    members: ownMemberships(call, active),
  });
}

/** Newest first, by the time when it was archived. */
function listArchivedThreads(call: Call, type: ChannelType): Reply {
  const channel = findChannel(call);
  requireIn(call, channel, "ReadMessageHistory");
  if (type === ChannelType.PrivateThread) requireIn(call, channel, "ManageThreads");
  const limit = Number(call.query.get("limit") ?? 50);
  const before = call.query.get("before");
  const archived = call.backend.world
    .threadsOf(channel.id)
    .filter((thread) => thread.type === type && thread.thread?.archived === true)
    .filter((thread) => mayView(call.backend.world, thread, call.user.id))
    .filter((thread) => before === null || archiveTimeOf(thread) < Date.parse(before))
    .toSorted((left, right) => archiveTimeOf(right) - archiveTimeOf(left));
  const page = archived.slice(0, limit);
  return ok({
    threads: page.map((thread) => show(call, thread)),
    members: ownMemberships(call, page),
    has_more: archived.length > page.length,
  });
}

function archiveTimeOf(thread: ChannelRecord): number {
  return Date.parse(thread.thread?.archiveTimestamp ?? "");
}

function ownMemberships(call: Call, threads: readonly ChannelRecord[]): unknown[] {
  return threads.flatMap((thread) => {
    const own = thread.thread?.members.find((member) => member.userId === call.user.id);
    return own === undefined ? [] : [toThreadMember(thread, own)];
  });
}

function show(call: Call, channel: ChannelRecord): APIChannel {
  return toChannel(call.backend.world, channel, call.user.id);
}

function findThread(call: Call): ChannelRecord {
  const channel = findChannel(call);
  if (channel.thread === null) throw wrongChannelType();
  return channel;
}

function toOptions(
  call: Call,
  input: z.infer<typeof looseThreadSchema>,
  type: ChannelType,
): ThreadOptions {
  return {
    ownerId: call.user.id,
    name: input.name.trim(),
    type,
    autoArchiveMinutes: input.auto_archive_duration ?? 4320,
    rateLimitPerUser: input.rate_limit_per_user ?? 0,
    invitable: input.invitable ?? true,
  };
}
