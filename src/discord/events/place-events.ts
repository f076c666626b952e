import { GatewayDispatchEvents } from "discord.js";
import { toChannelId, toGuildId } from "../../chat/ids.ts";
import type { EventDependencies } from "./message-events.ts";

interface Deleted {
  readonly id: string;
  /** A guild that is only out of reach for a while. */
  readonly unavailable?: boolean;
}

/** Reports threads, channels and guilds that are no more. */
export function listenToPlaces({ client, familiar, log }: EventDependencies): void {
  const report = (task: Promise<void>, id: string): void => {
    task.catch((error: unknown) => log.error({ error, id }, "A deletion could not be stored"));
  };
  const forgetPlace = ({ id }: Deleted): void => report(familiar.forgetPlace(toChannelId(id)), id);

  client.ws.on(GatewayDispatchEvents.ThreadDelete, forgetPlace);
  client.ws.on(GatewayDispatchEvents.ChannelDelete, forgetPlace);
  client.ws.on(GatewayDispatchEvents.GuildDelete, ({ id, unavailable }: Deleted) => {
    if (unavailable === true) return;
    const placeIds = [...(client.guilds.cache.get(id)?.channels.cache.keys() ?? [])];
    const guild = { id: toGuildId(id), placeIds: placeIds.map(toChannelId) };
    report(familiar.leaveGuild(guild), id);
  });
}
