import { ChannelType, Routes } from "discord.js";
import type { APIChannel, Client } from "discord.js";
import { toChannelId, toGuildId } from "../chat/ids.ts";
import type { Place } from "../chat/place.ts";

interface ChannelFacts {
  readonly id: string;
  readonly type: ChannelType;
  readonly guildId: string | undefined;
  readonly parentId: string | undefined;
}

const THREADS: ReadonlySet<ChannelType> = new Set([
  ChannelType.AnnouncementThread,
  ChannelType.PrivateThread,
  ChannelType.PublicThread,
]);
const DIRECT: ReadonlySet<ChannelType> = new Set([ChannelType.DM, ChannelType.GroupDM]);

/**
 * The place that a channel id names. Archived threads and direct messages are not among the channels
 * that the gateway tells of, so those are asked for.
 *
 * @throws {DiscordAPIError} where the channel cannot be read
 */
export async function findPlace(client: Client, channelId: string): Promise<Place> {
  const cached = client.channels.cache.get(channelId);
  if (cached !== undefined) {
    const guildId = "guildId" in cached ? (cached.guildId ?? undefined) : undefined;
    const parentId = "parentId" in cached ? (cached.parentId ?? undefined) : undefined;
    return toPlace({ id: cached.id, type: cached.type, guildId, parentId });
  }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what this route answers with
  const channel = (await client.rest.get(Routes.channel(channelId))) as APIChannel;
  const guildId = "guild_id" in channel ? channel.guild_id : undefined;
  const parentId = "parent_id" in channel ? (channel.parent_id ?? undefined) : undefined;
  return toPlace({ id: channel.id, type: channel.type, guildId, parentId });
}

function toPlace({ guildId, id, parentId, type }: ChannelFacts): Place {
  const place = { id: toChannelId(id) };
  if (guildId === undefined || DIRECT.has(type)) return { kind: "direct", ...place };
  if (!THREADS.has(type) || parentId === undefined) {
    return { kind: "channel", ...place, guildId: toGuildId(guildId) };
  }
  return {
    kind: "thread",
    ...place,
    guildId: toGuildId(guildId),
    parentId: toChannelId(parentId),
    isPrivate: type === ChannelType.PrivateThread,
  };
}
