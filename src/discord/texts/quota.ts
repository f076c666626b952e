import { group } from "./numbers.ts";
import type { Text } from "./text.ts";

export const quotaTexts = {
  command: {
    en: "How much of me you have used here, and when there is more",
    de: "Wie viel du mich hier genutzt hast, und wann es wieder mehr gibt",
  },
  lastHour: { en: "In the last hour", de: "In der letzten Stunde" },
  lastDay: { en: "In the last 24 hours", de: "In den letzten 24 Stunden" },
  replies: (used: number, most: number | undefined): Text => ({
    en: `${toShare(used, most, "en")} ${(most ?? used) === 1 ? "reply" : "replies"}`,
    de: `${toShare(used, most, "de")} ${(most ?? used) === 1 ? "Antwort" : "Antworten"}`,
  }),
  tokens: (used: number, most: number | undefined): Text => ({
    en: `${toShare(used, most, "en")} ${(most ?? used) === 1 ? "token" : "tokens"}`,
    de: `${toShare(used, most, "de")} Tokens`,
  }),
  free: {
    en: "There is room for your next reply now.",
    de: "Für deine nächste Antwort ist jetzt Platz.",
  },
  freeAgain: (when: string): Text => ({
    en: `There is room for your next reply ${when}.`,
    de: `Platz für deine nächste Antwort ist ${when}.`,
  }),
  unlimited: {
    en: "This server sets no quota: you may use me as much as you like.",
    de: "Dieser Server setzt kein Kontingent: Du darfst mich nutzen, so viel du möchtest.",
  },
  direct: {
    en: "Nothing is counted in direct messages: there you may use me as much as you like.",
    de: "In Direktnachrichten wird nichts gezählt: Da darfst du mich nutzen, so viel du möchtest.",
  },
} as const;

function toShare(used: number, most: number | undefined, language: keyof Text): string {
  if (most === undefined) return group(used)[language];
  const of = { en: "of", de: "von" }[language];
  return `${group(used)[language]} ${of} ${group(most)[language]}`;
}
