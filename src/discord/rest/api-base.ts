/**
 * The base that discord.js appends the version to. People paste addresses with the version, and
 * with a slash at the end; both are taken off.
 */
export function toApiBase(apiUrl: string): string {
  return apiUrl
    .trim()
    .replace(/\/+$/, "")
    .replace(/\/v\d+$/, "")
    .replace(/\/+$/, "");
}
