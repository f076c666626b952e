import type { Text } from "./text.ts";

/** On the buttons under a reply. */
export const buttonTexts = {
  stop: { en: "■ Stop", de: "■ Stopp" },
  regenerate: { en: "↻ Regenerate", de: "↻ Neu schreiben" },
  answerEdit: { en: "↻ Answer the edit", de: "↻ Änderung beantworten" },
  continue: { en: "… Continue", de: "… Weiter" },
  fork: { en: "↳ Fork here", de: "↳ Hier abzweigen" },
  remember: { en: "✎ Remember this", de: "✎ Das merken" },
  delete: { en: "✕ Delete", de: "✕ Löschen" },
} as const;

/** In the menu of a message. */
export const menuTexts = {
  fork: { en: "Fork from here", de: "Ab hier abzweigen" },
  regenerate: { en: "Regenerate", de: "Neu schreiben" },
  forget: { en: "Forget this message", de: "Diese Nachricht vergessen" },
} as const;

/** What `/stop`, `/retry`, `/undo`, `/say`, buttons and menus say. */
export const controlTexts = {
  stop: {
    en: "Stop the reply that I am writing here",
    de: "Die Antwort stoppen, die ich hier gerade schreibe",
  },
  retry: {
    en: "Have me write my last reply once more; the ones before stay selectable",
    de: "Meine letzte Antwort neu schreiben lassen; die früheren bleiben wählbar",
  },
  undo: {
    en: "Take the last exchange back: my reply goes, and I forget what it answered",
    de: "Den letzten Wortwechsel zurücknehmen: Meine Antwort verschwindet, ich vergesse die Frage",
  },
  say: {
    en: "Speak as me: I remember it as my own words",
    de: "Für mich sprechen: Ich behalte es als meine eigenen Worte",
  },
  sayText: { en: "What I am to say", de: "Was ich sagen soll" },
  nothingToSay: {
    en: "There is nothing to say in that.",
    de: "Darin steht nichts, was ich sagen könnte.",
  },
  said: { en: "Done: I have said it.", de: "Fertig: Ich habe es gesagt." },
  stopped: { en: "Done: I have stopped.", de: "Fertig: Ich habe gestoppt." },
  writingAgain: {
    en: "Done: I am writing it once more.",
    de: "Fertig: Ich schreibe die Antwort noch einmal.",
  },
  undone: {
    en: "Done: I no longer remember the last exchange.",
    de: "Fertig: An den letzten Wortwechsel erinnere ich mich nicht mehr.",
  },
  forgotten: {
    en: "Done: I no longer remember it.",
    de: "Fertig: Ich erinnere mich nicht mehr daran.",
  },
  deleted: {
    en: "Done: the reply is gone, here and from what I remember.",
    de: "Fertig: Die Antwort ist weg, hier und aus meiner Erinnerung.",
  },
  forked: (thread: string): Text => ({
    en: `Here it is: ${thread}`,
    de: `Hier geht es weiter: ${thread}`,
  }),
  forkName: (origin: string): Text => ({ en: `Fork of ${origin}`, de: `Abzweig von ${origin}` }),
  unnamed: { en: "a conversation", de: "einem Gespräch" },
  forkStarter: (who: string, origin: string): Text => ({
    en: `${who} forked a conversation. It goes on from here: ${origin}`,
    de: `${who} hat ein Gespräch abgezweigt. Es geht von hier aus weiter: ${origin}`,
  }),
} as const;
