/**
 * In the language of the browser where there are words in it, as Discord's clients show commands.
 * @param {string} text
 * @param {Readonly<Record<string, string>> | null | undefined} localizations
 * @returns {string}
 */
export function localize(text, localizations) {
  const { language } = navigator;
  const [bare = ""] = language.split("-");
  return localizations?.[language] ?? localizations?.[bare] ?? text;
}
