import { FamiliarError } from "./errors.ts";

declare const kind: unique symbol;

/**
 * A Discord id: an unsigned 64-bit integer in decimal, kept as text because a JS number cannot hold
 * it. The kind exists only for the compiler, so that a user's id cannot be passed where a channel's
 * is wanted.
 *
 * @see https://docs.discord.com/developers/reference#snowflakes
 */
export type Snowflake<Kind extends string> = string & { readonly [kind]: Kind };

/** Channels, threads and direct messages share one id space. */
export type ChannelId = Snowflake<"channel">;
export type GuildId = Snowflake<"guild">;
export type MessageId = Snowflake<"message">;
export type RoleId = Snowflake<"role">;
export type UserId = Snowflake<"user">;

export const toChannelId = snowflakeOf("channel");
export const toGuildId = snowflakeOf("guild");
export const toMessageId = snowflakeOf("message");
export const toRoleId = snowflakeOf("role");
export const toUserId = snowflakeOf("user");

/** Stands where someone's name was who had themselves forgotten. */
export const NOBODY = toUserId("0");

/** Ids count the milliseconds since 2015 in all bits above the 22nd. */
const EPOCH_MS = 1_420_070_400_000;

/** When a message was said, by Discord's clock. */
export function saidAtOf(messageId: MessageId): Date {
  return new Date(Number(BigInt(messageId) >> 22n) + EPOCH_MS);
}

/** Other servers that speak Discord's API hand out shorter ids than Discord's 17 to 20 digits. */
function snowflakeOf<Kind extends string>(name: Kind): (text: string) => Snowflake<Kind> {
  return (text) => {
    if (!/^\d{1,20}$/.test(text)) {
      throw new FamiliarError("input-invalid", `Not a ${name} id: ${JSON.stringify(text)}`);
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- checked on the line above
    return text as Snowflake<Kind>;
  };
}
