/** Names behind the ids in a message; undefined where an id is not known. */
export interface Names {
  readonly selfId: string;
  userName(id: string): string | undefined;
  channelName(id: string): string | undefined;
  roleName(id: string): string | undefined;
}

/** What is written in code stands for itself. */
const CODE = /(```[\s\S]*?```|``[^\n]*?``|`[^`\n]+`)/;

/** As Discord calls them. */
const PLACES: Readonly<Record<string, string>> = {
  browse: "Browse Channels",
  customize: "Channels & Roles",
  guide: "Server Guide",
  "linked-roles": "Linked Roles",
};

/** The last moment that a `Date` can hold, in seconds. */
const LAST_SECOND = 8_640_000_000_000;

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
    .split(CODE)
    .map((piece, at) => (at % 2 === 1 ? piece : replaceMarkup(piece, names)))
    .join("")
    .trim();
}

function replaceMarkup(text: string, names: Names): string {
  return text
    .replaceAll(/<@!?(\d+)>/g, (_, id: string) => `@${names.userName(id) ?? "someone"}`)
    .replaceAll(/<@&(\d+)>/g, (_, id: string) => `@${names.roleName(id) ?? "a role"}`)
    .replaceAll(/<#(\d+)>/g, (_, id: string) => `#${names.channelName(id) ?? "a channel"}`)
    .replaceAll(/<id:([a-z-]+)(?::\d+)?>/g, (link, name: string) => PLACES[name] ?? link)
    .replaceAll(/<(\/[^:<>\n]{1,100}):\d+>/g, "$1")
    .replaceAll(/<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/g, toDate)
    .replaceAll(/<a?:(\w+):\d+>/g, ":$1:");
}

/** In UTC: where people are, nobody says. What is relative on Discord is as exact as the rest. */
function toDate(link: string, seconds: string, style = "f"): string {
  if (Math.abs(Number(seconds)) > LAST_SECOND) return link;
  const [date = "", time = ""] = new Date(Number(seconds) * 1_000).toISOString().split("T");
  const hours = `${time.slice(0, "TS".includes(style) ? 8 : 5)} UTC`;
  if ("tT".includes(style)) return hours;
  return "dD".includes(style) ? date : `${date} ${hours}`;
}
