import type { Text } from "./text.ts";

export const historyTexts = {
  description: {
    en: "The stored conversation of this place as a file, for you alone",
    de: "Das gespeicherte Gespräch dieses Ortes als Datei, nur für dich",
  },
  format: {
    en: "Markdown to read (the default), or ChatML messages as JSON",
    de: "Markdown zum Lesen (die Vorgabe) oder ChatML-Nachrichten als JSON",
  },
  markdown: { en: "Markdown", de: "Markdown" },
  chatMl: { en: "ChatML JSON", de: "ChatML-JSON" },
  nothing: {
    en: "Nothing is stored: we have not talked here.",
    de: "Nichts ist gespeichert: Wir haben hier noch nicht geredet.",
  },
  stored: (turns: number): Text =>
    turns === 1
      ? { en: "1 turn stored here.", de: "1 Beitrag ist hier gespeichert." }
      : { en: `${turns} turns stored here.`, de: `${turns} Beiträge sind hier gespeichert.` },
  directTitle: { en: "Direct messages with Familiar", de: "Direktnachrichten mit Familiar" },
} as const;

export const resetTexts = {
  description: {
    en: "A fresh start here: what was said stays stored, but I no longer see it",
    de: "Hier neu anfangen: Was gesagt wurde, bleibt gespeichert, aber ich sehe es nicht mehr",
  },
  nothing: {
    en: "There is nothing to reset: we have not talked here.",
    de: "Hier gibt es nichts zurückzusetzen: Wir haben hier noch nicht geredet.",
  },
  done: {
    en: "Done: a fresh start. `/history` still has all of it.",
    de: "Fertig: ein neuer Anfang. `/history` hat weiterhin alles.",
  },
} as const;
