import type { Text } from "./text.ts";

export const pingTexts = {
  description: {
    en: "Is everything well? Discord, database and model, and how replies go",
    de: "Ist alles in Ordnung? Discord, Datenbank und Modell, und wie es um die Antworten steht",
  },
  noHeartbeat: { en: "no heartbeat yet", de: "noch kein Herzschlag" },
  heartbeat: (time: Text): Text => ({ en: `heartbeat ${time.en}`, de: `Herzschlag ${time.de}` }),
  gateway: (heartbeat: Text, answer: Text): Text => ({
    en: `✅ Discord: ${heartbeat.en}, answer ${answer.en}`,
    de: `✅ Discord: ${heartbeat.de}, Antwort ${answer.de}`,
  }),
  database: (name: string): Text => ({ en: `Database (${name})`, de: `Datenbank (${name})` }),
  model: (name: string): Text => ({ en: `Model (${name})`, de: `Modell (${name})` }),
  well: (part: Text, time: Text): Text => ({
    en: `✅ ${part.en}: ${time.en}`,
    de: `✅ ${part.de}: ${time.de}`,
  }),
  unwell: (part: Text): Text => ({
    en: `❌ ${part.en}: not well; my owner's log says why`,
    de: `❌ ${part.de}: nicht in Ordnung; das Protokoll meines Betreibers sagt, warum`,
  }),
} as const;

export const numberTexts = {
  replies: ({
    most,
    running,
    waiting,
  }: Readonly<Record<"most" | "running" | "waiting", number>>) => ({
    en: `Replies: ${running} of ${most} at once, ${waiting} waiting`,
    de: `Antworten: ${running} von ${most} zugleich, ${waiting} in der Warteschlange`,
  }),
  waits: (median: Text, longest: Text): Text => ({
    en: `(median wait ${median.en}, longest ${longest.en})`,
    de: `(Wartezeit im Median ${median.de}, längste ${longest.de})`,
  }),
  speed: (facts: Text): Text => ({ en: `Speed: ${facts.en}`, de: `Tempo: ${facts.de}` }),
  tokensPerSecond: (number: Text): Text => ({
    en: `${number.en} tokens/s`,
    de: `${number.de} Tokens/s`,
  }),
  firstToken: (median: Text, p95: Text): Text => ({
    en: `first token after ${median.en} (median), ${p95.en} at most in 95 of 100`,
    de: `erstes Token nach ${median.de} (Median), höchstens ${p95.de} in 95 von 100`,
  }),
  reuse: ({
    evaluated,
    reused,
    share,
  }: Readonly<Record<"evaluated" | "reused" | "share", number>>) => ({
    en: `Prompt tokens: ${share} % reused (${reused} reused, ${evaluated} evaluated)`,
    de: `Prompt-Tokens: ${share} % wiederverwendet (${reused} wiederverwendet, ${evaluated} ausgewertet)`,
  }),
} as const;
