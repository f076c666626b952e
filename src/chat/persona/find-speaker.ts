import type { ConversationStore } from "../ports.ts";
import type { FindSpeaker } from "../reply-surface.ts";
import type { SettingsLibrary } from "../settings/settings-library.ts";

export interface SpeakerSources {
  readonly conversations: Pick<ConversationStore, "find">;
  readonly settings: Pick<SettingsLibrary, "effective">;
}

/**
 * A place's persona speaks under its own name, where the settings let it. Where a system prompt has
 * Familiar be someone else, it speaks as itself.
 */
export function createFindSpeaker({ conversations, settings }: SpeakerSources): FindSpeaker {
  return async (place) => {
    const { values } = await settings.effective(place);
    if (!values.personaWebhook) return undefined;
    const conversation = await conversations.find(place.id);
    const { persona, systemPrompt } = conversation ?? {};
    if (persona === undefined || systemPrompt !== undefined) return undefined;
    return { name: persona.content.name, cardId: persona.lorebook };
  };
}
