import type { Text } from "./text.ts";

/** Where Discord does not let Familiar read along. */
export const withheldTexts = {
  notice: (self: string): Text => ({
    en:
      `I cannot read messages here that do not mention me: the Message Content intent is not switched ` +
      `on for me, which is my owner's to do. Mention me (${self}), or reply to a message of mine with the ` +
      `mention left on, and I will answer.`,
    de:
      `Nachrichten, die mich nicht erwähnen, kann ich hier nicht lesen: Der „Message Content Intent“ ` +
      `ist für mich nicht eingeschaltet, das kann nur mein Betreiber tun. Erwähne mich (${self}) oder ` +
      `antworte auf eine Nachricht von mir, ohne die Erwähnung abzuschalten, dann antworte ich.`,
  }),
} as const;
