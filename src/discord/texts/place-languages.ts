import { Events } from "discord.js";
import type { BaseInteraction, Client } from "discord.js";
import type { Place } from "../../chat/place.ts";
import { toLanguage } from "./text.ts";
import type { Language } from "./text.ts";

/** The language for what everyone in a place can read. */
export type LanguageOf = (place: Place) => Language;

const PEOPLE_REMEMBERED = 1_000;

/**
 * A server's preferred language; in direct messages that of the person, which Discord tells only with
 * what they do with commands and buttons: until then English.
 *
 * @see https://docs.discord.com/developers/resources/guild#guild-object
 */
export function followLanguages(client: Pick<Client, "guilds" | "on">): LanguageOf {
  const personal = new Map<string, Language>();
  client.on(Events.InteractionCreate, ({ channelId, guildId, locale }: BaseInteraction) => {
    if (guildId !== null || channelId === null) return;
    personal.delete(channelId);
    personal.set(channelId, toLanguage(locale));
    const [oldest] = personal.keys();
    if (personal.size > PEOPLE_REMEMBERED && oldest !== undefined) personal.delete(oldest);
  });
  return (place) =>
    place.kind === "direct"
      ? (personal.get(place.id) ?? "en")
      : toLanguage(client.guilds.cache.get(place.guildId)?.preferredLocale);
}
