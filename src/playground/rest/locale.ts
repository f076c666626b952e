import { Locale } from "discord-api-types/v10";

const LOCALES: readonly Locale[] = Object.values(Locale);

/**
 * The nearest of Discord's: `de-AT` is German. English for what is none of them.
 *
 * @see https://docs.discord.com/developers/reference#locales
 */
export function toLocale(asked: string | undefined): Locale {
  const [language = ""] = (asked ?? "").split("-");
  return (
    LOCALES.find((locale) => locale === asked) ??
    LOCALES.find((locale) => locale.split("-")[0] === language) ??
    Locale.EnglishUS
  );
}
