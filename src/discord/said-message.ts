import { MessageType } from "discord.js";
import type { APIMessage, APIUser, Client } from "discord.js";
import { toMessageId, toUserId } from "../chat/ids.ts";
import type { Place, SaidMessage, Speaker } from "../chat/place.ts";
import { toReadableText } from "./readable-text.ts";
import type { Names } from "./readable-text.ts";

/** A message as the gateway or the REST API gives it; the gateway adds members. */
export interface MessagePayload extends APIMessage {
  readonly member?: { readonly nick?: string | null };
}

type MentionedUser = APIUser & { readonly member?: { readonly nick?: string | null } };

/** All other types are the platform's own notices: joins, pins, the copy of a thread's starter. */
const SPEECH: ReadonlySet<MessageType> = new Set([MessageType.Default, MessageType.Reply]);

export function toSaidMessage(
  client: Client<true>,
  message: MessagePayload,
  place: Place,
): SaidMessage {
  const { author } = message;
  const selfId = client.user.id;
  return {
    id: toMessageId(message.id),
    place,
    author: toSpeaker(author, message.member?.nick),
    isFromPerson:
      author.bot !== true && message.webhook_id === undefined && SPEECH.has(message.type),
    text: toSaidText(client, message),
    mentionsFamiliar: isMentioned(client, message, place),
    repliesToFamiliar: message.referenced_message?.author.id === selfId,
  };
}

/** The words of a message and the names of what is attached to it. */
export function toSaidText(
  client: Client<true>,
  message: Pick<MessagePayload, "attachments" | "content" | "mentions">,
): string {
  const attachments = message.attachments ?? [];
  const words = toReadableText(message.content, namesIn(client, message.mentions ?? []));
  const files = attachments.map((attachment) => `[attachment: ${attachment.filename}]`);
  return [words, ...files].filter((line) => line !== "").join("\n");
}

/** People are shown by nickname, else display name, else user name. */
export function toSpeaker(user: APIUser, nick?: string | null): Speaker {
  return { id: toUserId(user.id), name: nick ?? user.global_name ?? user.username };
}

function namesIn(client: Client<true>, mentions: readonly MentionedUser[]): Names {
  const names = new Map(mentions.map((user) => [user.id, toSpeaker(user, user.member?.nick).name]));
  return {
    selfId: client.user.id,
    userName: (id) => names.get(id),
    channelName: (id) => {
      const channel = client.channels.cache.get(id);
      return channel !== undefined && "name" in channel ? (channel.name ?? undefined) : undefined;
    },
    roleName: (id) =>
      client.guilds.cache.find((guild) => guild.roles.cache.has(id))?.roles.cache.get(id)?.name,
  };
}

/** By name, or by the role that Discord gives every bot and that completes to the same name. */
function isMentioned(client: Client<true>, message: MessagePayload, place: Place): boolean {
  const selfId = client.user.id;
  if ((message.mentions ?? []).some((user) => user.id === selfId)) return true;
  if (place.kind === "direct") return false;
  const roles = client.guilds.cache.get(place.guildId)?.roles.cache;
  return (message.mention_roles ?? []).some((id) => roles?.get(id)?.tags?.botId === selfId);
}
