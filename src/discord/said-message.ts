import { MessageReferenceType, MessageType, SnowflakeUtil } from "discord.js";
import type { APIMessage, APIUser, Client } from "discord.js";
import { toMessageId, toRoleId, toUserId } from "../chat/ids.ts";
import type { Place, Quoted, SaidMessage, Speaker } from "../chat/place.ts";
import { toOneLine } from "../chat/prompt/marks.ts";
import { nameSpeakers, toSpeakerLabel } from "../chat/prompt/speaker.ts";
import { toSaidText } from "./said/said-text.ts";
import type { SaidText, SpokenPayload } from "./said/said-text.ts";
import type { Names } from "./said/readable-text.ts";

interface KnownMember {
  readonly nick?: string | null;
  readonly roles?: readonly string[];
}

/** A message as the gateway or the REST API gives it; the gateway adds members. */
export interface MessagePayload extends APIMessage {
  readonly guild_id?: string;
  readonly member?: KnownMember;
}

type MentionedUser = APIUser & { readonly member?: KnownMember };

/** All other types are the platform's own notices: joins, pins, the copy of a thread's starter. */
const SPEECH: ReadonlySet<MessageType> = new Set([MessageType.Default, MessageType.Reply]);

export function isSpeech({ type }: Pick<APIMessage, "type">): boolean {
  return SPEECH.has(type);
}

export function toSaidMessage(
  client: Client<true>,
  message: MessagePayload,
  place: Place,
): SaidMessage {
  const { author, member, referenced_message: referenced } = message;
  const nick = member === undefined ? findNick(client, author.id, place) : member.nick;
  return {
    id: toMessageId(message.id),
    place,
    saidAt: new Date(SnowflakeUtil.timestampFrom(message.id)),
    author: toSpeaker(author, nick),
    authorRoles: (member?.roles ?? []).map(toRoleId),
    isFromPerson: author.bot !== true && message.webhook_id === undefined && isSpeech(message),
    ...toText(client, message),
    quoted: toQuoted(client, message, place),
    mentionsFamiliar: isMentioned(client, message, place),
    repliesToFamiliar: referenced != null && isOwn(client, referenced),
  };
}

/** The words of a message, and what else it brings. */
export function toText(client: Client<true>, message: SpokenPayload): SaidText {
  return toSaidText(message, (one) => namesIn(client, one.mentions ?? []));
}

/** People are shown by nickname, else display name, else user name. */
function toSpeaker(user: APIUser, nick?: string | null): Speaker {
  return { id: toUserId(user.id), name: nick ?? user.global_name ?? user.username };
}

/** Familiar's own, as itself, by a webhook, or in answer to a command. */
export function isOwn(
  client: Client<true>,
  { application_id: applicationId, author }: Pick<APIMessage, "application_id" | "author">,
): boolean {
  return author.id === client.user.id || applicationId === client.application.id;
}

/** A forwarded message refers to its origin too, which has been said to others. */
function toQuoted(client: Client<true>, message: MessagePayload, place: Place): Quoted | undefined {
  const { message_reference: reference, referenced_message: referenced } = message;
  if (referenced == null || reference?.type === MessageReferenceType.Forward) return undefined;
  const { author } = referenced;
  const speaker = toSpeaker(author, findNick(client, author.id, place));
  return {
    messageId: toMessageId(referenced.id),
    author: isOwn(client, referenced) ? undefined : speaker,
    text: toText(client, referenced).text,
  };
}

/** What is read by REST has no members; those who spoke lately are known. */
function findNick(client: Client<true>, userId: string, place: Place): string | null {
  if (place.kind === "direct") return null;
  const guild = client.guilds.cache.get(place.guildId);
  return guild?.members.cache.get(userId)?.nickname ?? null;
}

/** Mentioned people are called as they are where they speak. */
function namesIn(client: Client<true>, mentions: readonly MentionedUser[]): Names {
  const users = new Map(mentions.map((user) => [user.id, user]));
  const nameOf = nameSpeakers([], []);
  return {
    selfId: client.user.id,
    userName: (id) => {
      const user = users.get(id);
      if (user === undefined) return undefined;
      const speaker = toSpeaker(user, user.member?.nick);
      return id === client.user.id ? toSpeakerLabel(speaker) : nameOf(speaker);
    },
    channelName: (id) => {
      const channel = client.channels.cache.get(id);
      const name = channel !== undefined && "name" in channel ? channel.name : undefined;
      return name == null ? undefined : toOneLine(name);
    },
    roleName: (id) => {
      const guild = client.guilds.cache.find(({ roles }) => roles.cache.has(id));
      const name = guild?.roles.cache.get(id)?.name;
      return name === undefined ? undefined : toOneLine(name);
    },
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
