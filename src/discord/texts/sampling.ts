import type { SamplingNumber } from "../../chat/sampling.ts";
import type { SamplingSource } from "../../chat/settings/effective-sampling.ts";
import type { Text } from "./text.ts";

export const samplingTexts = {
  description: {
    en: "How I choose my words in this thread or channel",
    de: "Wie ich in diesem Thread oder Kanal meine Worte wähle",
  },
  show: {
    en: "Show the values that hold here, and where they are set",
    de: "Die Werte zeigen, die hier gelten, und wo sie gesetzt sind",
  },
  set: {
    en: "Change one value or several in this place",
    de: "Einen Wert oder mehrere an diesem Ort ändern",
  },
  reset: {
    en: "Take back all that is set here",
    de: "Alles zurücknehmen, was hier gesetzt ist",
  },
  stop: (separator: string): Text => ({
    en: `I end before any of these, separated by ${separator}; \\n is a new line`,
    de: `Ich höre vor einem von diesen auf, getrennt durch ${separator}; \\n ist eine neue Zeile`,
  }),
  nothingGiven: {
    en: "Name at least one value to set.",
    de: "Nenne mindestens einen Wert, der gesetzt werden soll.",
  },
  changed: {
    en: "Done: this holds here from my next reply on.",
    de: "Fertig: Das gilt hier ab meiner nächsten Antwort.",
  },
  changedBack: {
    en: "Done: nothing is set here any more, from my next reply on.",
    de: "Fertig: Hier ist ab meiner nächsten Antwort nichts mehr gesetzt.",
  },
  setInChannel: { en: "set in the channel", de: "im Kanal gesetzt" },
  setForServer: { en: "set for the server", de: "für den Server gesetzt" },
  newEachTime: { en: "a new one each time", de: "jedes Mal ein neuer" },
  nothing: { en: "nothing", de: "nichts" },
} as const;

/** Where a value comes from. */
export const samplingSourceTexts: Readonly<Record<SamplingSource, Text>> = {
  place: { en: "set here", de: "hier gesetzt" },
  parent: { en: "set in the channel", de: "im Kanal gesetzt" },
  persona: { en: "the persona's", de: "von der Persona" },
  guild: { en: "set for the server", de: "für den Server gesetzt" },
  default: { en: "my owner's setting", de: "Einstellung meines Betreibers" },
};

/** What an option of `/sampling set` does. */
export const samplingOptionTexts: Readonly<Record<SamplingNumber, Text>> = {
  temperature: {
    en: "How freely I choose words: 0 always takes the likeliest",
    de: "Wie frei ich Worte wähle: 0 nimmt immer das wahrscheinlichste",
  },
  topP: {
    en: "Choose among the likeliest that make up this share",
    de: "Unter den wahrscheinlichsten wählen, die zusammen diesen Anteil haben",
  },
  topK: {
    en: "Choose among this many of the likeliest",
    de: "Unter so vielen der wahrscheinlichsten wählen",
  },
  minP: {
    en: "Leave out what is this much less likely than the likeliest",
    de: "Weglassen, was um so viel unwahrscheinlicher ist als das wahrscheinlichste",
  },
  repeatPenalty: {
    en: "How much I avoid what I have just written; 1 is not at all",
    de: "Wie sehr ich meide, was ich gerade geschrieben habe; 1 heißt gar nicht",
  },
  seed: {
    en: "The same seed and history give the same text",
    de: "Derselbe Seed und Verlauf ergeben denselben Text",
  },
};
