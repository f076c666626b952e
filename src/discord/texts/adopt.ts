import type { AdoptionEnding, AdoptionProgress } from "../../chat/adopt/adoptions.ts";
import { group } from "./numbers.ts";
import type { Text } from "./text.ts";

export const adoptTexts = {
  description: {
    en: "Read what was written here before, so that I remember it",
    de: "Nachlesen, was hier früher geschrieben wurde, damit ich mich daran erinnere",
  },
  messages: {
    en: "How many messages to read back at most; default: as many as I can",
    de: "Wie viele Nachrichten ich höchstens nachlese; Vorgabe: so viele, wie ich kann",
  },
  days: {
    en: "How many days to read back at most; default: to the beginning",
    de: "Wie viele Tage ich höchstens zurückgehe; Vorgabe: bis zum Anfang",
  },
  stop: { en: "Stop", de: "Stopp" },
  stopping: { en: "I am stopping…", de: "Ich höre auf …" },
  notRunning: {
    en: "I am not reading here any more. `/adopt` adds what is missing.",
    de: "Ich lese hier nicht mehr. `/adopt` ergänzt, was fehlt.",
  },
  progress: (progress: AdoptionProgress): Text => {
    const read = toRead(progress);
    return { en: `I am reading: ${read.en}.`, de: `Ich lese: ${read.de}.` };
  },
  lastProgress: (progress: AdoptionProgress): Text => {
    const read = toRead(progress);
    return {
      en: `I am reading: ${read.en}. I go on, but cannot show it here any longer: \`/adopt\` later tells how far I have come.`,
      de: `Ich lese: ${read.de}. Ich mache weiter, kann es hier aber nicht länger zeigen: Später sagt \`/adopt\`, wie weit ich bin.`,
    };
  },
  nothing: {
    en: "There is nothing here that I could remember.",
    de: "Hier gibt es nichts, woran ich mich erinnern könnte.",
  },
  read: (progress: AdoptionProgress): Text => {
    const read = toRead(progress);
    return { en: `${read.en}.`, de: `${read.de}.` };
  },
  adopted: (turns: number): Text => {
    if (turns === 0) {
      return { en: "Nothing of that is new to me.", de: "Nichts davon ist neu für mich." };
    }
    return turns === 1
      ? { en: "One of them is new to me.", de: "Eine davon ist neu für mich." }
      : {
          en: `${group(turns).en} of them are new to me.`,
          de: `${group(turns).de} davon sind neu für mich.`,
        };
  },
  withheld: (messages: number): Text => ({
    en: `I could not read ${toMessages(messages).en}: the Message Content intent is not switched on for me, which is my owner's to do.`,
    de: `Nicht lesen konnte ich ${toMessages(messages).de}: Der „Message Content Intent“ ist für mich nicht eingeschaltet, das kann nur mein Betreiber tun.`,
  }),
} as const;

export const adoptionEndings: Readonly<Record<AdoptionEnding, Text>> = {
  beginning: { en: "There is nothing older.", de: "Älteres gibt es nicht." },
  limit: {
    en: "There may be more before that.",
    de: "Davor kann es noch mehr geben.",
  },
  stopped: {
    en: "Then I was stopped: `/adopt` adds the rest.",
    de: "Dann wurde ich gestoppt: `/adopt` ergänzt den Rest.",
  },
  failed: {
    en: "Then something broke off: `/adopt` adds the rest.",
    de: "Dann brach es ab: `/adopt` ergänzt den Rest.",
  },
  gone: {
    en: "Then the conversation was deleted, and all of that with it.",
    de: "Dann wurde das Gespräch gelöscht, und all das mit ihm.",
  },
};

function toMessages(count: number): Text {
  return count === 1
    ? { en: "1 message", de: "1 Nachricht" }
    : { en: `${group(count).en} messages`, de: `${group(count).de} Nachrichten` };
}

/** Discord shows the date in everyone's own way. */
function toRead({ oldest, readMessages }: AdoptionProgress): Text {
  const { de, en } = toMessages(readMessages);
  if (oldest === undefined) return { en: `${en} read`, de: `${de} gelesen` };
  const date = `<t:${Math.floor(oldest.getTime() / 1_000)}:D>`;
  return { en: `${en} read, back to ${date}`, de: `${de} gelesen, zurück bis ${date}` };
}
