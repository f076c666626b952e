import type { ProblemFacts } from "../../chat/problem.ts";
import { group } from "./numbers.ts";
import type { Text } from "./text.ts";

/** What can be wrong with what is to be read back or imported. */
export const ADOPTION_WORDS = {
  "adoption-under-way": {
    en: "I am reading this place back already: wait until I have finished, or stop me first.",
    de: "Ich lese hier schon nach: Warte, bis ich fertig bin, oder stoppe mich zuerst.",
  },
  "chat-file-line-too-long": ({ line, mib }: ProblemFacts["chat-file-line-too-long"]): Text => ({
    en: `Line ${group(line).en} of the file is too long: a line may have up to ${mib} MiB.`,
    de: `Zeile ${group(line).de} der Datei ist zu lang: Eine Zeile darf bis zu ${mib} MiB haben.`,
  }),
  "chat-file-too-large": ({ mib }: ProblemFacts["chat-file-too-large"]): Text => ({
    en: `The file is too large: it may have up to ${mib} MiB.`,
    de: `Die Datei ist zu groß: Sie darf bis zu ${mib} MiB haben.`,
  }),
  "chat-file-too-many-messages": ({ most }: ProblemFacts["chat-file-too-many-messages"]): Text => ({
    en: `The file has too many messages: it may have up to ${group(most).en}.`,
    de: `Die Datei hat zu viele Nachrichten: Sie darf bis zu ${group(most).de} haben.`,
  }),
  "chat-file-without-messages": {
    en: "There is no message in this file that I can read: it must be a chat of SillyTavern's (.jsonl).",
    de: "In dieser Datei ist keine Nachricht, die ich lesen kann: Es muss ein Chat von SillyTavern sein (.jsonl).",
  },
  "messages-unreadable": {
    en: "I may not read what was written here: I need the View Channel and Read Message History permissions.",
    de: "Ich darf hier nicht nachlesen: Ich brauche die Berechtigungen „Kanal ansehen“ und „Nachrichtenverlauf anzeigen“.",
  },
} as const;
