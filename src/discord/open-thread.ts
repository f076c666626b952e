import { ThreadAutoArchiveDuration } from "discord.js";
import type { BaseInteraction, Message, PublicThreadChannel, SendableChannels } from "discord.js";
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
