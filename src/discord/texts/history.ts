import { group } from "./numbers.ts";
import type { Text } from "./text.ts";

export const historyTexts = {
  description: {
    en: "The stored conversation of this place: take it along, or bring one here",
    de: "Das gespeicherte Gespräch dieses Ortes: mitnehmen oder eines herbringen",
  },
  exporting: {
    en: "The stored conversation of this place as a file, for you alone",
    de: "Das gespeicherte Gespräch dieses Ortes als Datei, nur für dich",
  },
  format: {
    en: "Markdown to read (the default), or a file for other programs",
    de: "Markdown zum Lesen (die Vorgabe) oder eine Datei für andere Programme",
  },
  sillyTavern: { en: "SillyTavern JSONL", de: "SillyTavern-JSONL" },
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
    en: "Done: a fresh start. `/history export` still has all of it.",
    de: "Fertig: ein neuer Anfang. `/history export` hat weiterhin alles.",
  },
} as const;

export const historyImportTexts = {
  description: {
    en: "Bring a chat of SillyTavern's here, after all that was said",
    de: "Einen Chat von SillyTavern herbringen, hinter alles, was gesagt wurde",
  },
  file: {
    en: "The chat's file (.jsonl)",
    de: "Die Datei des Chats (.jsonl)",
  },
  unreachable: {
    en: "I could not fetch the file from Discord: try again.",
    de: "Ich konnte die Datei nicht von Discord holen: Versuch es noch einmal.",
  },
  confirm: (turns: number, stored: number): Text => ({
    en: `There is a conversation here already, with ${toTurns(stored).en}. Shall I append ${toTurns(turns).en} from the file?`,
    de: `Hier gibt es schon ein Gespräch (${toTurns(stored).de}). Soll ich ${toTurns(turns).de} aus der Datei anhängen?`,
  }),
  append: { en: "Append", de: "Anhängen" },
  cancel: { en: "Cancel", de: "Abbrechen" },
  cancelled: { en: "Nothing was imported.", de: "Nichts wurde importiert." },
  done: (turns: number): Text => ({
    en: `Done: ${toTurns(turns).en} from the file ${turns === 1 ? "is" : "are"} part of the conversation here.`,
    de: `Fertig: ${toTurns(turns).de} aus der Datei ${turns === 1 ? "gehört" : "gehören"} jetzt zum Gespräch hier.`,
  }),
  hidden: (messages: number): Text => ({
    en: `Left out, since the file hides them from the model: ${group(messages).en}.`,
    de: `Ausgelassen, weil die Datei sie vor dem Modell verbirgt: ${group(messages).de}.`,
  }),
  bad: (lines: number): Text => ({
    en: `Unreadable lines: ${group(lines).en}.`,
    de: `Unlesbare Zeilen: ${group(lines).de}.`,
  }),
} as const;

function toTurns(count: number): Text {
  return count === 1
    ? { en: "1 turn", de: "1 Beitrag" }
    : { en: `${group(count).en} turns`, de: `${group(count).de} Beiträge` };
}
