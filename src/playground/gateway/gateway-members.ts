import { GatewayDispatchEvents } from "discord-api-types/v10";
import { z } from "zod";
import type { Backend } from "../backend.ts";
import type { Session } from "./gateway-session.ts";
import { toMember } from "../world/present.ts";

const requestSchema = z.object({
  guild_id: z.union([z.string(), z.array(z.string()).length(1)]),
  query: z.string().optional(),
  limit: z.number().int().nonnegative().optional(),
  user_ids: z.union([z.string(), z.array(z.string())]).optional(),
  nonce: z.string().optional(),
});

/** Answers op 8 with a single GUILD_MEMBERS_CHUNK: no guild here has more than 1000 members. */
export function sendMembers(backend: Backend, session: Session, data: unknown): void {
  const request = requestSchema.safeParse(data);
  if (!request.success) return;
  const { guild_id: guildIds, nonce, query = "", user_ids: userIds } = request.data;
  const guild = backend.world.guilds.find([guildIds].flat()[0] ?? "");
  if (guild?.members.some((member) => member.userId === session.userId) !== true) return;
  const wanted = userIds === undefined ? undefined : [userIds].flat();
  const found = guild.members.filter((member) =>
    wanted === undefined
      ? backend.world.user(member.userId).username.startsWith(query.toLowerCase())
      : wanted.includes(member.userId),
  );
  const present = new Set(guild.members.map((member) => member.userId));
  session.dispatch(GatewayDispatchEvents.GuildMembersChunk, {
    guild_id: guild.id,
    members: found
      .slice(0, request.data.limit || found.length)
      .map((member) => toMember(backend.world, member)),
    chunk_index: 0,
    chunk_count: 1,
    ...(wanted === undefined ? {} : { not_found: wanted.filter((id) => !present.has(id)) }),
    ...(nonce === undefined ? {} : { nonce }),
  });
}
