import { type APIMessage, MessageFlags, MessageType } from "discord-api-types/v10";
import { z } from "zod";
import { ApiError, formError, threadArchived } from "./api-error.ts";
import { list, parseForm, snowflake } from "./forms.ts";
import { findChannel, findMessage, permissionsIn, requireIn, toViewer } from "../world/lookups.ts";
import { republishMessage } from "../world/message-record.ts";
import { type MessageCreate, messageCreateSchema, messageEditSchema } from "./message-schema.ts";
import { composeMessage, publishMessage, removeMessages, reviseMessage } from "./messages.ts";
import { has, requirePermissions } from "../world/permissions.ts";
import { isSystemMessage, toMessage } from "../world/present-message.ts";
import type { ChannelRecord, MessageRecord } from "../world/records.ts";
import { type Call, noContent, ok, type Reply, type Route } from "./routing.ts";
import { toTimestampMs } from "../world/snowflake.ts";
import { requireOpenThread } from "./threads.ts";

const messages = "/channels/:channelId/messages";
const oneMessage = `${messages}/:messageId`;

export const messageRoutes: readonly Route[] = [
  { method: "GET", path: messages, run: listMessages },
  { method: "POST", path: messages, limit: "messageCreate", run: createMessage },
  { method: "POST", path: `${messages}/bulk-delete`, run: deleteManyMessages },
  { method: "GET", path: oneMessage, run: readMessage },
  { method: "PATCH", path: oneMessage, limit: "messageEdit", run: editMessage },
  { method: "DELETE", path: oneMessage, run: deleteMessage },
];

const integer = z.coerce.number().int();

const pageSchema = z.object({
  before: snowflake.optional(),
  after: snowflake.optional(),
  around: snowflake.optional(),
  limit: integer.min(1).max(100).default(50),
});

function listMessages(call: Call): Reply {
  const channel = findChannel(call);
  const page = parseForm(pageSchema, Object.fromEntries(call.query));
  if (!has(permissionsIn(call, channel), "ReadMessageHistory")) return ok([]);
  const found = call.backend.world.messages.page(channel.id, page);
  return ok(found.map((message) => show(call, message)));
}

function readMessage(call: Call): Reply {
  const channel = findChannel(call);
  requireIn(call, channel, "ReadMessageHistory");
  return ok(show(call, findMessage(call, channel)));
}

async function createMessage(call: Call): Promise<Reply> {
  const { backend, user } = call;
  const channel = findChannel(call);
  const input = parseForm(messageCreateSchema, call.body.json);
  requireSending(call, channel, input);
  const reply = findReplyTarget(call, channel, input);
  const message = await composeMessage(backend, {
    author: user,
    channel,
    // Only an answer to an interaction can be for one person.
    input: { ...input, flags: (input.flags ?? 0) & ~MessageFlags.Ephemeral },
    files: call.body.files,
    over: {
      tts: input.tts === true,
      nonce: input.nonce ?? null,
      ...(reply === undefined
        ? {}
        : {
            type: MessageType.Reply,
            reference: { channelId: channel.id, messageId: reply.id },
          }),
    },
  });
  const first = input.enforce_nonce === true ? findByNonce(call, message) : undefined;
  return ok(show(call, first ?? publishMessage(backend, channel, message)));
}

async function editMessage(call: Call): Promise<Reply> {
  const { backend, user } = call;
  const channel = findChannel(call);
  const message = findMessage(call, channel);
  const input = parseForm(messageEditSchema, call.body.json);
  if (channel.thread?.archived === true) throw threadArchived();
  if (message.authorId !== user.id) return editForeignMessage(call, channel, message);
  if (isSystemMessage(message))
    throw new ApiError(403, 50021, "Cannot execute action on a system message");
  const revised = await reviseMessage(backend, message, { channel, input, files: call.body.files });
  // It may have been deleted while its files were stored.
  findMessage(call, channel);
  republishMessage(backend, channel, revised);
  return ok(show(call, revised));
}

/** Moderators may hide the embeds of others' messages, and nothing else. */
function editForeignMessage(call: Call, channel: ChannelRecord, message: MessageRecord): Reply {
  const { flags, ...rest } = parseForm(messageEditSchema, call.body.json);
  const onlyFlags = Object.values(rest).every((value) => value === undefined);
  if (!onlyFlags || flags === undefined || flags === null)
    throw new ApiError(403, 50005, "Cannot edit a message authored by another user");
  requireIn(call, channel, "ManageMessages");
  const hidden = MessageFlags.SuppressEmbeds;
  const revised = { ...message, flags: (message.flags & ~hidden) | (flags & hidden) };
  republishMessage(call.backend, channel, revised);
  return ok(show(call, revised));
}

async function deleteMessage(call: Call): Promise<Reply> {
  const channel = findChannel(call);
  const message = findMessage(call, channel);
  const isMine = message.authorId === call.user.id;
  if (!isMine) requireIn(call, channel, "ManageMessages");
  if (message.type === MessageType.ThreadStarterMessage)
    throw new ApiError(403, 50021, "Cannot execute action on a system message");
  await removeMessages(call.backend, channel, [message]);
  return noContent;
}

const bulkSchema = z.object({ messages: list(snowflake, { min: 2, max: 100 }) });
const twoWeeksMs = 14 * 24 * 60 * 60 * 1000;

/** Ids of messages that are not there are passed over. */
async function deleteManyMessages(call: Call): Promise<Reply> {
  const { world } = call.backend;
  const channel = findChannel(call);
  requireIn(call, channel, "ManageMessages");
  const { messages: ids } = parseForm(bulkSchema, call.body.json);
  if (new Set(ids).size < ids.length)
    throw formError(["messages"], {
      code: "SET_TYPE_ALREADY_CONTAINS_VALUE",
      message: "The set already contains this value",
    });
  if (ids.some((id) => toTimestampMs(id) < world.now() - twoWeeksMs))
    throw new ApiError(400, 50034, "A message provided was too old to bulk delete.");
  const found = ids.flatMap((id) => world.messages.find(channel.id, id) ?? []);
  await removeMessages(call.backend, channel, found);
  return noContent;
}

function show(call: Call, message: MessageRecord): APIMessage {
  return toMessage(call.backend.world, message, toViewer(call));
}

function requireSending(call: Call, channel: ChannelRecord, input: MessageCreate): void {
  const permissions = permissionsIn(call, channel);
  requireOpenThread(call.backend, channel, call.user.id);
  requirePermissions(
    permissions,
    channel.thread === null ? "SendMessages" : "SendMessagesInThreads",
  );
  if (input.tts === true) requirePermissions(permissions, "SendTTSMessages");
  if (call.body.files.length > 0) requirePermissions(permissions, "AttachFiles");
  if ((input.embeds?.length ?? 0) > 0) requirePermissions(permissions, "EmbedLinks");
}

/** undefined: no reply, or one to a message that is gone where the caller does not mind. */
function findReplyTarget(
  call: Call,
  channel: ChannelRecord,
  input: MessageCreate,
): MessageRecord | undefined {
  const reference = input.message_reference;
  if (reference?.message_id == null) return undefined;
  const target =
    reference.channel_id == null || reference.channel_id === channel.id
      ? call.backend.world.messages.find(channel.id, reference.message_id)
      : undefined;
  if (target === undefined) {
    if (reference.fail_if_not_exists === false) return undefined;
    throw formError(["message_reference"], {
      code: "REPLIES_UNKNOWN_MESSAGE",
      message: "Unknown message",
    });
  }
  if (isSystemMessage(target))
    throw formError(["message_reference"], {
      code: "REPLIES_CANNOT_REPLY_TO_SYSTEM_MESSAGE",
      message: "Cannot reply to a system message",
    });
  if (!has(permissionsIn(call, channel), "ReadMessageHistory"))
    throw new ApiError(400, 160002, "Cannot reply without permission to read message history");
  return target;
}

const nonceMemoryMs = 5 * 60 * 1000;

/** resources/message, "create message": a nonce is unique for an author over the last minutes. */
function findByNonce(call: Call, message: MessageRecord): MessageRecord | undefined {
  if (message.nonce === null) return undefined;
  const { world } = call.backend;
  const oldest = world.now() - nonceMemoryMs;
  return world.messages
    .page(message.channelId, { limit: 200 })
    .find(
      (earlier) =>
        earlier.authorId === message.authorId &&
        String(earlier.nonce) === String(message.nonce) &&
        toTimestampMs(earlier.id) >= oldest,
    );
}
