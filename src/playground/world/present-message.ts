import {
  type APIMessage,
  type APIUser,
  ApplicationCommandType,
  MessageFlags,
  MessageType,
} from "discord-api-types/v10";
import { toChannel, toPartialMember, toUser } from "./present.ts";
import type { AttachmentRecord, MessageRecord } from "./records.ts";
import { toIsoTime, toTimestampMs } from "./snowflake.ts";
import type { World } from "./world.ts";

export interface Viewer {
  readonly userId: string;
  /** False for a bot without the privileged intent MESSAGE_CONTENT. */
  readonly readsContent: boolean;
}

/** The message as one viewer gets it: topics/gateway, "message content intent". */
export function toMessage(world: World, message: MessageRecord, viewer: Viewer): APIMessage {
  const reference = message.reference;
  const payload = {
    ...toSpeech(world, message, viewer),
    id: message.id,
    channel_id: message.channelId,
    author: toAuthor(world, message),
    type: message.type,
    flags: message.flags,
    timestamp: toIsoTime(toTimestampMs(message.id)),
    edited_timestamp: message.editedTimestamp,
    tts: message.tts,
    pinned: false,
    mention_everyone: message.mentionsEveryone,
    mention_roles: message.mentionRoleIds,
    mentions: message.mentionIds.map((id) => toMentioned(world, message, id)),
    ...(message.position === null ? {} : { position: message.position }),
    ...toOrigin(message),
    ...(reference === null ? {} : toReference(world, message, viewer)),
    ...toThreadOf(world, message, viewer),
    ...toInteraction(world, message),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- put together one by one above
  return payload as unknown as APIMessage;
}

/** A webhook's name and picture are those of the message, whatever the webhook is called since. */
function toAuthor(world: World, { authorId, webhook }: MessageRecord): APIUser {
  if (webhook === null) return toUser(world.user(authorId));
  return toUser({ id: webhook.id, username: webhook.name, bot: true }, webhook.avatar);
}

/** An answer to an interaction counts as written by a webhook that has the application's id. */
function toOrigin({ applicationId, webhook }: MessageRecord): Record<string, unknown> {
  if (webhook === null)
    return applicationId === null
      ? {}
      : { application_id: applicationId, webhook_id: applicationId };
  return {
    webhook_id: webhook.id,
    ...(webhook.applicationId === null ? {} : { application_id: webhook.applicationId }),
  };
}

function attachmentPath(channelId: string, attachment: AttachmentRecord): string {
  return `/attachments/${channelId}/${attachment.id}/${encodeURIComponent(attachment.filename)}`;
}

function toSpeech(world: World, message: MessageRecord, viewer: Viewer): Record<string, unknown> {
  if (!mayRead(world, message, viewer))
    return { content: "", embeds: [], attachments: [], components: [] };
  return {
    content: message.content,
    embeds: message.embeds,
    components: message.components,
    attachments: message.attachments.map((attachment) => ({
      ...toAttachment(world, message.channelId, attachment),
      ...((message.flags & MessageFlags.Ephemeral) === 0 ? {} : { ephemeral: true }),
    })),
  };
}

function mayRead(world: World, message: MessageRecord, viewer: Viewer): boolean {
  if (viewer.readsContent || message.authorId === viewer.userId) return true;
  if (message.mentionIds.includes(viewer.userId)) return true;
  return world.channels.find(message.channelId)?.guildId === null;
}

export function toAttachment(
  world: World,
  channelId: string,
  attachment: AttachmentRecord,
): Record<string, unknown> {
  const url = `${world.origin}${attachmentPath(channelId, attachment)}`;
  return {
    id: attachment.id,
    filename: attachment.filename,
    size: attachment.size,
    url,
    proxy_url: url,
    content_type: attachment.contentType,
    ...(attachment.description === null ? {} : { description: attachment.description }),
  };
}

function toMentioned(world: World, message: MessageRecord, id: string): Record<string, unknown> {
  const guildId = world.channels.find(message.channelId)?.guildId;
  const member = guildId ? world.findMember(guildId, id) : undefined;
  return {
    ...toUser(world.user(id)),
    ...(member === undefined ? {} : { member: toPartialMember(member) }),
  };
}

/** A reply and a thread's starter show the message that they point at, one level deep. */
function toReference(
  world: World,
  message: MessageRecord,
  viewer: Viewer,
): Record<string, unknown> {
  const { reference } = message;
  if (reference === null) return {};
  const guildId = world.channels.find(message.channelId)?.guildId ?? undefined;
  const pointer = {
    type: 0,
    channel_id: reference.channelId,
    ...(reference.messageId === null ? {} : { message_id: reference.messageId }),
    ...(guildId === undefined ? {} : { guild_id: guildId }),
  };
  if (reference.messageId === null) return { message_reference: pointer };
  const target = world.messages.find(reference.channelId, reference.messageId);
  const shown =
    target === undefined ? null : toMessage(world, { ...target, reference: null }, viewer);
  return { message_reference: pointer, referenced_message: shown };
}

function toThreadOf(world: World, message: MessageRecord, viewer: Viewer): Record<string, unknown> {
  if ((message.flags & MessageFlags.HasThread) === 0) return {};
  const thread = world.channels.find(message.id);
  return thread === undefined ? {} : { thread: toChannel(world, thread, viewer.userId) };
}

function toInteraction(world: World, message: MessageRecord): Record<string, unknown> {
  const { interaction } = message;
  if (interaction === null) return {};
  const user = toUser(world.user(interaction.userId));
  const { id, type, name, owners } = interaction;
  return {
    interaction_metadata: {
      id,
      type,
      user,
      authorizing_integration_owners: owners,
      ...(name === null ? {} : { name, ...toTarget(world, interaction) }),
    },
    ...(name === null ? {} : { interaction: { id, type, user, name } }),
  };
}

/** resources/message, "application command interaction metadata". */
function toTarget(
  world: World,
  { commandType, targetId }: NonNullable<MessageRecord["interaction"]>,
): Record<string, unknown> {
  if (targetId === null) return {};
  if (commandType === ApplicationCommandType.Message) return { target_message_id: targetId };
  return { target_user: toUser(world.user(targetId)) };
}

const spokenTypes: ReadonlySet<MessageType> = new Set([
  MessageType.Default,
  MessageType.Reply,
  MessageType.ChatInputCommand,
  MessageType.ContextMenuCommand,
]);

export function isSystemMessage(message: MessageRecord): boolean {
  return !spokenTypes.has(message.type);
}
