/** Names behind the ids in a message; undefined where an id is not known. */
export interface Names {
  readonly selfId: string;
  userName(id: string): string | undefined;
  channelName(id: string): string | undefined;
  roleName(id: string): string | undefined;
}

/**
 * A message's content as a person reads it. Mentions of Familiar at the beginning only address it
 * and are left out.
 *
 * @see https://docs.discord.com/developers/reference#message-formatting-formats
 */
export function toReadableText(content: string, names: Names): string {
  const addressed = new RegExp(`^(?:\\s*<@!?${names.selfId}>[,:]?)+`);
  return content
    .replace(addressed, "")
    .replaceAll(/<@!?(\d+)>/g, (_, id: string) => `@${names.userName(id) ?? "someone"}`)
    .replaceAll(/<@&(\d+)>/g, (_, id: string) => `@${names.roleName(id) ?? "a role"}`)
    .replaceAll(/<#(\d+)>/g, (_, id: string) => `#${names.channelName(id) ?? "a channel"}`)
    .replaceAll(/<a?:(\w+):\d+>/g, ":$1:")
    .trim();
}
