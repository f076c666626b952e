import { ChannelType, PermissionFlagsBits } from "discord-api-types/v10";
import { missingAccess, missingPermissions } from "../rest/api-error.ts";
import type { ChannelRecord, GuildRecord, MessageRecord, OverwriteRecord } from "./records.ts";
import type { World } from "./world.ts";

export type PermissionName = keyof typeof PermissionFlagsBits;

export const allPermissions = Object.values(PermissionFlagsBits).reduce(
  (all, bit) => all | bit,
  0n,
);

/** What both sides of a DM may do; there are no roles. */
const dmPermissions = bits(
  "ViewChannel",
  "SendMessages",
  "ReadMessageHistory",
  "EmbedLinks",
  "AttachFiles",
  "AddReactions",
  "UseExternalEmojis",
  "UseApplicationCommands",
);

/** Lost together with the right to send: topics/permissions, "implicit permissions". */
const impliedBySending = bits("MentionEveryone", "SendTTSMessages", "AttachFiles", "EmbedLinks");

export function bits(...names: readonly PermissionName[]): bigint {
  return names.reduce((all, name) => all | PermissionFlagsBits[name], 0n);
}

export function computeGuildPermissions(guild: GuildRecord, userId: string): bigint {
  if (guild.ownerId === userId) return allPermissions;
  const member = guild.members.find((candidate) => candidate.userId === userId);
  if (member === undefined) return 0n;
  const granted = guild.roles
    .filter((role) => role.id === guild.id || member.roleIds.includes(role.id))
    .reduce((all, role) => all | BigInt(role.permissions), 0n);
  return (granted & PermissionFlagsBits.Administrator) === 0n ? granted : allPermissions;
}

export function computePermissions(world: World, channel: ChannelRecord, userId: string): bigint {
  if (channel.guildId === null) return channel.recipientIds.includes(userId) ? dmPermissions : 0n;
  const guild = world.guilds.find(channel.guildId);
  if (guild === undefined) return 0n;
  const parent = channel.thread === null ? channel : world.channels.find(channel.parentId ?? "");
  if (parent === undefined) return 0n;
  const base = computeGuildPermissions(guild, userId);
  if (base === allPermissions) return allPermissions;
  const granted = applyOverwrites(base, parent.overwrites, { guild, userId });
  return withoutImpossible(granted, channel, userId);
}

/** A webhook has no roles, and nothing in Discord's documentation takes a right from it. */
export function computeAuthorPermissions(
  world: World,
  channel: ChannelRecord,
  { authorId, webhook }: Pick<MessageRecord, "authorId" | "webhook">,
): bigint {
  return webhook === null ? computePermissions(world, channel, authorId) : allPermissions;
}

export function mayView(world: World, channel: ChannelRecord, userId: string): boolean {
  return has(computePermissions(world, channel, userId), "ViewChannel");
}

export function has(permissions: bigint, name: PermissionName): boolean {
  return (permissions & PermissionFlagsBits[name]) !== 0n;
}

/** Error 50001 for a channel that the user cannot see, 50013 for anything else that is missing. */
export function requirePermissions(permissions: bigint, ...names: readonly PermissionName[]): void {
  if (!has(permissions, "ViewChannel")) throw missingAccess();
  if (!names.every((name) => has(permissions, name))) throw missingPermissions();
}

interface Subject {
  readonly guild: GuildRecord;
  readonly userId: string;
}

/** Everyone's overwrite first, then those of all roles together, then the member's own. */
function applyOverwrites(
  base: bigint,
  overwrites: readonly OverwriteRecord[],
  subject: Subject,
): bigint {
  const { guild, userId } = subject;
  const roleIds = guild.members.find((member) => member.userId === userId)?.roleIds ?? [];
  const steps = [
    overwrites.filter((overwrite) => overwrite.id === guild.id),
    overwrites.filter((overwrite) => roleIds.includes(overwrite.id)),
    overwrites.filter((overwrite) => overwrite.type === 1 && overwrite.id === userId),
  ];
  return steps.reduce((granted, step) => {
    const deny = step.reduce((all, overwrite) => all | BigInt(overwrite.deny), 0n);
    const allow = step.reduce((all, overwrite) => all | BigInt(overwrite.allow), 0n);
    return (granted & ~deny) | allow;
  }, base);
}

function withoutImpossible(granted: bigint, channel: ChannelRecord, userId: string): bigint {
  if (!has(granted, "ViewChannel") || isHiddenThread(granted, channel, userId)) return 0n;
  const sending = channel.thread === null ? "SendMessages" : "SendMessagesInThreads";
  return has(granted, sending) ? granted : granted & ~impliedBySending;
}

function isHiddenThread(granted: bigint, channel: ChannelRecord, userId: string): boolean {
  if (channel.type !== ChannelType.PrivateThread || has(granted, "ManageThreads")) return false;
  return channel.thread?.members.some((member) => member.userId === userId) !== true;
}
