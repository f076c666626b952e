import type { BaseInteraction } from "discord.js";
import { toGuildId } from "../../chat/ids.ts";
import type { PrivacyScope } from "../../chat/privacy/privacy-store.ts";

export const EVERYWHERE = { kind: "everywhere" } as const satisfies PrivacyScope;

/** What a person means by everywhere, or by here. */
export function scopeOf({ guildId }: BaseInteraction, where: string | null): PrivacyScope {
  if (where !== "here") return EVERYWHERE;
  return guildId === null ? { kind: "direct" } : { kind: "guild", id: toGuildId(guildId) };
}
