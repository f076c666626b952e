import type { PersonaOrigin } from "../../chat/persona/library.ts";
import type { Place } from "../../chat/place.ts";
import type { Text } from "./text.ts";

/** Of the command, its subcommands and their options. */
export const personaCommandTexts = {
  description: {
    en: "Who I am: a library of personas, and which one answers where",
    de: "Wer ich bin: eine Bibliothek von Personas, und welche wo antwortet",
  },
  use: {
    en: "Have a persona answer here, or none any more",
    de: "Hier eine Persona antworten lassen, oder keine mehr",
  },
  show: {
    en: "Show who answers here and why, or what a persona is made of",
    de: "Zeigen, wer hier antwortet und warum, oder woraus eine Persona besteht",
  },
  list: { en: "Show all personas", de: "Alle Personas zeigen" },
  create: { en: "Make a new persona for this server", de: "Eine neue Persona für diesen Server" },
  edit: { en: "Change a persona", de: "Eine Persona ändern" },
  clone: { en: "Make a new persona out of another", de: "Aus einer Persona eine neue machen" },
  delete: {
    en: "Delete a persona with all its versions",
    de: "Eine Persona mit allen ihren Versionen löschen",
  },
  history: {
    en: "Show a persona's versions, who made them and when",
    de: "Die Versionen einer Persona zeigen, wer sie wann gemacht hat",
  },
  rollback: { en: "Go back to an earlier version", de: "Zu einer früheren Version zurückkehren" },
  import: {
    en: "Make a persona out of a character card: PNG, JSON or CHARX",
    de: "Aus einer Charakterkarte eine Persona machen: PNG, JSON oder CHARX",
  },
  export: {
    en: "Get a persona as a character card for other programs",
    de: "Eine Persona als Charakterkarte für andere Programme holen",
  },
  name: { en: "The persona", de: "Die Persona" },
  nameToUse: {
    en: "The persona; without it, none is chosen any more",
    de: "Die Persona; ohne Angabe ist keine mehr gewählt",
  },
  nameToShow: {
    en: "Any persona; without it, the one that answers here",
    de: "Irgendeine Persona; ohne Angabe die, die hier antwortet",
  },
  newName: { en: "What the new one is called", de: "Wie die neue heißt" },
  importedName: {
    en: "What it is called; without it, as the card says",
    de: "Wie sie heißt; ohne Angabe wie in der Karte",
  },
  version: { en: "Its number", de: "Ihre Nummer" },
  card: { en: "The file, up to 8 MiB", de: "Die Datei, bis zu 8 MiB" },
  format: {
    en: "Without it, a picture that both kinds of programs read",
    de: "Ohne Angabe ein Bild, das beide Arten von Programmen lesen",
  },
  part: {
    en: "Which part of it; without it, the first",
    de: "Welcher Teil von ihr; ohne Angabe der erste",
  },
  main: {
    en: "name, prompt, description, greeting, last instructions",
    de: "Name, Prompt, Beschreibung, Begrüßung, letzte Anweisungen",
  },
  more: {
    en: "personality, scenario, examples, other greetings, sampling",
    de: "Wesen, Szenario, Beispiele, weitere Begrüßungen, Sampling",
  },
  scope: {
    en: "Where it answers; without it, right here",
    de: "Wo sie antwortet; ohne Angabe genau hier",
  },
  thread: { en: "this thread", de: "dieser Thread" },
  channel: { en: "this channel", de: "dieser Kanal" },
  server: { en: "the whole server", de: "der ganze Server" },
  pinning: {
    en: "Whether later changes hold too; threads are pinned unless you say otherwise",
    de: "Ob spätere Änderungen auch gelten; in Threads nur, wenn du es so sagst",
  },
  newest: { en: "always the newest", de: "immer die neueste" },
  pinned: { en: "pinned: as it is now", de: "festgehalten: wie sie jetzt ist" },
  v3Png: { en: "PNG, version 3 and 2", de: "PNG, Version 3 und 2" },
  v2Png: { en: "PNG, version 2", de: "PNG, Version 2" },
  v3Json: { en: "JSON, version 3", de: "JSON, Version 3" },
  v2Json: { en: "JSON, version 2", de: "JSON, Version 2" },
  builtIn: (name: string): Text => ({ en: `${name} (built in)`, de: `${name} (eingebaut)` }),
} as const;

/** What the library answers. Names of personas come escaped. */
export const libraryTexts = {
  created: (name: string): Text => ({
    en: `Done: **${name}** is in the library. /persona use has it answer.`,
    de: `Fertig: **${name}** ist in der Bibliothek. Mit /persona use antwortet sie.`,
  }),
  unchanged: (name: string): Text => ({
    en: `Nothing has changed: **${name}** is as it was.`,
    de: `Nichts hat sich geändert: **${name}** ist, wie sie war.`,
  }),
  changed: (name: string, version: number): Text => ({
    en: `Done: **${name}** is now at version ${version}. Threads stay with the version they began with.`,
    de: `Fertig: **${name}** ist jetzt bei Version ${version}. Threads bleiben bei der Version, mit der sie begannen.`,
  }),
  cloned: (name: string): Text => ({
    en: `Done: **${name}** is in the library, ready to be changed.`,
    de: `Fertig: **${name}** ist in der Bibliothek und kann geändert werden.`,
  }),
  deleted: (name: string): Text => ({
    en: `Done: **${name}** and all its versions are gone. Where it was in use, what holds above holds again.`,
    de: `Fertig: **${name}** und alle ihre Versionen sind weg. Wo sie im Einsatz war, gilt wieder, was darüber gilt.`,
  }),
  rolledBack: (made: number, old: number): Text => ({
    en: `Done: version ${made} says what version ${old} said.`,
    de: `Fertig: In Version ${made} steht, was in Version ${old} stand.`,
  }),
  version: ({ isNewest, name, number, when, who }: ListedVersion): Text => ({
    en: `Version ${number}${isNewest ? " (newest)" : ""}: **${name}**, by ${who} ${when}`,
    de: `Version ${number}${isNewest ? " (neueste)" : ""}: **${name}**, von ${who} ${when}`,
  }),
  imported: (name: string): Text => ({
    en: `Done: **${name}** is in the library.`,
    de: `Fertig: **${name}** ist in der Bibliothek.`,
  }),
  cut: (parts: Text): Text => ({
    en: `Only the beginning of these fitted: ${parts.en}. An export has them whole.`,
    de: `Davon passte nur der Anfang hinein: ${parts.de}. Ein Export hat sie ganz.`,
  }),
  exported: (name: string): Text => ({
    en: `**${name}** as a character card.`,
    de: `**${name}** als Charakterkarte.`,
  }),
  fileUnreachable: {
    en: "I could not fetch that file from Discord: try again.",
    de: "Ich konnte die Datei nicht von Discord holen: Versuch es noch einmal.",
  },
} as const;

export interface ListedVersion {
  readonly number: number;
  readonly isNewest: boolean;
  readonly name: string;
  readonly who: string;
  readonly when: string;
}

/** Above the personas of each origin in a list. */
export const originTitles: Readonly<Record<PersonaOrigin, Text>> = {
  server: { en: "This server's", de: "Von diesem Server" },
  owner: { en: "My owner's, for all servers", de: "Von meinem Betreiber, für alle Server" },
  "built-in": { en: "Built in", de: "Eingebaut" },
};

/** What `/persona show` answers. */
export const shownPersonaTexts = {
  named: (name: string, origin: PersonaOrigin, version: number | undefined): Text => ({
    en: `**${name}** is ${ORIGINS[origin].en}${version === undefined ? "" : `, version ${version}`}.`,
    de: `**${name}** ist ${ORIGINS[origin].de}${version === undefined ? "" : `, Version ${version}`}.`,
  }),
  none: {
    en: "No persona is in use here: the system prompt holds, and /system show shows it.",
    de: "Hier ist keine Persona im Einsatz: Es gilt der System-Prompt, den /system show zeigt.",
  },
  inherited: (name: string): Text => ({
    en: `**${name}** answers here: this thread began with it.`,
    de: `**${name}** antwortet hier: Mit ihr begann dieser Thread.`,
  }),
  ofPlace: (name: string): Text => ({
    en: `**${name}** answers here: it was chosen for this place.`,
    de: `**${name}** antwortet hier: Sie wurde für diesen Ort gewählt.`,
  }),
  ofParent: (name: string): Text => ({
    en: `**${name}** answers here: it was chosen for the channel of this thread.`,
    de: `**${name}** antwortet hier: Sie wurde für den Kanal dieses Threads gewählt.`,
  }),
  ofGuild: (name: string): Text => ({
    en: `**${name}** answers here: it was chosen for the whole server.`,
    de: `**${name}** antwortet hier: Sie wurde für den ganzen Server gewählt.`,
  }),
  builtIn: { en: "It is built in.", de: "Sie ist eingebaut." },
  followsNewest: (version: number): Text => ({
    en: `Version ${version}, and each newer one.`,
    de: `Version ${version}, und jede neuere.`,
  }),
  pinned: (version: number): Text => ({
    en: `It stays at version ${version}.`,
    de: `Sie bleibt bei Version ${version}.`,
  }),
  newer: {
    en: "There is a newer one: /persona use takes it.",
    de: "Es gibt eine neuere: /persona use nimmt sie.",
  },
  promptInstead: {
    en: "The system prompt set with /system stands in the place of its own.",
    de: "Der mit /system gesetzte System-Prompt steht anstelle ihres eigenen.",
  },
} as const;

const ORIGINS: Readonly<Record<PersonaOrigin, Text>> = {
  server: { en: "in this server's library", de: "in der Bibliothek dieses Servers" },
  owner: { en: "in my owner's library", de: "in der Bibliothek meines Betreibers" },
  "built-in": { en: "built in", de: "eingebaut" },
};

/** What `/persona use` answers. */
export const usedPersonaTexts = {
  stopped: (where: Text): Text => ({
    en: `Done: no persona is chosen for ${where.en} any more.`,
    de: `Fertig: Keine Persona ist mehr gewählt für ${where.de}.`,
  }),
  builtIn: (name: string, where: Text): Text => ({
    en: `Done: **${name}** answers in ${where.en} from my next reply on.`,
    de: `Fertig: **${name}** spricht ab meiner nächsten Antwort. Das gilt für ${where.de}.`,
  }),
  pinned: (name: string, where: Text, version: number): Text => ({
    en: `Done: **${name}** answers in ${where.en} from my next reply on, as version ${version}.`,
    de: `Fertig: **${name}** spricht ab meiner nächsten Antwort, als Version ${version}. Das gilt für ${where.de}.`,
  }),
  newest: (name: string, where: Text): Text => ({
    en: `Done: **${name}** answers in ${where.en} from my next reply on, always in its newest version.`,
    de: `Fertig: **${name}** spricht ab meiner nächsten Antwort, immer in ihrer neuesten Version. Das gilt für ${where.de}.`,
  }),
  promptFirst: {
    en: "The system prompt set with /system still comes first: /system reset takes it away.",
    de: "Der mit /system gesetzte System-Prompt geht weiterhin vor: /system reset nimmt ihn weg.",
  },
} as const;

export const scopeTexts: Readonly<Record<Place["kind"] | "server", Text>> = {
  channel: { en: "this channel and its new threads", de: "diesen Kanal und seine neuen Threads" },
  direct: { en: "our direct messages", de: "unsere Direktnachrichten" },
  thread: { en: "this thread", de: "diesen Thread" },
  server: { en: "the whole server", de: "den ganzen Server" },
};
