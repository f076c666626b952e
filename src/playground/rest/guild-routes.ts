import { GatewayDispatchEvents, Locale } from "discord-api-types/v10";
import { z } from "zod";
import { ApiError, missingPermissions, unknownMember, unknownRole } from "./api-error.ts";
import { emitInGuild, emitMemberRemove, emitMemberUpdate, emitToUser } from "../gateway/events.ts";
import { parseForm, snowflake, text } from "./forms.ts";
import { findGuild } from "../world/lookups.ts";
import { computeGuildPermissions, has, type PermissionName } from "../world/permissions.ts";
import { findMember, toChannel, toGuild, toMember, toRole } from "../world/present.ts";
import type { GuildRecord, MemberRecord, RoleRecord } from "../world/records.ts";
import { type Call, noContent, ok, type Reply, type Route } from "./routing.ts";
import { compareIds } from "../world/snowflake.ts";

const one = "/guilds/:guildId";

export const guildRoutes: readonly Route[] = [
  { method: "GET", path: one, run: readGuild },
  { method: "PATCH", path: one, run: editGuild },
  { method: "DELETE", path: one, run: deleteGuild },
  { method: "GET", path: `${one}/channels`, run: listChannels },
  { method: "GET", path: `${one}/roles`, run: (call) => ok(findGuild(call).roles.map(toRole)) },
  { method: "POST", path: `${one}/roles`, run: createRole },
  { method: "PATCH", path: `${one}/roles/:roleId`, run: editRole },
  { method: "DELETE", path: `${one}/roles/:roleId`, run: deleteRole },
  { method: "GET", path: `${one}/members`, run: listMembers },
  { method: "GET", path: `${one}/members/search`, run: searchMembers },
  { method: "PATCH", path: `${one}/members/@me`, run: editOwnMember },
  { method: "GET", path: `${one}/members/:userId`, run: readMember },
  { method: "DELETE", path: `${one}/members/:userId`, run: removeMember },
  {
    method: "PUT",
    path: `${one}/members/:userId/roles/:roleId`,
    run: (call) => editMemberRoles(call, (ids, roleId) => [...new Set([...ids, roleId])]),
  },
  {
    method: "DELETE",
    path: `${one}/members/:userId/roles/:roleId`,
    run: (call) => editMemberRoles(call, (ids, roleId) => ids.filter((id) => id !== roleId)),
  },
  { method: "DELETE", path: "/users/@me/guilds/:guildId", run: leaveGuild },
  {
    method: "GET",
    path: "/users/@me/guilds/:guildId/member",
    run: (call) => ok(findMember(call.backend.world, findGuild(call).id, call.user.id)),
  },
];

const roleSchema = z.object({
  name: text({ max: 100 }).nullish(),
  permissions: z.string().regex(/^\d+$/).nullish(),
  mentionable: z.boolean().nullish(),
});

function readGuild(call: Call): Reply {
  const guild = findGuild(call);
  const count = guild.members.length;
  const counts =
    call.query.get("with_counts") === "true"
      ? { approximate_member_count: count, approximate_presence_count: count }
      : {};
  return ok({ ...toGuild(guild), ...counts });
}

const guildSchema = z.object({
  name: text({ min: 2, max: 100 }).optional(),
  preferred_locale: z.enum(Locale).nullish(),
});

/** https://docs.discord.com/developers/resources/guild#modify-guild */
function editGuild(call: Call): Reply {
  const guild = findGuild(call);
  requireGuild(call, guild, "ManageGuild");
  const { name = guild.name, preferred_locale: locale } = parseForm(guildSchema, call.body.json);
  const preferredLocale =
    locale === undefined ? guild.preferredLocale : (locale ?? Locale.EnglishUS);
  const edited = { ...guild, name, preferredLocale };
  call.backend.world.guilds.put(edited);
  emitInGuild(call.backend, guild.id, {
    type: GatewayDispatchEvents.GuildUpdate,
    payload: () => toGuild(edited),
  });
  return ok(toGuild(edited));
}

function deleteGuild(call: Call): Reply {
  const guild = findGuild(call);
  const { world } = call.backend;
  if (guild.ownerId !== call.user.id) throw missingPermissions();
  emitInGuild(call.backend, guild.id, {
    type: GatewayDispatchEvents.GuildDelete,
    payload: () => ({ id: guild.id }),
  });
  for (const channel of world.channelsOf(guild.id)) world.removeChannel(channel);
  for (const command of world.commands.values())
    if (command.guildId === guild.id) world.commands.remove(command.id);
  world.guilds.remove(guild.id);
  return noContent;
}

function listChannels(call: Call): Reply {
  const { world } = call.backend;
  const channels = world.channelsOf(findGuild(call).id);
  return ok(
    channels
      .filter((channel) => channel.thread === null)
      .map((channel) => toChannel(world, channel, call.user.id)),
  );
}

function createRole(call: Call): Reply {
  const { world } = call.backend;
  const guild = findGuild(call);
  requireGuild(call, guild, "ManageRoles");
  const input = parseForm(roleSchema, call.body.json);
  const role: RoleRecord = {
    id: world.snowflakes.next(),
    name: input.name ?? "new role",
    permissions: input.permissions ?? everyonePermissions(guild),
    position: guild.roles.length,
    mentionable: input.mentionable ?? false,
    botId: null,
  };
  world.guilds.put({ ...guild, roles: [...guild.roles, role] });
  emitRole(call, { guild, role }, GatewayDispatchEvents.GuildRoleCreate);
  return ok(toRole(role));
}

function editRole(call: Call): Reply {
  const guild = findGuild(call);
  requireGuild(call, guild, "ManageRoles");
  const role = findRole(call, guild);
  const input = parseForm(roleSchema, call.body.json);
  const edited: RoleRecord = {
    ...role,
    name: input.name ?? role.name,
    permissions: input.permissions ?? role.permissions,
    mentionable: input.mentionable ?? role.mentionable,
  };
  const roles = guild.roles.map((other) => (other.id === role.id ? edited : other));
  call.backend.world.guilds.put({ ...guild, roles });
  emitRole(call, { guild, role: edited }, GatewayDispatchEvents.GuildRoleUpdate);
  return ok(toRole(edited));
}

/** Members lose it, and so do the overwrites of the channels. */
function deleteRole(call: Call): Reply {
  const { backend } = call;
  const guild = findGuild(call);
  requireGuild(call, guild, "ManageRoles");
  const { id, botId } = findRole(call, guild);
  if (id === guild.id || botId !== null) throw new ApiError(400, 50028, "Invalid Role");
  const members = guild.members.map((member) => ({
    ...member,
    roleIds: member.roleIds.filter((roleId) => roleId !== id),
  }));
  backend.world.guilds.put({
    ...guild,
    members,
    roles: guild.roles.filter((role) => role.id !== id),
  });
  for (const channel of backend.world.channelsOf(guild.id)) {
    const overwrites = channel.overwrites.filter((overwrite) => overwrite.id !== id);
    if (overwrites.length < channel.overwrites.length)
      backend.world.putChannel({ ...channel, overwrites });
  }
  emitInGuild(backend, guild.id, {
    type: GatewayDispatchEvents.GuildRoleDelete,
    payload: () => ({ guild_id: guild.id, role_id: id }),
  });
  return noContent;
}

const membersSchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(1),
  after: snowflake.default("0"),
});

function listMembers(call: Call): Reply {
  const guild = findGuild(call);
  const { limit, after } = parseForm(membersSchema, Object.fromEntries(call.query));
  const page = guild.members
    .filter((member) => compareIds(member.userId, after) > 0)
    .toSorted((left, right) => compareIds(left.userId, right.userId))
    .slice(0, limit);
  return ok(page.map((member) => toMember(call.backend.world, member)));
}

function searchMembers(call: Call): Reply {
  const { world } = call.backend;
  const query = (call.query.get("query") ?? "").toLowerCase();
  const limit = Number(call.query.get("limit") ?? 1);
  const found = findGuild(call).members.filter((member) => {
    const user = world.user(member.userId);
    const names = [user.username, user.displayName, member.nick ?? ""];
    return names.some((name) => name.toLowerCase().startsWith(query));
  });
  return ok(found.slice(0, limit).map((member) => toMember(world, member)));
}

function readMember(call: Call): Reply {
  const member = findMember(call.backend.world, findGuild(call).id, call.id("userId"));
  if (member === undefined) throw unknownMember();
  return ok(member);
}

const ownMemberSchema = z.object({ nick: text({ max: 32 }).nullish() });

function editOwnMember(call: Call): Reply {
  const guild = findGuild(call);
  const { nick } = parseForm(ownMemberSchema, call.body.json);
  saveMember(call, { guild, userId: call.user.id }, (member) => ({
    ...member,
    nick: nick || null,
  }));
  return ok(findMember(call.backend.world, guild.id, call.user.id));
}

function editMemberRoles(
  call: Call,
  change: (roleIds: readonly string[], roleId: string) => string[],
): Reply {
  const guild = findGuild(call);
  requireGuild(call, guild, "ManageRoles");
  const role = findRole(call, guild);
  saveMember(call, { guild, userId: call.id("userId") }, (member) => ({
    ...member,
    roleIds: change(member.roleIds, role.id),
  }));
  return noContent;
}

function removeMember(call: Call): Reply {
  const guild = findGuild(call);
  requireGuild(call, guild, "KickMembers");
  const userId = call.id("userId");
  if (call.backend.world.findMember(guild.id, userId) === undefined) throw unknownMember();
  if (guild.ownerId === userId) throw missingPermissions();
  expel(call, guild, userId);
  return noContent;
}

function leaveGuild(call: Call): Reply {
  const guild = findGuild(call);
  if (guild.ownerId === call.user.id) throw new ApiError(400, 50055, "Invalid Guild");
  expel(call, guild, call.user.id);
  return noContent;
}

/** A bot's own role goes with it. */
function expel(call: Call, guild: GuildRecord, userId: string): void {
  const { backend } = call;
  backend.world.guilds.put({
    ...guild,
    members: guild.members.filter((member) => member.userId !== userId),
    roles: guild.roles.filter((role) => role.botId !== userId),
  });
  emitToUser(backend, userId, {
    type: GatewayDispatchEvents.GuildDelete,
    payload: () => ({ id: guild.id }),
  });
  emitMemberRemove(backend, guild.id, userId);
}

function requireGuild(call: Call, guild: GuildRecord, name: PermissionName): void {
  if (!has(computeGuildPermissions(guild, call.user.id), name)) throw missingPermissions();
}

function findRole(call: Call, guild: GuildRecord): RoleRecord {
  const roleId = call.id("roleId");
  const role = guild.roles.find((candidate) => candidate.id === roleId);
  if (role === undefined) throw unknownRole();
  return role;
}

function everyonePermissions(guild: GuildRecord): string {
  return guild.roles.find((role) => role.id === guild.id)?.permissions ?? "0";
}

function emitRole(
  call: Call,
  { guild, role }: { readonly guild: GuildRecord; readonly role: RoleRecord },
  type: string,
): void {
  emitInGuild(call.backend, guild.id, {
    type,
    payload: () => ({ guild_id: guild.id, role: toRole(role) }),
  });
}

function saveMember(
  call: Call,
  { guild, userId }: { readonly guild: GuildRecord; readonly userId: string },
  change: (member: MemberRecord) => MemberRecord,
): void {
  const member = guild.members.find((candidate) => candidate.userId === userId);
  if (member === undefined) throw unknownMember();
  const members = guild.members.map((other) => (other === member ? change(member) : other));
  call.backend.world.guilds.put({ ...guild, members });
  emitMemberUpdate(call.backend, guild.id, userId);
}
