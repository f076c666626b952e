import type { Text } from "./text.ts";

/** Of "Import as persona" in the menu of a message. */
export const importTexts = {
  menu: { en: "Import as persona", de: "Als Persona importieren" },
  noFile: {
    en: "There is no file at this message: choose one with a character card (PNG, JSON or CHARX).",
    de: "An dieser Nachricht hängt keine Datei: Wähle eine mit einer Charakterkarte (PNG, JSON oder CHARX).",
  },
  noCard: (files: number): Text => ({
    en: `None of the ${files} files at this message is a character card.`,
    de: `Keine der ${files} Dateien an dieser Nachricht ist eine Charakterkarte.`,
  }),
  otherName: (problem: Text): Text => ({
    en: `${problem.en} Import the file under it with \`/persona import name:\`.`,
    de: `${problem.de} Unter dem importierst du die Datei mit \`/persona import name:\`.`,
  }),
} as const;
