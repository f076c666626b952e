import { type APIMessage, MessageFlags } from "discord-api-types/v10";
import { changeResponse, followUp, readResponse, removeResponse } from "./answer-routes.ts";
import {
  ApiError,
  formError,
  invalidWebhookToken,
  unknownChannel,
  unknownMessage,
  unknownWebhook,
} from "./api-error.ts";
import type { Backend } from "../backend.ts";
import { isInteractive } from "./component-tree.ts";
import { parseForm } from "./forms.ts";
import { type MessageEdit, messageEditSchema } from "./message-schema.ts";
import { composeMessage, publishMessage, removeMessages, reviseMessage } from "./messages.ts";
import { type Call, noContent, ok, type Reply, type Route } from "./routing.ts";
import { changeWebhook, findWebhook, removeWebhook, toWebhook } from "./webhook-routes.ts";
import { type WebhookMessage, webhookEditSchema, webhookMessageSchema } from "./webhook-schema.ts";
import { saveAvatarFrom } from "../world/avatars.ts";
import { republishMessage } from "../world/message-record.ts";
import { toMessage } from "../world/present-message.ts";
import type { ChannelRecord, MessageRecord, WebhookRecord } from "../world/records.ts";

const one = "/webhooks/:webhookId/:token";
const oneMessage = `${one}/messages/:messageId`;
const access = "open";
const limit = "webhookWrite";

/** The token in the path is the permission: a channel webhook's, or an interaction's under the application's id. */
export const webhookTokenRoutes: readonly Route[] = [
  { method: "GET", path: one, access, run: (call) => ok(toWebhook(requireWebhook(call))) },
  { method: "PATCH", path: one, access, run: editWebhook },
  {
    method: "DELETE",
    path: one,
    access,
    run: (call) => removeWebhook(call.backend, requireWebhook(call)),
  },
  { method: "POST", path: one, access, limit, run: either(followUp, execute) },
  { method: "GET", path: oneMessage, access, run: either(readResponse, readMessage) },
  { method: "PATCH", path: oneMessage, access, limit, run: either(changeResponse, editMessage) },
  { method: "DELETE", path: oneMessage, access, run: either(removeResponse, removeMessage) },
];

function either(forInteraction: Route["run"], forWebhook: Route["run"]): Route["run"] {
  return (call) =>
    call.id("webhookId") === call.backend.world.application.id
      ? forInteraction(call)
      : forWebhook(call);
}

async function editWebhook(call: Call): Promise<Reply> {
  const webhook = requireWebhook(call);
  const { channelId } = webhook;
  const input = parseForm(webhookEditSchema.omit({ channel_id: true }), call.body.json);
  return ok(toWebhook(await changeWebhook(call.backend, webhook, { ...input, channelId })));
}

async function execute(call: Call): Promise<Reply> {
  const { backend } = call;
  const webhook = requireWebhook(call);
  const channel = findPlace(call, webhook);
  const input = parseForm(webhookMessageSchema, call.body.json);
  if (input.thread_name != null)
    throw new ApiError(400, 220_003, "Webhooks can only create threads in forum channels");
  const message = await composeMessage(backend, {
    author: webhook,
    channel,
    input: withAllowedComponents(call, webhook, {
      ...input,
      flags: (input.flags ?? 0) & ~MessageFlags.Ephemeral,
    }),
    files: call.body.files,
    over: { tts: input.tts === true, webhook: await toSpeaker(backend, webhook, input) },
  });
  // It may have been deleted while its files were stored.
  const published = publishMessage(backend, findPlace(call, requireWebhook(call)), message);
  return isTrue(call, "wait") ? ok(show(backend, published)) : noContent;
}

function readMessage(call: Call): Reply {
  return ok(show(call.backend, findOwn(call).message));
}

async function editMessage(call: Call): Promise<Reply> {
  const { backend } = call;
  const { webhook, channel, message } = findOwn(call);
  const input = withAllowedComponents(call, webhook, parseForm(messageEditSchema, call.body.json));
  const revised = await reviseMessage(backend, message, { channel, input, files: call.body.files });
  findOwn(call);
  republishMessage(backend, channel, revised);
  return ok(show(backend, revised));
}

async function removeMessage(call: Call): Promise<Reply> {
  const { channel, message } = findOwn(call);
  await removeMessages(call.backend, channel, [message]);
  return noContent;
}

function requireWebhook(call: Call): WebhookRecord {
  if (call.id("webhookId") === call.backend.world.application.id) throw unknownWebhook();
  const webhook = findWebhook(call);
  if (webhook.token !== call.text("token")) throw invalidWebhookToken();
  return webhook;
}

/** The webhook's channel, or the thread in it that `thread_id` names. */
function findPlace(call: Call, { channelId }: WebhookRecord): ChannelRecord {
  const threadId = call.query.get("thread_id");
  const place = call.backend.world.channels.find(threadId ?? channelId);
  if (place === undefined || (threadId !== null && place.parentId !== channelId))
    throw unknownChannel();
  return place;
}

interface OwnMessage {
  readonly webhook: WebhookRecord;
  readonly channel: ChannelRecord;
  readonly message: MessageRecord;
}

/** A message of this webhook: those of others are as good as none. */
function findOwn(call: Call): OwnMessage {
  const webhook = requireWebhook(call);
  const channel = findPlace(call, webhook);
  const message = call.backend.world.messages.find(channel.id, call.id("messageId"));
  if (message?.webhook?.id !== webhook.id) throw unknownMessage();
  return { webhook, channel, message };
}

async function toSpeaker(
  backend: Backend,
  webhook: WebhookRecord,
  { username, avatar_url: address }: WebhookMessage,
): Promise<NonNullable<MessageRecord["webhook"]>> {
  return {
    id: webhook.id,
    name: username ?? webhook.name,
    avatar: address == null ? webhook.avatar : await saveAvatarFrom(backend, address),
    applicationId: webhook.applicationId,
  };
}

/** Only an application can answer a press; a person's webhook must even ask for plain components. */
function withAllowedComponents<Input extends MessageEdit>(
  call: Call,
  webhook: WebhookRecord,
  input: Input,
): Input {
  if (webhook.applicationId !== null) return input;
  if (!isTrue(call, "with_components")) return { ...input, components: undefined };
  if (isInteractive(input.components ?? []))
    throw formError(["components"], {
      code: "COMPONENT_TYPE_INVALID",
      message: "Interactive components need a webhook that an application owns",
    });
  return input;
}

/** reference, "boolean query strings". */
function isTrue(call: Call, name: string): boolean {
  return ["true", "True", "1"].includes(call.query.get(name) ?? "");
}

function show(backend: Backend, message: MessageRecord): APIMessage {
  const viewer = { userId: backend.world.application.botUserId, readsContent: true };
  return toMessage(backend.world, message, viewer);
}
