import type { Text } from "./text.ts";

export const chatTexts = {
  description: {
    en: "Open a thread to talk with me",
    de: "Einen Thread eröffnen, um mit mir zu reden",
  },
  message: { en: "What you say first", de: "Was du als Erstes sagst" },
  system: {
    en: "A system prompt for this thread alone: who I am and how I talk",
    de: "Ein System-Prompt nur für diesen Thread: wer ich bin und wie ich rede",
  },
  opened: (thread: string): Text => ({
    en: `Here it is, just write in it: ${thread}`,
    de: `Hier ist er, schreib einfach hinein: ${thread}`,
  }),
  starter: (who: string): Text => ({
    en: `${who} opened a conversation.`,
    de: `${who} hat ein Gespräch eröffnet.`,
  }),
  starterWithWords: (who: string, quoted: string): Text => ({
    en: `${who} says:\n${quoted}`,
    de: `${who} sagt:\n${quoted}`,
  }),
  threadName: (who: string): Text => ({ en: `Chat with ${who}`, de: `Gespräch mit ${who}` }),
  silenced: { en: "I am set not to speak here.", de: "Hier soll ich nicht sprechen." },
  noPrivateThreadsHere: {
    en: "A thread with what was said here would have to be private too, and I cannot open a private one: that needs a text channel, and the permission to create private threads.",
    de: "Ein Thread mit dem, was hier gesagt wurde, müsste auch privat sein, und einen privaten kann ich nicht eröffnen: Dazu braucht es einen Textkanal und das Recht, private Threads zu erstellen.",
  },
  noThreadsHere: {
    en: "I cannot open a thread here: that works in a text channel that I can see.",
    de: "Hier kann ich keinen Thread eröffnen: Das geht in einem Textkanal, den ich sehen kann.",
  },
} as const;
