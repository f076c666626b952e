import { MessageFlags, MessageType } from "discord-api-types/v10";
import { ApiError } from "./api-error.ts";
import type { Backend } from "../backend.ts";
import type { UploadedFile } from "./body.ts";
import { requireFittingComponents } from "./component-rules.ts";
import { emitMessageCreate, emitMessagesDelete } from "../gateway/events.ts";
import { findMentions, type Mentions } from "../world/mentions.ts";
import { createBlankMessage } from "../world/message-record.ts";
import type { AttachmentInput, MessageCreate, MessageEdit } from "./message-schema.ts";
import { computeAuthorPermissions } from "../world/permissions.ts";
import type {
  AttachmentRecord,
  ChannelRecord,
  MessageRecord,
  UserRecord,
} from "../world/records.ts";
import { toIsoTime } from "../world/snowflake.ts";
import { joinThread, wakeThread } from "./threads.ts";
import { requireEditBudget, requireWriteBudget } from "./write-budgets.ts";
import type { World } from "../world/world.ts";

/** What may be set with a new message; everything else is Discord's own business. */
const settableFlags =
  MessageFlags.SuppressEmbeds |
  MessageFlags.SuppressNotifications |
  MessageFlags.IsComponentsV2 |
  MessageFlags.Ephemeral;

export interface Draft {
  readonly author: Pick<UserRecord, "id">;
  readonly channel: ChannelRecord;
  readonly input: MessageCreate | MessageEdit;
  readonly files: readonly UploadedFile[];
  readonly over?: Partial<MessageRecord>;
}

/** A message that is in no channel yet; its id is given when it is published. Refuses an empty one with error 50006. */
export async function composeMessage(backend: Backend, draft: Draft): Promise<MessageRecord> {
  const { author, channel, input, files, over } = draft;
  const { world } = backend;
  requireWriteBudget(backend, channel);
  const content = (input.content ?? "").trim();
  const blank: MessageRecord = { ...createBlankMessage(world, channel, author.id), ...over };
  const message: MessageRecord = {
    ...blank,
    ...findMentions(world, content, {
      channel,
      permissions: computeAuthorPermissions(world, channel, blank),
      repliedUserId: findAuthor(world, blank.reference),
      allowed: input.allowed_mentions ?? undefined,
    }),
    content,
    embeds: input.embeds ?? [],
    components: input.components ?? [],
    flags: over?.flags ?? (input.flags ?? 0) & settableFlags,
    attachments: await saveFiles(backend, files, input.attachments ?? []),
  };
  requireSpeech(message);
  requireFittingComponents(message);
  return message;
}

/** Puts it in its channel, under an id of this moment, and tells everyone. */
export function publishMessage(
  backend: Backend,
  channel: ChannelRecord,
  message: MessageRecord,
): MessageRecord {
  const awake = wakeThread(backend, channel);
  const id = backend.world.snowflakes.next();
  const placed = { ...message, id, position: nextPosition(backend.world, awake) };
  backend.world.putMessage(placed);
  emitMessageCreate(backend, awake, placed);
  joinThread(backend, awake.id, [placed.authorId, ...placed.mentionIds]);
  return placed;
}

/** The edited message, with mentions found anew; not stored yet. */
export async function reviseMessage(
  backend: Backend,
  message: MessageRecord,
  draft: Omit<Draft, "author">,
): Promise<MessageRecord> {
  const { input, files } = draft;
  const { world } = backend;
  requireWriteBudget(backend, draft.channel);
  requireEditBudget(backend, message);
  const content = input.content === undefined ? message.content : (input.content ?? "").trim();
  const attachments = await saveFiles(backend, files, input.attachments ?? []);
  const revised: MessageRecord = {
    ...message,
    ...(input.content === undefined ? {} : findMentionsAnew(world, message, draft)),
    content,
    embeds: revise(message.embeds, input.embeds),
    components: revise(message.components, input.components),
    flags: reviseFlags(message.flags, input.flags ?? undefined),
    attachments: [...keepAttachments(message, input.attachments), ...attachments],
    editedTimestamp: toIsoTime(world.now()),
  };
  requireSpeech(revised);
  requireFittingComponents(revised);
  return revised;
}

export async function removeMessages(
  backend: Backend,
  channel: ChannelRecord,
  messages: readonly MessageRecord[],
): Promise<void> {
  if (messages.length === 0) return;
  for (const message of messages) backend.world.removeMessage(message);
  emitMessagesDelete(
    backend,
    channel,
    messages.map((message) => message.id),
  );
  const attachments = messages.flatMap((message) => message.attachments);
  await Promise.all(attachments.map((attachment) => backend.attachments.remove(attachment.id)));
}

function findMentionsAnew(
  world: World,
  message: MessageRecord,
  { channel, input }: Omit<Draft, "author">,
): Mentions {
  const isReply = message.type === MessageType.Reply;
  return findMentions(world, input.content ?? "", {
    channel,
    permissions: computeAuthorPermissions(world, channel, message),
    repliedUserId: isReply ? findAuthor(world, message.reference) : undefined,
    allowed: input.allowed_mentions ?? undefined,
  });
}

/** null empties a field, and a missing one leaves it. */
function revise<T>(present: T[], wanted: T[] | null | undefined): T[] {
  return wanted === undefined ? present : (wanted ?? []);
}

function findAuthor(world: World, reference: MessageRecord["reference"]): string | undefined {
  if (reference?.messageId == null) return undefined;
  const message = world.messages.find(reference.channelId, reference.messageId);
  // A webhook is no user, and nobody to ping.
  return message?.webhook === null ? message.authorId : undefined;
}

/** The starter message of a thread does not count. */
function nextPosition(world: World, channel: ChannelRecord): number | null {
  if (channel.thread === null) return null;
  const last = world.messages.last(channel.id);
  if (last === undefined || last.type === MessageType.ThreadStarterMessage) return 0;
  return (last.position ?? -1) + 1;
}

function reviseFlags(present: number, wanted: number | undefined): number {
  if (wanted === undefined) return present;
  const editable = MessageFlags.SuppressEmbeds | MessageFlags.IsComponentsV2;
  // Components v2 cannot be taken off again.
  return (present & ~MessageFlags.SuppressEmbeds) | (wanted & editable);
}

/** No list keeps all; a list keeps those that it names. */
function keepAttachments(
  message: MessageRecord,
  wanted: readonly AttachmentInput[] | null | undefined,
): AttachmentRecord[] {
  if (wanted === undefined) return message.attachments;
  const ids = new Set((wanted ?? []).map((attachment) => attachment.id));
  return message.attachments.filter((attachment) => ids.has(attachment.id));
}

export async function saveFiles(
  backend: Backend,
  files: readonly UploadedFile[],
  described: readonly AttachmentInput[],
): Promise<AttachmentRecord[]> {
  return Promise.all(
    files.map(async (file) => {
      const id = backend.world.snowflakes.next();
      await backend.attachments.save(id, file.bytes);
      const description = described.find((one) => one.id === file.key)?.description ?? null;
      const { filename, contentType } = file;
      return { id, filename, contentType, description, size: file.bytes.length };
    }),
  );
}

/** A message that says "thinking" may be empty. */
function requireSpeech(message: MessageRecord): void {
  if ((message.flags & MessageFlags.Loading) !== 0) return;
  const parts = [message.content, message.embeds, message.components, message.attachments];
  if (parts.some((part) => part.length > 0)) return;
  throw new ApiError(400, 50006, "Cannot send an empty message");
}
