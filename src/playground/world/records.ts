import type {
  ApplicationCommandType,
  ChannelType,
  InteractionType,
  MessageType,
  APIApplicationCommand,
  APIEmbed,
  APIMessageTopLevelComponent,
} from "discord-api-types/v10";
import { z } from "zod";

const id = z.string().regex(/^\d{1,20}$/);

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null;
}

export const userRecord = z.object({
  id,
  username: z.string(),
  displayName: z.string(),
  bot: z.boolean(),
  token: z.string(),
});
export type UserRecord = z.infer<typeof userRecord>;

const roleRecord = z.object({
  id,
  name: z.string(),
  /** A bit set in decimal, as Discord writes permissions. */
  permissions: z.string(),
  position: z.number(),
  mentionable: z.boolean(),
  /** The bot whose own role this is; null for ordinary roles. */
  botId: id.nullable(),
});
export type RoleRecord = z.infer<typeof roleRecord>;

const memberRecord = z.object({
  userId: id,
  nick: z.string().nullable(),
  /** Without the role @everyone. */
  roleIds: z.array(id),
  joinedAt: z.string(),
});
export type MemberRecord = z.infer<typeof memberRecord>;

export const guildRecord = z.object({
  id,
  name: z.string(),
  ownerId: id,
  preferredLocale: z.string().default("en-US"),
  roles: z.array(roleRecord),
  members: z.array(memberRecord),
});
export type GuildRecord = z.infer<typeof guildRecord>;

const overwriteRecord = z.object({
  id,
  type: z.union([z.literal(0), z.literal(1)]),
  allow: z.string(),
  deny: z.string(),
});
export type OverwriteRecord = z.infer<typeof overwriteRecord>;

const threadRecord = z.object({
  ownerId: id,
  archived: z.boolean(),
  archiveTimestamp: z.string(),
  autoArchiveMinutes: z.number(),
  locked: z.boolean(),
  invitable: z.boolean(),
  members: z.array(z.object({ userId: id, joinedAt: z.string() })),
});
export type ThreadRecord = z.infer<typeof threadRecord>;

export const channelRecord = z.object({
  id,
  type: z.custom<ChannelType>(Number.isInteger),
  /** null for a DM channel. */
  guildId: id.nullable(),
  parentId: id.nullable(),
  name: z.string(),
  topic: z.string().nullable(),
  position: z.number(),
  nsfw: z.boolean(),
  rateLimitPerUser: z.number(),
  overwrites: z.array(overwriteRecord),
  /** Both sides of a DM channel; empty elsewhere. */
  recipientIds: z.array(id),
  thread: threadRecord.nullable(),
});
export type ChannelRecord = z.infer<typeof channelRecord>;

const attachmentRecord = z.object({
  id,
  filename: z.string(),
  description: z.string().nullable(),
  contentType: z.string(),
  size: z.number(),
});
export type AttachmentRecord = z.infer<typeof attachmentRecord>;

export const messageRecord = z.object({
  id,
  channelId: id,
  authorId: id,
  type: z.custom<MessageType>(Number.isInteger),
  content: z.string(),
  editedTimestamp: z.string().nullable(),
  mentionIds: z.array(id),
  mentionRoleIds: z.array(id),
  mentionsEveryone: z.boolean(),
  attachments: z.array(attachmentRecord),
  embeds: z.array(z.custom<APIEmbed>(isObject)),
  components: z.array(z.custom<APIMessageTopLevelComponent>(isObject)),
  flags: z.number(),
  tts: z.boolean(),
  reference: z.object({ channelId: id, messageId: id.nullable() }).nullable(),
  nonce: z.union([z.string(), z.number()]).nullable(),
  /** The application whose answer to an interaction this is. */
  applicationId: id.nullable(),
  /** Who speaks, when a webhook does: as it was called and looked then. Its id is the author's, too. */
  webhook: z
    .object({
      id,
      name: z.string(),
      avatar: z.string().nullable(),
      applicationId: id.nullable(),
    })
    .nullable()
    .default(null),
  /** The command or component press that this message answers. */
  interaction: z
    .object({
      id,
      type: z.custom<InteractionType>(Number.isInteger),
      userId: id,
      name: z.string().nullable(),
      commandType: z.custom<ApplicationCommandType>(Number.isInteger).nullable().default(null),
      /** The message or user that a context-menu command was used on. */
      targetId: id.nullable().default(null),
      /** By kind of installation: interactions, "authorizing integration owners object". */
      owners: z.record(z.string(), id).default({}),
    })
    .nullable(),
  /** How many messages came before it in its thread; null outside of threads. */
  position: z.number().nullable(),
});
export type MessageRecord = z.infer<typeof messageRecord>;

export const commandRecord = z.object({
  id,
  guildId: id.nullable(),
  command: z.custom<APIApplicationCommand>(isObject),
});
export type CommandRecord = z.infer<typeof commandRecord>;

export const webhookRecord = z.object({
  id,
  guildId: id,
  channelId: id,
  name: z.string(),
  /** The hash of its picture; null: none. */
  avatar: z.string().nullable(),
  token: z.string(),
  creatorId: id,
  /** The application that made it; null when a person did. */
  applicationId: id.nullable(),
});
export type WebhookRecord = z.infer<typeof webhookRecord>;

/** One of the application's own; its picture lies beside the attachments. */
export const emojiRecord = z.object({ id, name: z.string() });
export type EmojiRecord = z.infer<typeof emojiRecord>;

export const applicationRecord = z.object({
  id,
  name: z.string(),
  botUserId: id,
  ownerId: id,
  /** The people who have installed it to their account. */
  installedBy: z.array(id).default([]),
});
export type ApplicationRecord = z.infer<typeof applicationRecord>;
