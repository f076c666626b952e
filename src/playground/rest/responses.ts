import {
  ApplicationCommandType,
  GatewayDispatchEvents,
  InteractionType,
  MessageFlags,
  MessageType,
} from "discord-api-types/v10";
import { ApiError, unknownChannel } from "./api-error.ts";
import type { Backend } from "../backend.ts";
import type { UploadedFile } from "./body.ts";
import { emitToUser, guildIdOf, toMessageEvent } from "../gateway/events.ts";
import { isUserInstalledOnly } from "../interactions/installation.ts";
import type { Interaction } from "../interactions/interactions.ts";
import { republishMessage } from "../world/message-record.ts";
import type { MessageCreate, MessageEdit } from "./message-schema.ts";
import { composeMessage, publishMessage, removeMessages, reviseMessage } from "./messages.ts";
import { computePermissions, has } from "../world/permissions.ts";
import type { ChannelRecord, MessageRecord } from "../world/records.ts";

interface ResponseDraft {
  readonly input: MessageCreate;
  readonly files: readonly UploadedFile[];
  readonly kind: "original" | "follow-up";
  readonly flags?: number;
  /** Called when the message is checked and just before it is published. */
  readonly acknowledge?: () => void;
}

/** A bot's message by way of an interaction: it needs no permission in the channel. */
export async function sendResponse(
  backend: Backend,
  interaction: Interaction,
  draft: ResponseDraft,
): Promise<MessageRecord> {
  const { world } = backend;
  const channel = requireChannel(backend, interaction.channelId);
  if (draft.kind === "follow-up") countFollowUp(interaction);
  const composed = await composeMessage(backend, {
    author: world.user(world.application.botUserId),
    channel,
    input: draft.input,
    files: draft.files,
    over: toOrigin(backend, interaction, draft),
  });
  draft.acknowledge?.();
  const message = publish(backend, channel, {
    ...composed,
    flags: composed.flags | requiredFlags(backend, channel, interaction),
  });
  if (draft.kind === "original") interaction.responseMessageId = message.id;
  return message;
}

/** An edit ends "thinking". */
export async function editResponse(
  backend: Backend,
  message: MessageRecord,
  draft: { readonly input: MessageEdit; readonly files: readonly UploadedFile[] },
): Promise<MessageRecord> {
  const channel = requireChannel(backend, message.channelId);
  const wasLoading = (message.flags & MessageFlags.Loading) !== 0;
  const settled = { ...message, flags: message.flags & ~MessageFlags.Loading };
  const revised = await reviseMessage(backend, settled, { channel, ...draft });
  const edited = wasLoading ? { ...revised, editedTimestamp: message.editedTimestamp } : revised;
  if (isEphemeral(message)) {
    backend.interactions.keepEphemeral(edited);
    emitEphemeral(backend, channel, { message: edited, type: GatewayDispatchEvents.MessageUpdate });
  } else republishMessage(backend, channel, edited);
  return edited;
}

export async function deleteResponse(backend: Backend, message: MessageRecord): Promise<void> {
  const channel = requireChannel(backend, message.channelId);
  if (!isEphemeral(message)) return removeMessages(backend, channel, [message]);
  backend.interactions.dropEphemeral(message.id);
  return emitToUser(backend, message.interaction?.userId ?? "", {
    type: GatewayDispatchEvents.MessageDelete,
    payload: () => ({ id: message.id, channel_id: channel.id, ...guildIdOf(channel) }),
  });
}

const maxFollowUps = 5;

/** interactions, "create followup message": a limit only where the bot itself is not. */
function countFollowUp(interaction: Interaction): void {
  if (!isUserInstalledOnly(interaction.owners)) return;
  if (interaction.followUps >= maxFollowUps)
    throw new ApiError(
      400,
      40094,
      "This interaction has hit the maximum number of follow up messages",
    );
  interaction.followUps += 1;
}

/** topics/permissions, USE_EXTERNAL_APPS: without it the answers of a user's own app are for that user alone. */
function requiredFlags(backend: Backend, channel: ChannelRecord, use: Interaction): number {
  if (channel.guildId === null || !isUserInstalledOnly(use.owners)) return 0;
  const permissions = computePermissions(backend.world, channel, use.userId);
  return has(permissions, "UseExternalApps") ? 0 : MessageFlags.Ephemeral;
}

function publish(backend: Backend, channel: ChannelRecord, composed: MessageRecord): MessageRecord {
  if (!isEphemeral(composed)) return publishMessage(backend, channel, composed);
  const message = { ...composed, id: backend.world.snowflakes.next() };
  backend.interactions.keepEphemeral(message);
  emitEphemeral(backend, channel, { message, type: GatewayDispatchEvents.MessageCreate });
  return message;
}

/** To the person who asked, and to nobody else. */
function emitEphemeral(
  backend: Backend,
  channel: ChannelRecord,
  event: { readonly message: MessageRecord; readonly type: string },
): void {
  const { message, type } = event;
  const nonce = message.nonce === null ? {} : { nonce: message.nonce };
  emitToUser(backend, message.interaction?.userId ?? "", {
    type,
    payload: (session) => ({ ...toMessageEvent(backend, channel, message)(session), ...nonce }),
  });
}

function toOrigin(
  backend: Backend,
  interaction: Interaction,
  draft: ResponseDraft,
): Partial<MessageRecord> {
  const isCommand = interaction.type === InteractionType.ApplicationCommand;
  const isOriginal = draft.kind === "original";
  const followed = isOriginal ? null : interaction.responseMessageId;
  return {
    type: toType(isOriginal && isCommand ? interaction.commandType : null, followed),
    reference: followed === null ? null : { channelId: interaction.channelId, messageId: followed },
    applicationId: backend.world.application.id,
    nonce: isOriginal ? interaction.nonce : null,
    interaction: {
      id: interaction.id,
      type: interaction.type,
      userId: interaction.userId,
      name: interaction.commandName,
      commandType: interaction.commandType,
      targetId: interaction.targetId,
      owners: { ...interaction.owners },
    },
    ...(draft.flags === undefined ? {} : { flags: draft.flags }),
  };
}

function toType(
  commandType: ApplicationCommandType | null,
  followedId: string | null,
): MessageType {
  if (commandType === ApplicationCommandType.ChatInput) return MessageType.ChatInputCommand;
  if (commandType !== null) return MessageType.ContextMenuCommand;
  return followedId === null ? MessageType.Default : MessageType.Reply;
}

function isEphemeral(message: MessageRecord): boolean {
  return (message.flags & MessageFlags.Ephemeral) !== 0;
}

function requireChannel(backend: Backend, channelId: string): ChannelRecord {
  const channel = backend.world.channels.find(channelId);
  if (channel === undefined) throw unknownChannel();
  return channel;
}
