import { ChannelType, ThreadAutoArchiveDuration } from "discord.js";
import type {
  BaseInteraction,
  Message,
  PrivateThreadChannel,
  PublicThreadChannel,
  SendableChannels,
  TextChannel,
} from "discord.js";
import { toChannelId, toGuildId } from "../chat/ids.ts";
import type { Place } from "../chat/place.ts";
import { chatTexts } from "./texts/chat.ts";
import { Mistake } from "./texts/mistake.ts";

/** Discord's limit. */
const MAX_THREAD_NAME_LENGTH = 100;

export interface ThreadToOpen {
  /** What the message says that the thread hangs on; it mentions nobody. */
  readonly starter: string;
  readonly name: string;
}

export interface OpenedThread {
  readonly place: Place & { readonly kind: "thread" };
  readonly starter: Message<true>;
  readonly thread: PublicThreadChannel;
}

/**
 * Opens a thread in the channel of an interaction; beside the thread, where it is one.
 *
 * @throws {Mistake} where there can be none
 */
export async function openThread(
  interaction: BaseInteraction,
  { name, starter: content }: ThreadToOpen,
): Promise<OpenedThread> {
  const channel = await findTextChannel(interaction);
  const starter = await channel.send({ content, allowedMentions: { parse: [] } });
  if (!starter.inGuild()) throw noThreadsHere();
  const thread = await starter.startThread({
    name: name.slice(0, MAX_THREAD_NAME_LENGTH),
    autoArchiveDuration: ThreadAutoArchiveDuration.OneDay,
  });
  const parentId = toChannelId(starter.channelId);
  const guildId = toGuildId(starter.guildId);
  const place = { kind: "thread", id: toChannelId(thread.id), guildId, parentId } as const;
  return { place, starter, thread };
}

export interface OpenedPrivateThread {
  readonly place: Place & { readonly kind: "thread" };
  readonly thread: PrivateThreadChannel;
}

/**
 * The same that nobody but the person sees, and whom they let in.
 *
 * @throws {Mistake} where there can be none
 */
export async function openPrivateThread(
  interaction: BaseInteraction,
  { name, starter: content }: ThreadToOpen,
): Promise<OpenedPrivateThread> {
  const channel = await findTextChannel(interaction);
  if (channel.type !== ChannelType.GuildText) throw new Mistake(chatTexts.noPrivateThreadsHere);
  const thread = await create(channel, name);
  await thread.members.add(interaction.user.id);
  await thread.send({ content, allowedMentions: { parse: [] } });
  const parentId = toChannelId(channel.id);
  const guildId = toGuildId(channel.guildId);
  const id = toChannelId(thread.id);
  return { place: { kind: "thread", id, guildId, parentId, isPrivate: true }, thread };
}

async function create(channel: TextChannel, name: string): Promise<PrivateThreadChannel> {
  try {
    const thread = await channel.threads.create({
      name: name.slice(0, MAX_THREAD_NAME_LENGTH),
      type: ChannelType.PrivateThread,
      autoArchiveDuration: ThreadAutoArchiveDuration.OneDay,
    });
    if (thread.type === ChannelType.PrivateThread) return thread;
  } catch (cause) {
    throw new Mistake(chatTexts.noPrivateThreadsHere, { cause });
  }
  throw new Mistake(chatTexts.noPrivateThreadsHere);
}

/** A thread cannot have threads, so from inside one the new one hangs beside it. */
async function findTextChannel({ channelId, client }: BaseInteraction): Promise<SendableChannels> {
  if (channelId === null) throw noThreadsHere();
  const here = await client.channels.fetch(channelId).catch(() => null);
  const channel = here?.isThread() === true ? here.parent : here;
  if (channel === null || !channel.isSendable() || !("threads" in channel)) throw noThreadsHere();
  return channel;
}

function noThreadsHere(): Mistake {
  return new Mistake(chatTexts.noThreadsHere);
}
