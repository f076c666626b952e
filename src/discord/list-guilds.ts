import type { Client } from "discord.js";
import { toChannelId, toGuildId } from "../chat/ids.ts";
import type { KnownGuild } from "../chat/privacy/privacy-store.ts";

/** All servers that Familiar is in, those included that are out of reach for a while. */
export function listGuilds({ guilds }: Client<true>): readonly KnownGuild[] {
  return guilds.cache.map(({ channels, id }) => ({
    id: toGuildId(id),
    placeIds: [...channels.cache.keys()].map(toChannelId),
  }));
}
