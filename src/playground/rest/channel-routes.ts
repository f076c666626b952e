import { ChannelType, GatewayDispatchEvents } from "discord-api-types/v10";
import { z } from "zod";
import {
  ApiError,
  missingPermissions,
  threadArchived,
  unknownOverwrite,
  unknownUser,
  wrongChannelType,
} from "./api-error.ts";
import { emitChannel, emitToUser, emitTyping } from "../gateway/events.ts";
import { choice, list, parseForm, snowflake, text } from "./forms.ts";
import { findChannel, findGuild, permissionsIn, requireIn } from "../world/lookups.ts";
import { computeGuildPermissions, has } from "../world/permissions.ts";
import { toChannel } from "../world/present.ts";
import type { ChannelRecord, OverwriteRecord, ThreadRecord } from "../world/records.ts";
import { type Call, created, noContent, ok, type Reply, type Route } from "./routing.ts";
import { autoArchiveMinutes } from "./thread-routes.ts";
import { removeThread, requireOpenThread, updateThread } from "./threads.ts";

const one = "/channels/:channelId";

export const channelRoutes: readonly Route[] = [
  { method: "GET", path: one, run: (call) => ok(show(call, findChannel(call))) },
  { method: "PATCH", path: one, run: editChannel },
  { method: "DELETE", path: one, run: deleteChannel },
  { method: "POST", path: `${one}/typing`, run: startTyping },
  { method: "PUT", path: `${one}/permissions/:overwriteId`, run: putOverwrite },
  { method: "DELETE", path: `${one}/permissions/:overwriteId`, run: deleteOverwrite },
  { method: "POST", path: "/guilds/:guildId/channels", run: createChannel },
  { method: "POST", path: "/users/@me/channels", run: openDm },
];

const permissionBits = z
  .union([z.string(), z.number()])
  .transform(String)
  .pipe(z.string().regex(/^\d+$/));

const overwriteSchema = z.object({
  type: choice(0, 1),
  allow: permissionBits.nullish(),
  deny: permissionBits.nullish(),
});

const channelFields = {
  topic: text({ max: 1024 }).nullish(),
  nsfw: z.boolean().nullish(),
  position: z.number().int().nonnegative().nullish(),
  rate_limit_per_user: z.number().int().min(0).max(21_600).nullish(),
  permission_overwrites: list(overwriteSchema.extend({ id: snowflake }), { max: 1000 }).nullish(),
};

const createSchema = z.object({
  ...channelFields,
  name: text({ min: 1, max: 100 }),
  type: choice(ChannelType.GuildText, ChannelType.GuildAnnouncement).nullish(),
});

const editSchema = z.object({ ...channelFields, name: text({ min: 1, max: 100 }).nullish() });

const threadEditSchema = z.object({
  name: text({ min: 1, max: 100 }).nullish(),
  archived: z.boolean().nullish(),
  locked: z.boolean().nullish(),
  invitable: z.boolean().nullish(),
  auto_archive_duration: autoArchiveMinutes.nullish(),
  rate_limit_per_user: z.number().int().min(0).max(21_600).nullish(),
});
type ThreadEdit = z.infer<typeof threadEditSchema>;

function createChannel(call: Call): Reply {
  const { world } = call.backend;
  const guild = findGuild(call);
  if (!has(computeGuildPermissions(guild, call.user.id), "ManageChannels"))
    throw missingPermissions();
  const input = parseForm(createSchema, call.body.json);
  const siblings = world.channelsOf(guild.id).filter((channel) => channel.thread === null);
  const channel: ChannelRecord = {
    id: world.snowflakes.next(),
    type: input.type ?? ChannelType.GuildText,
    guildId: guild.id,
    parentId: null,
    name: toChannelName(input.name),
    topic: input.topic ?? null,
    position: input.position ?? siblings.length,
    nsfw: input.nsfw ?? false,
    rateLimitPerUser: input.rate_limit_per_user ?? 0,
    overwrites: toOverwrites(input.permission_overwrites ?? []),
    recipientIds: [],
    thread: null,
  };
  world.putChannel(channel);
  emitChannel(call.backend, channel, GatewayDispatchEvents.ChannelCreate);
  return created(show(call, channel));
}

function editChannel(call: Call): Reply {
  const channel = findChannel(call);
  if (channel.thread !== null) return editThread(call, channel, channel.thread);
  if (channel.guildId === null) throw wrongChannelType();
  requireIn(call, channel, "ManageChannels");
  const input = parseForm(editSchema, call.body.json);
  const overwrites = input.permission_overwrites;
  const updated: ChannelRecord = {
    ...channel,
    name: input.name == null ? channel.name : toChannelName(input.name),
    topic: input.topic === undefined ? channel.topic : input.topic,
    position: input.position ?? channel.position,
    nsfw: input.nsfw ?? channel.nsfw,
    rateLimitPerUser: input.rate_limit_per_user ?? channel.rateLimitPerUser,
    overwrites: overwrites == null ? channel.overwrites : toOverwrites(overwrites),
  };
  return saveChannel(call, updated);
}

/** topics/threads, "archived and locked threads": while archived nothing else can be changed. */
function editThread(call: Call, channel: ChannelRecord, thread: ThreadRecord): Reply {
  const input = parseForm(threadEditSchema, call.body.json);
  if (thread.archived && input.archived !== false) throw threadArchived();
  requireThreadEdit(call, channel, input);
  const updated = updateThread(call.backend, channel, {
    name: input.name?.trim() ?? channel.name,
    rateLimitPerUser: input.rate_limit_per_user ?? channel.rateLimitPerUser,
    archived: input.archived ?? thread.archived,
    locked: input.locked ?? thread.locked,
    invitable: input.invitable ?? thread.invitable,
    autoArchiveMinutes: input.auto_archive_duration ?? thread.autoArchiveMinutes,
  });
  return ok(show(call, updated));
}

/** Its owner may rename and archive it; anyone who may write in it may take it out of the archive. */
function requireThreadEdit(call: Call, channel: ChannelRecord, input: ThreadEdit): void {
  const permissions = permissionsIn(call, channel);
  if (has(permissions, "ManageThreads")) return;
  requireOpenThread(call.backend, channel, call.user.id);
  const isOwner = channel.thread?.ownerId === call.user.id;
  const moderates = input.locked != null || input.rate_limit_per_user != null;
  const onlyWakes = Object.entries(input).every(
    ([key, value]) => value === undefined || (key === "archived" && value === false),
  );
  if (isOwner && !moderates) return;
  if (!onlyWakes || !has(permissions, "SendMessagesInThreads")) throw missingPermissions();
}

function deleteChannel(call: Call): Reply {
  const { backend } = call;
  const channel = findChannel(call);
  if (channel.guildId === null) return ok(show(call, channel));
  requireIn(call, channel, channel.thread === null ? "ManageChannels" : "ManageThreads");
  const shown = show(call, channel);
  if (channel.thread !== null) removeThread(backend, channel);
  else {
    emitChannel(backend, channel, GatewayDispatchEvents.ChannelDelete);
    for (const thread of backend.world.threadsOf(channel.id)) backend.world.removeChannel(thread);
    backend.world.removeChannel(channel);
  }
  return ok(shown);
}

function startTyping(call: Call): Reply {
  const channel = findChannel(call);
  requireOpenThread(call.backend, channel, call.user.id);
  requireIn(call, channel, channel.thread === null ? "SendMessages" : "SendMessagesInThreads");
  emitTyping(call.backend, channel, call.user.id);
  return noContent;
}

function putOverwrite(call: Call): Reply {
  const channel = findGuildChannel(call);
  requireIn(call, channel, "ManageRoles");
  const id = call.id("overwriteId");
  const input = parseForm(overwriteSchema, call.body.json);
  const others = channel.overwrites.filter((overwrite) => overwrite.id !== id);
  saveChannel(call, { ...channel, overwrites: [...others, ...toOverwrites([{ ...input, id }])] });
  return noContent;
}

function deleteOverwrite(call: Call): Reply {
  const channel = findGuildChannel(call);
  requireIn(call, channel, "ManageRoles");
  const id = call.id("overwriteId");
  const overwrites = channel.overwrites.filter((overwrite) => overwrite.id !== id);
  if (overwrites.length === channel.overwrites.length) throw unknownOverwrite();
  saveChannel(call, { ...channel, overwrites });
  return noContent;
}

const dmSchema = z.object({
  recipient_id: snowflake.nullish(),
  recipients: z.array(snowflake).nullish(),
});

function openDm(call: Call): Reply {
  const { backend, user } = call;
  const input = parseForm(dmSchema, call.body.json);
  const other = backend.world.users.find(input.recipient_id ?? input.recipients?.[0] ?? "");
  if (other === undefined) throw unknownUser();
  if (other.id === user.id || (other.bot && user.bot))
    throw new ApiError(400, 50007, "Cannot send messages to this user");
  const known = [...backend.world.channels.values()].find(
    (channel) =>
      channel.guildId === null &&
      [user.id, other.id].every((id) => channel.recipientIds.includes(id)),
  );
  return ok(show(call, known ?? addDm(call, other.id)));
}

function addDm(call: Call, otherId: string): ChannelRecord {
  const { backend, user } = call;
  const channel: ChannelRecord = {
    id: backend.world.snowflakes.next(),
    type: ChannelType.DM,
    guildId: null,
    parentId: null,
    name: "",
    topic: null,
    position: 0,
    nsfw: false,
    rateLimitPerUser: 0,
    overwrites: [],
    recipientIds: [user.id, otherId],
    thread: null,
  };
  backend.world.putChannel(channel);
  // Since API v8 bots are not told of their DM channels.
  const people = channel.recipientIds.filter((id) => !backend.world.user(id).bot);
  for (const id of people)
    emitToUser(backend, id, {
      type: GatewayDispatchEvents.ChannelCreate,
      payload: () => toChannel(backend.world, channel, id),
    });
  return channel;
}

function findGuildChannel(call: Call): ChannelRecord {
  const channel = findChannel(call);
  if (channel.guildId === null || channel.thread !== null) throw wrongChannelType();
  return channel;
}

function saveChannel(call: Call, channel: ChannelRecord): Reply {
  call.backend.world.putChannel(channel);
  emitChannel(call.backend, channel, GatewayDispatchEvents.ChannelUpdate);
  return ok(show(call, channel));
}

function show(call: Call, channel: ChannelRecord): unknown {
  return toChannel(call.backend.world, channel, call.user.id);
}

function toChannelName(name: string): string {
  return name.trim().toLowerCase().replace(/\s+/g, "-");
}

function toOverwrites(
  inputs: readonly (z.infer<typeof overwriteSchema> & { id: string })[],
): OverwriteRecord[] {
  return inputs.map(({ id, type, allow, deny }) => ({
    id,
    type: type === 0 ? 0 : 1,
    allow: allow ?? "0",
    deny: deny ?? "0",
  }));
}
