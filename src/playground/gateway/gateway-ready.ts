import { ApplicationFlags, GatewayDispatchEvents, GatewayIntentBits } from "discord-api-types/v10";
import type { Backend } from "../backend.ts";
import type { Session } from "./gateway-session.ts";
import { mayView } from "../world/permissions.ts";
import { toChannel, toGuild, toMember, toUser } from "../world/present.ts";
import type { ChannelRecord, GuildRecord } from "../world/records.ts";

/** READY names the guilds as unavailable; a GUILD_CREATE for each of them follows. */
export function sendReady(backend: Backend, session: Session): void {
  const { world } = backend;
  const guilds = [...world.guilds.values()].filter((guild) =>
    guild.members.some((member) => member.userId === session.userId),
  );
  session.dispatch(GatewayDispatchEvents.Ready, {
    v: 10,
    user: { ...toUser(session.user), verified: true, mfa_enabled: false, email: null },
    guilds: guilds.map((guild) => ({ id: guild.id, unavailable: true })),
    session_id: session.id,
    session_type: "normal",
    resume_gateway_url: gatewayUrl(backend),
    ...(session.shard === undefined ? {} : { shard: session.shard }),
    ...(session.user.bot
      ? { application: { id: world.application.id, flags: toApplicationFlags(backend) } }
      : { private_channels: privateChannels(backend, session.userId) }),
  });
  for (const guild of guilds) {
    if (session.wants({ intents: GatewayIntentBits.Guilds, guildId: guild.id }))
      session.dispatch(GatewayDispatchEvents.GuildCreate, toGuildCreate(backend, guild, session));
  }
}

export function gatewayUrl(backend: Backend): string {
  return `${backend.world.origin.replace("http", "ws")}/gateway`;
}

/** Which privileged intents are switched on, in the kind for applications in few guilds. */
export function toApplicationFlags(backend: Backend): number {
  const switches: readonly [GatewayIntentBits, ApplicationFlags][] = [
    [GatewayIntentBits.MessageContent, ApplicationFlags.GatewayMessageContentLimited],
    [GatewayIntentBits.GuildMembers, ApplicationFlags.GatewayGuildMembersLimited],
    [GatewayIntentBits.GuildPresences, ApplicationFlags.GatewayPresenceLimited],
  ];
  return switches
    .filter(([intent]) => (backend.faults.deniedIntents & intent) === 0)
    .reduce((all, [, flag]) => all | flag, 0);
}

/** A bot without presences sees no member but itself: topics/gateway-events, "Guild Create". */
function toGuildCreate(
  backend: Backend,
  guild: GuildRecord,
  session: Session,
): Record<string, unknown> {
  const { world } = backend;
  const seesAll = (session.intents & GatewayIntentBits.GuildPresences) !== 0;
  const own = guild.members.find((member) => member.userId === session.userId);
  const members = guild.members.filter((member) => seesAll || member === own);
  const channels = world.channelsOf(guild.id);
  const show = (channel: ChannelRecord): unknown => toChannel(world, channel, session.userId);
  return {
    ...toGuild(guild),
    joined_at: own?.joinedAt,
    large: false,
    unavailable: false,
    member_count: guild.members.length,
    voice_states: [],
    members: members.map((member) => toMember(world, member)),
    channels: channels.filter((channel) => channel.thread === null).map(show),
    threads: channels
      .filter((channel) => isActiveThreadFor(backend, channel, session.userId))
      .map(show),
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
  };
}

export function isActiveThreadFor(
  backend: Backend,
  channel: ChannelRecord,
  userId: string,
): boolean {
  return channel.thread?.archived === false && mayView(backend.world, channel, userId);
}

function privateChannels(backend: Backend, userId: string): unknown[] {
  return [...backend.world.channels.values()]
    .filter((channel) => channel.guildId === null && channel.recipientIds.includes(userId))
    .map((channel) => toChannel(backend.world, channel, userId));
}
