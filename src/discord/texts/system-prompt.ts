import type { EffectiveSystemPrompt } from "../../chat/ports.ts";
import type { Text } from "./text.ts";

export const systemPromptTexts = {
  description: {
    en: "The system prompt: who I am and how I talk in this thread or channel",
    de: "Der System-Prompt: wer ich bin und wie ich in diesem Thread oder Kanal rede",
  },
  show: { en: "Show the prompt that holds here", de: "Den Prompt zeigen, der hier gilt" },
  set: { en: "Change the prompt of this place", de: "Den Prompt dieses Ortes ändern" },
  reset: {
    en: "Go back to the channel's prompt, or the default",
    de: "Zum Prompt des Kanals oder zur Vorgabe zurückkehren",
  },
  title: { en: "System prompt", de: "System-Prompt" },
  question: { en: "Who am I, and how do I talk here?", de: "Wer bin ich, und wie rede ich hier?" },
  none: { en: "*(none)*", de: "*(keiner)*" },
  changed: {
    en: "Done: the new system prompt holds here from my next reply on.",
    de: "Fertig: Der neue System-Prompt gilt hier ab meiner nächsten Antwort.",
  },
  changedToChannels: {
    en: "Done: the channel's prompt holds here from my next reply on.",
    de: "Fertig: Hier gilt ab meiner nächsten Antwort der Prompt des Kanals.",
  },
  changedToDefault: {
    en: "Done: the default holds here from my next reply on.",
    de: "Fertig: Hier gilt ab meiner nächsten Antwort die Vorgabe.",
  },
  setBy: (who: string, when: string): Text => ({
    en: `Set by ${who} ${when}.`,
    de: `Gesetzt von ${who} ${when}.`,
  }),
  takenBackBy: (who: string, when: string): Text => ({
    en: `Taken back by ${who} ${when}.`,
    de: `Zurückgenommen von ${who} ${when}.`,
  }),
} as const;

/** Where the prompt of a place comes from. */
export const promptSourceTexts: Readonly<Record<EffectiveSystemPrompt["source"], Text>> = {
  place: { en: "Set for this place.", de: "Für diesen Ort gesetzt." },
  parent: {
    en: "Set for the channel of this thread.",
    de: "Für den Kanal dieses Threads gesetzt.",
  },
  default: { en: "My owner's default.", de: "Die Vorgabe meines Betreibers." },
};
