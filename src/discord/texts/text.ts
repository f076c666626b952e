import type { LocalizationMap } from "discord.js";

/** A text of the interface in every language that it is offered in. */
export interface Text {
  readonly en: string;
  readonly de: string;
}

export type Language = keyof Text;

/**
 * The language for a locale of Discord's: a person's own, or a server's preferred one.
 *
 * @see https://docs.discord.com/developers/reference#locales
 */
export function toLanguage(locale: string | null | undefined): Language {
  return locale?.startsWith("de") === true ? "de" : "en";
}

/** The words for one person, in an answer to their interaction. */
export function translate(text: Text, { locale }: { readonly locale: string }): string {
  return text[toLanguage(locale)];
}

/** For a command's definition, whose own texts are the English ones. */
export function toLocalizations({ de }: Text): LocalizationMap {
  return { de };
}
