import { z } from "zod";
import { choice, list, snowflake } from "../rest/forms.ts";
import { has } from "./permissions.ts";
import type { ChannelRecord, GuildRecord } from "./records.ts";
import type { World } from "./world.ts";

export const allowedMentionsSchema = z
  .object({
    parse: z.array(choice("users", "roles", "everyone")).nullish(),
    users: list(snowflake, { max: 100 }).nullish(),
    roles: list(snowflake, { max: 100 }).nullish(),
    replied_user: z.boolean().nullish(),
  })
  .superRefine((value, context) => {
    for (const kind of ["users", "roles"] as const) {
      if (value.parse?.includes(kind) !== true || (value[kind]?.length ?? 0) === 0) continue;
      context.addIssue({
        code: "custom",
        params: {
          code: "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
          message: `parse:["${kind}"] and ${kind}: [ids...] are mutually exclusive.`,
        },
      });
    }
  });
type AllowedMentions = z.infer<typeof allowedMentionsSchema>;

export interface Mentions {
  readonly mentionIds: string[];
  readonly mentionRoleIds: string[];
  readonly mentionsEveryone: boolean;
}

interface MentionContext {
  readonly channel: ChannelRecord;
  /** What the author may do in the channel. */
  readonly permissions: bigint;
  readonly repliedUserId: string | undefined;
  /** undefined: everything is parsed, and the one replied to is pinged. */
  readonly allowed: AllowedMentions | undefined;
}

/** Whom the content pings: resources/message, "allowed mentions object". */
export function findMentions(world: World, content: string, context: MentionContext): Mentions {
  const { channel, allowed, permissions, repliedUserId } = context;
  const guild = channel.guildId === null ? undefined : world.guilds.find(channel.guildId);
  const mayPingAll = has(permissions, "MentionEveryone");
  const users = matches(content, /<@!?(\d+)>/g)
    .filter((id) => world.users.find(id) !== undefined)
    .filter((id) => allows(allowed, "users", id));
  const replied =
    repliedUserId !== undefined && (allowed === undefined || allowed.replied_user === true);
  return {
    mentionIds: [...new Set(replied ? [...users, repliedUserId] : users)],
    mentionRoleIds: matches(content, /<@&(\d+)>/g)
      .filter((id) => mayPingAll || isMentionable(guild, id))
      .filter((id) => guild !== undefined && allows(allowed, "roles", id)),
    mentionsEveryone:
      guild !== undefined &&
      mayPingAll &&
      /@(everyone|here)\b/.test(content) &&
      (allowed === undefined || allowed.parse?.includes("everyone") === true),
  };
}

function allows(
  allowed: AllowedMentions | undefined,
  kind: "users" | "roles",
  id: string,
): boolean {
  if (allowed === undefined) return true;
  return allowed.parse?.includes(kind) === true || allowed[kind]?.includes(id) === true;
}

function isMentionable(guild: GuildRecord | undefined, roleId: string): boolean {
  return guild?.roles.find((role) => role.id === roleId)?.mentionable === true;
}

function matches(content: string, pattern: RegExp): string[] {
  return [...new Set(Array.from(content.matchAll(pattern), (match) => match[1] ?? ""))];
}
