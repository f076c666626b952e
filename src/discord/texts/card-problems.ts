import type { CardProblemFacts } from "../../chat/persona/card-problem.ts";
import { group } from "./numbers.ts";
import type { Text } from "./text.ts";

export const CARD_WORDS = {
  "card-charx-damaged": {
    en: "The CHARX file is damaged or incomplete: take the original file.",
    de: "Die CHARX-Datei ist beschädigt oder unvollständig: Nimm die Originaldatei.",
  },
  "card-charx-encrypted": {
    en: "The CHARX file is encrypted: export it without a password.",
    de: "Die CHARX-Datei ist verschlüsselt: Exportiere sie ohne Passwort.",
  },
  "card-charx-packed-otherwise": {
    en: "The CHARX file is packed in a way that is not read: pack it with deflate.",
    de: "Die CHARX-Datei ist so gepackt, dass ich sie nicht lesen kann: Packe sie mit Deflate.",
  },
  "card-charx-too-large": ({ mib }) => ({
    en: `The CHARX file is damaged, or has more than ${mib} MiB of text in it.`,
    de: `Die CHARX-Datei ist beschädigt oder enthält mehr als ${mib} MiB Text.`,
  }),
  "card-charx-without-card": ({ fileName }) => ({
    en: `The CHARX file has no ${fileName} in it.`,
    de: `In der CHARX-Datei fehlt ${fileName}.`,
  }),
  "card-empty": { en: "The file is empty.", de: "Die Datei ist leer." },
  "card-file-too-large": ({ mib }) => ({
    en: `The file is too large: it may have up to ${mib} MiB.`,
    de: `Die Datei ist zu groß: Sie darf bis zu ${mib} MiB haben.`,
  }),
  "card-json-cut": {
    en: "The card's JSON cannot be read: it ends too early.",
    de: "Das JSON der Karte lässt sich nicht lesen: Es endet zu früh.",
  },
  "card-json-damaged": {
    en: "The card's JSON cannot be read: it is damaged, or was changed by hand.",
    de: "Das JSON der Karte lässt sich nicht lesen: Es ist beschädigt oder wurde von Hand geändert.",
  },
  "card-json-no-object": {
    en: "The file holds no character: its JSON is no object.",
    de: "Die Datei enthält keinen Charakter: Ihr JSON ist kein Objekt.",
  },
  "card-lorebook-alone": {
    en: "The file is a lorebook alone: import it inside a character card.",
    de: "Die Datei ist nur ein Lorebook: Importiere es in einer Charakterkarte.",
  },
  "card-of-no-known-format": {
    en: "The file is no character card: it is neither JSON nor PNG nor CHARX.",
    de: "Die Datei ist keine Charakterkarte: Sie ist weder JSON noch PNG noch CHARX.",
  },
  "card-picture-damaged": {
    en: "The character in the picture is damaged, or larger than 4 MiB: take the original file.",
    de: "Der Charakter im Bild ist beschädigt oder größer als 4 MiB: Nimm die Originaldatei.",
  },
  "card-picture-of-other-format": {
    en: "The picture holds no character: cards are PNG, JSON or CHARX files, and other pictures lose what was in them.",
    de: "Das Bild enthält keinen Charakter: Karten sind PNG-, JSON- oder CHARX-Dateien, andere Bilder verlieren, was in ihnen war.",
  },
  "card-picture-without-card": {
    en: "The picture holds no character: take the original PNG file, not a preview or a copy that was saved anew.",
    de: "Das Bild enthält keinen Charakter: Nimm die originale PNG-Datei, keine Vorschau und keine neu gespeicherte Kopie.",
  },
  "card-text-too-large": ({ mib }) => ({
    en: `The card's text is too large: it may have up to ${mib} MiB.`,
    de: `Der Text der Karte ist zu groß: Er darf bis zu ${mib} MiB haben.`,
  }),
  "card-too-deep": ({ most }) => ({
    en: `The card is nested too deeply: up to ${most} levels are read.`,
    de: `Die Karte ist zu tief verschachtelt: Bis zu ${most} Ebenen werden gelesen.`,
  }),
  "card-without-character": {
    en: "The file holds no character: it has neither a name nor a description nor a greeting.",
    de: "Die Datei enthält keinen Charakter: Sie hat weder Namen noch Beschreibung noch Begrüßung.",
  },
  "card-with-too-many-fields": ({ most }) => ({
    en: `The card has too many fields: up to ${group(most).en} are read.`,
    de: `Die Karte hat zu viele Felder: Bis zu ${group(most).de} werden gelesen.`,
  }),
} satisfies {
  readonly [Kind in keyof CardProblemFacts]: Text | ((facts: CardProblemFacts[Kind]) => Text);
};
