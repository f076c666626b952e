import type { ContextPart } from "../../chat/prompt/describe-context.ts";
import type { Text } from "./text.ts";

export const contextTexts = {
  description: {
    en: "What I see of this conversation when I write my next reply",
    de: "Was ich von diesem Gespräch sehe, wenn ich die nächste Antwort schreibe",
  },
  show: {
    en: "What fills my context, and where it begins",
    de: "Was meinen Kontext füllt, und wo er beginnt",
  },
  raw: {
    en: "The exact prompt as a file, for you alone",
    de: "Der genaue Prompt als Datei, nur für dich",
  },
  title: { en: "What I see here, in tokens:", de: "Was ich hier sehe, in Tokens:" },
  nothing: {
    en: "There is nothing to see: we have not talked here.",
    de: "Hier gibt es nichts zu sehen: Wir haben hier noch nicht geredet.",
  },
  noMessage: { en: "No message is in view.", de: "Keine Nachricht ist im Blick." },
  noFirstMessage: {
    en: "What I see first has no message here to link to.",
    de: "Was ich als Erstes sehe, hat hier keine Nachricht, auf die ich verweisen könnte.",
  },
  firstMessage: (link: string): Text => ({
    en: `First message in view: ${link}`,
    de: `Erste Nachricht im Blick: ${link}`,
  }),
  leftOut: (turns: number): Text => {
    if (turns === 0) return { en: "Nothing is left out.", de: "Nichts ist ausgelassen." };
    return turns === 1
      ? {
          en: "1 earlier turn is left out: stored, but trimmed or reset away.",
          de: "1 früherer Beitrag ist ausgelassen: gespeichert, aber gekürzt oder zurückgesetzt.",
        }
      : {
          en: `${turns} earlier turns are left out: stored, but trimmed or reset away.`,
          de: `${turns} frühere Beiträge sind ausgelassen: gespeichert, aber gekürzt oder zurückgesetzt.`,
        };
  },
  file: {
    en: "My next prompt, written as ChatML.",
    de: "Mein nächster Prompt, als ChatML geschrieben.",
  },
  lookalikes: (count: number): Text =>
    count === 1
      ? {
          en: "1 control token in it is only text that someone wrote, and I read text there.",
          de: "1 Steuerzeichen darin ist nur Text, den jemand geschrieben hat; ich lese dort Text.",
        }
      : {
          en: `${count} control tokens in it are only text that someone wrote, and I read text there.`,
          de: `${count} Steuerzeichen darin sind nur Text, den jemand geschrieben hat; ich lese dort Text.`,
        },
  window: { en: "Window", de: "Fenster" },
} as const;

/** In the legend of the bar, where there is room for 18 characters. */
export const contextPartTexts: Readonly<Record<ContextPart["name"], Text>> = {
  frame: { en: "Prompt's frame", de: "Rahmen des Prompts" },
  system: { en: "System prompt", de: "System-Prompt" },
  notes: { en: "Notes", de: "Notizen" },
  examples: { en: "Example dialogue", de: "Beispieldialog" },
  summary: { en: "Summary", de: "Zusammenfassung" },
  history: { en: "History", de: "Verlauf" },
  recall: { en: "Recalled", de: "Erinnert" },
  lorebook: { en: "Lorebook", de: "Lorebook" },
  instructions: { en: "Last instructions", de: "Letzte Anweisungen" },
  reserve: { en: "Kept for the reply", de: "Für die Antwort" },
  free: { en: "Free", de: "Frei" },
};
