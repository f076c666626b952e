import { randomBytes } from "node:crypto";
import { ChannelType } from "discord-api-types/v10";
import { bits } from "./permissions.ts";
import type { ChannelRecord, GuildRecord, MemberRecord, UserRecord } from "./records.ts";
import { toIsoTime } from "./snowflake.ts";
import type { World } from "./world.ts";

/** What @everyone may do in a new guild. */
const everyone = bits(
  "ViewChannel",
  "SendMessages",
  "SendMessagesInThreads",
  "CreatePublicThreads",
  "CreatePrivateThreads",
  "ReadMessageHistory",
  "EmbedLinks",
  "AttachFiles",
  "AddReactions",
  "UseExternalEmojis",
  "UseApplicationCommands",
  "UseExternalApps",
  "ChangeNickname",
  "CreateInstantInvite",
);

/** What a bot is usually invited with. */
const botRole = everyone | bits("ManageMessages", "ManageThreads", "ManageWebhooks");

/** Completes the world: everything on the first start, later only what was deleted and cannot be missed. */
export function seedWorld(world: World, options: SeedOptions = {}): void {
  if (world.users.size === 0) addUsers(world);
  installForOwner(world);
  if (world.guilds.size === 0)
    addGuild(world, {
      name: "Familiar's playground",
      ownerId: world.application.ownerId,
      channels: ["general", "random"],
    });
  const [guild] = world.guilds.values();
  if (guild !== undefined) inviteBot(world, guild);
  if (options.hasElsewhere === true && world.guilds.size < 2)
    addGuild(world, { name: "Elsewhere", ownerId: findStranger(world), channels: ["lobby"] });
}

export interface SeedOptions {
  /** A second guild with the same people, where the bot is no member. Default false. */
  readonly hasElsewhere?: boolean | undefined;
}

function addUsers(world: World): void {
  const bot = addUser(world, "Familiar", true);
  const ada = addUser(world, "Ada", false);
  addUser(world, "Ben", false);
  world.applications.put({
    id: bot.id,
    name: "Familiar",
    botUserId: bot.id,
    ownerId: ada.id,
    installedBy: [],
  });
}

/** Ada has the application on her account as well, Ben has not. */
function installForOwner({ application, applications }: World): void {
  if (application.installedBy.length > 0) return;
  applications.put({ ...application, installedBy: [application.ownerId] });
}

function addUser(world: World, displayName: string, bot: boolean): UserRecord {
  const id = world.snowflakes.next();
  const user = {
    id,
    // People have lower-case user names and a display name; a bot is known by its user name alone.
    username: bot ? displayName : displayName.toLowerCase(),
    displayName,
    bot,
    token: createToken(id),
  };
  world.addUser(user);
  return user;
}

/** In the three parts of Discord's tokens: discord.js reads the id out of the first. */
function createToken(userId: string): string {
  const parts = [Buffer.from(userId), randomBytes(5), randomBytes(28)];
  return parts.map((part) => part.toString("base64url")).join(".");
}

interface NewGuild {
  readonly name: string;
  readonly ownerId: string;
  readonly channels: readonly string[];
}

/** Someone who has nothing to do with the application. */
function findStranger({ users, application }: World): string {
  const people = [...users.values()].filter((user) => !user.bot);
  return people.find(({ id }) => id !== application.ownerId)?.id ?? application.ownerId;
}

function addGuild(world: World, { name: guildName, ownerId, channels }: NewGuild): void {
  const id = world.snowflakes.next();
  const people = [...world.users.values()].filter((user) => !user.bot);
  world.guilds.put({
    id,
    name: guildName,
    ownerId,
    preferredLocale: "en-US",
    roles: [
      {
        id,
        name: "@everyone",
        permissions: String(everyone),
        position: 0,
        mentionable: false,
        botId: null,
      },
    ],
    members: people.map((user) => toMember(world, user.id, [])),
  });
  for (const [position, name] of channels.entries())
    world.putChannel(toTextChannel(world, { guildId: id, name, position }));
}

/** A bot that left is back with the next start: there is no invite link to press here. */
function inviteBot(world: World, guild: GuildRecord): void {
  const { botUserId, name } = world.application;
  if (world.findMember(guild.id, botUserId) !== undefined) return;
  const role = {
    id: world.snowflakes.next(),
    name,
    permissions: String(botRole),
    position: guild.roles.length,
    mentionable: false,
    botId: botUserId,
  };
  world.guilds.put({
    ...guild,
    roles: [...guild.roles, role],
    members: [...guild.members, toMember(world, botUserId, [role.id])],
  });
}

function toMember(world: World, userId: string, roleIds: string[]): MemberRecord {
  return { userId, nick: null, roleIds, joinedAt: toIsoTime(world.now()) };
}

function toTextChannel(
  world: World,
  place: { readonly guildId: string; readonly name: string; readonly position: number },
): ChannelRecord {
  return {
    id: world.snowflakes.next(),
    type: ChannelType.GuildText,
    parentId: null,
    topic: null,
    nsfw: false,
    rateLimitPerUser: 0,
    overwrites: [],
    recipientIds: [],
    thread: null,
    ...place,
  };
}
