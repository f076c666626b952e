import type { Backend } from "./backend.ts";
import { gatewayUrl } from "./gateway/gateway-ready.ts";

/** What the page, or any script, needs to begin. */
export interface SessionInfo {
  readonly apiUrl: string;
  readonly gatewayUrl: string;
  readonly guildId: string;
  readonly applicationId: string;
  readonly botUserId: string;
  readonly channels: readonly {
    readonly id: string;
    readonly name: string;
    readonly type: number;
  }[];
  readonly people: readonly {
    readonly id: string;
    readonly username: string;
    readonly displayName: string;
    readonly token: string;
  }[];
}

export function toSessionInfo(backend: Backend): SessionInfo {
  const { world } = backend;
  const [guild] = world.guilds.values();
  return {
    apiUrl: `${world.origin}/api`,
    gatewayUrl: gatewayUrl(backend),
    guildId: guild?.id ?? "",
    applicationId: world.application.id,
    botUserId: world.application.botUserId,
    channels: world
      .channelsOf(guild?.id ?? "")
      .filter((channel) => channel.thread === null)
      .toSorted((left, right) => left.position - right.position)
      .map(({ id, name, type }) => ({ id, name, type })),
    people: [...world.users.values()]
      .filter((user) => !user.bot)
      .map(({ id, username, displayName, token }) => ({ id, username, displayName, token })),
  };
}
