import { randomBytes } from "node:crypto";
import { ChannelType } from "discord-api-types/v10";
import {
  ApiError,
  formError,
  missingPermissions,
  unknownChannel,
  unknownWebhook,
  wrongChannelType,
} from "./api-error.ts";
import type { Backend } from "../backend.ts";
import { emitWebhooks } from "../gateway/events.ts";
import { parseForm } from "./forms.ts";
import { type Call, noContent, ok, type Reply, type Route } from "./routing.ts";
import { type WebhookEdit, webhookCreateSchema, webhookEditSchema } from "./webhook-schema.ts";
import { parseImageData, saveAvatar } from "../world/avatars.ts";
import { findChannel, findGuild, requireIn } from "../world/lookups.ts";
import { computeGuildPermissions, computePermissions, has } from "../world/permissions.ts";
import { toUser } from "../world/present.ts";
import type { ChannelRecord, WebhookRecord } from "../world/records.ts";

const one = "/webhooks/:webhookId";

/** For those who may manage webhooks; whoever has the token goes the other way. */
export const webhookRoutes: readonly Route[] = [
  { method: "POST", path: "/channels/:channelId/webhooks", run: createWebhook },
  { method: "GET", path: "/channels/:channelId/webhooks", run: listChannelWebhooks },
  { method: "GET", path: "/guilds/:guildId/webhooks", run: listGuildWebhooks },
  { method: "GET", path: one, run: readWebhook },
  { method: "PATCH", path: one, run: editWebhook },
  {
    method: "DELETE",
    path: one,
    run: (call) => removeWebhook(call.backend, requireManaged(call)),
  },
];

const maxWebhooks = 15;

async function createWebhook(call: Call): Promise<Reply> {
  const { backend, user } = call;
  const { world } = backend;
  const channel = findChannel(call);
  requireWebhookPlace(channel);
  requireIn(call, channel, "ManageWebhooks");
  const input = parseForm(webhookCreateSchema, call.body.json);
  const avatar = await saveImage(backend, input.avatar ?? null);
  if (world.webhooksOf(channel.id).length >= maxWebhooks)
    throw new ApiError(400, 30007, `Maximum number of webhooks reached (${maxWebhooks})`);
  const webhook: WebhookRecord = {
    id: world.snowflakes.next(),
    guildId: channel.guildId ?? "",
    channelId: channel.id,
    name: input.name,
    avatar,
    token: randomBytes(51).toString("base64url"),
    creatorId: user.id,
    applicationId: user.bot ? world.application.id : null,
  };
  world.webhooks.put(webhook);
  emitWebhooks(backend, channel.id);
  return ok(show(call, webhook));
}

function listChannelWebhooks(call: Call): Reply {
  const channel = findChannel(call);
  requireWebhookPlace(channel);
  requireIn(call, channel, "ManageWebhooks");
  return ok(call.backend.world.webhooksOf(channel.id).map((webhook) => show(call, webhook)));
}

/** Of all channels: so the right is needed in the guild. */
function listGuildWebhooks(call: Call): Reply {
  const guild = findGuild(call);
  const { world } = call.backend;
  const webhooks = [...world.webhooks.values()].filter(({ guildId }) => guildId === guild.id);
  if (!has(computeGuildPermissions(guild, call.user.id), "ManageWebhooks"))
    throw missingPermissions();
  return ok(webhooks.map((webhook) => show(call, webhook)));
}

/** Its own application may always read it. */
function readWebhook(call: Call): Reply {
  const webhook = findWebhook(call);
  if (!isOwner(call, webhook)) requireManager(call, webhook.channelId);
  return ok(show(call, webhook));
}

async function editWebhook(call: Call): Promise<Reply> {
  const webhook = requireManaged(call);
  const input = parseForm(webhookEditSchema, call.body.json);
  const channelId = input.channel_id ?? webhook.channelId;
  const target = call.backend.world.channels.find(channelId);
  if (target?.guildId !== webhook.guildId) throw unknownChannel();
  requireWebhookPlace(target);
  requireManager(call, channelId);
  return ok(show(call, await changeWebhook(call.backend, webhook, { ...input, channelId })));
}

/** The webhook of the path: error 10015 when there is none. */
export function findWebhook(call: Call): WebhookRecord {
  const webhook = call.backend.world.webhooks.find(call.id("webhookId"));
  if (webhook === undefined) throw unknownWebhook();
  return webhook;
}

export async function changeWebhook(
  backend: Backend,
  webhook: WebhookRecord,
  change: Omit<WebhookEdit, "channel_id"> & { readonly channelId: string },
): Promise<WebhookRecord> {
  const avatar =
    change.avatar === undefined ? webhook.avatar : await saveImage(backend, change.avatar);
  const { channelId } = change;
  const edited = { ...webhook, name: change.name ?? webhook.name, avatar, channelId };
  backend.world.webhooks.put(edited);
  for (const id of new Set([webhook.channelId, channelId])) emitWebhooks(backend, id);
  return edited;
}

export function removeWebhook(backend: Backend, webhook: WebhookRecord): Reply {
  backend.world.webhooks.remove(webhook.id);
  emitWebhooks(backend, webhook.channelId);
  return noContent;
}

/** Without its creator, as those see it who have nothing but its token. */
export function toWebhook(webhook: WebhookRecord): Record<string, unknown> {
  return {
    id: webhook.id,
    type: 1,
    guild_id: webhook.guildId,
    channel_id: webhook.channelId,
    name: webhook.name,
    avatar: webhook.avatar,
    token: webhook.token,
    application_id: webhook.applicationId,
  };
}

/** The token of an application's webhook is for that application alone. */
function show(call: Call, webhook: WebhookRecord): Record<string, unknown> {
  const { token, ...shown } = toWebhook(webhook);
  const isSecret = webhook.applicationId !== null && !isOwner(call, webhook);
  const user = toUser(call.backend.world.user(webhook.creatorId));
  return { ...shown, user, ...(isSecret ? {} : { token }) };
}

function isOwner(call: Call, { applicationId }: WebhookRecord): boolean {
  const { application } = call.backend.world;
  return applicationId === application.id && call.user.id === application.botUserId;
}

function requireManaged(call: Call): WebhookRecord {
  const webhook = findWebhook(call);
  requireManager(call, webhook.channelId);
  return webhook;
}

function requireManager(call: Call, channelId: string): void {
  const { world } = call.backend;
  const channel = world.channels.find(channelId);
  if (channel === undefined) throw unknownChannel();
  if (!has(computePermissions(world, channel, call.user.id), "ManageWebhooks"))
    throw missingPermissions();
}

function requireWebhookPlace({ type }: ChannelRecord): void {
  if (type !== ChannelType.GuildText && type !== ChannelType.GuildAnnouncement)
    throw wrongChannelType();
}

async function saveImage(backend: Backend, data: string | null): Promise<string | null> {
  if (data === null) return null;
  const bytes = parseImageData(data);
  if (bytes === undefined)
    throw formError(["avatar"], { code: "IMAGE_INVALID", message: "Invalid image data" });
  return saveAvatar(backend, bytes);
}
