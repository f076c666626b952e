import { MAX_NOTE_LENGTH } from "../../chat/memory/note.ts";
import type { Text } from "./text.ts";

/** Of `/remember`, and of "Remember this" in the menu of a message. */
export const rememberTexts = {
  command: {
    en: "Have me remember something, in your own words",
    de: "Mich etwas merken lassen, in deinen eigenen Worten",
  },
  text: {
    en: `What I am to remember, in up to ${MAX_NOTE_LENGTH} characters`,
    de: `Was ich mir merken soll, in bis zu ${MAX_NOTE_LENGTH} Zeichen`,
  },
  for: {
    en: "Where I am to think of it; without this, here",
    de: "Wo ich daran denken soll; ohne Angabe hier",
  },
  here: { en: "this thread, or this channel", de: "dieser Thread, oder dieser Kanal" },
  persona: { en: "this channel's persona", de: "die Persona dieses Kanals" },
  me: { en: "about me", de: "über mich" },
  whichPersona: {
    en: "Which persona may know what is about you; without this, all",
    de: "Welche Persona wissen darf, was über dich ist; ohne Angabe alle",
  },
  all: { en: "all of them", de: "alle" },
  this: { en: "only the one in use here", de: "nur die, die hier in Gebrauch ist" },
  menu: { en: "Remember this", de: "Das merken" },
  title: { en: "What I will remember here", de: "Was ich mir hier merke" },
  field: { en: "Note", de: "Notiz" },
  noWords: {
    en: "There are no words in that message that I could remember.",
    de: "In dieser Nachricht stehen keine Worte, die ich mir merken könnte.",
  },
  kept: {
    place: {
      en: "Done: I remember it here, and nowhere else.",
      de: "Fertig: Ich merke es mir hier, und nirgends sonst.",
    },
    persona: {
      en: "Done: I remember it wherever this persona talks in this server.",
      de: "Fertig: Ich merke es mir, wo immer diese Persona auf diesem Server spricht.",
    },
    personaHere: {
      en: "Done: I remember it as this persona, here and nowhere else.",
      de: "Fertig: Ich merke es mir als diese Persona, hier und nirgends sonst.",
    },
    person: {
      en: "Done: I remember it about you, wherever you talk with me in this server.",
      de: "Fertig: Ich merke es mir über dich, wo immer du auf diesem Server mit mir sprichst.",
    },
    personForPersona: {
      en: "Done: I remember it about you, wherever you talk with this persona in this server.",
      de: "Fertig: Ich merke es mir über dich, wo immer du auf diesem Server mit dieser Persona sprichst.",
    },
    personHere: {
      en: "Done: I remember it about you in our direct messages, and nowhere else.",
      de: "Fertig: Ich merke es mir über dich in unseren Direktnachrichten, und nirgends sonst.",
    },
  },
} as const;

/** Of `/memory`. */
export const memoryTexts = {
  command: {
    en: "What people want me to remember here",
    de: "Was ich mir hier merken soll",
  },
  list: {
    en: "What I remember here: of this place, its persona, and you",
    de: "Was ich mir hier merke: über diesen Ort, seine Persona und dich",
  },
  search: { en: "Find notes by their words", de: "Notizen anhand ihrer Worte finden" },
  searched: { en: "Words to look for", de: "Wonach ich suchen soll" },
  edit: { en: "Change the words of a note", de: "Den Wortlaut einer Notiz ändern" },
  forget: { en: "Have me forget a note", de: "Mich eine Notiz vergessen lassen" },
  note: {
    en: "Which note: type some of its words",
    de: "Welche Notiz: Tippe ein paar ihrer Worte",
  },
  title: { en: "What I remember here", de: "Was ich mir hier merke" },
  found: (words: string): Text => ({
    en: `What I remember here of "${words}"`,
    de: `Was ich mir hier zu „${words}“ merke`,
  }),
  nothing: {
    en: "There are no notes here: /remember makes one.",
    de: "Hier gibt es keine Notizen: /remember macht eine.",
  },
  nothingFound: (words: string): Text => ({
    en: `No note here has "${words}" in it.`,
    de: `In keiner Notiz hier steht „${words}“.`,
  }),
  page: (page: number, pages: number, count: number): Text => ({
    en: `Page ${page} of ${pages} · ${count} ${count === 1 ? "note" : "notes"}`,
    de: `Seite ${page} von ${pages} · ${count} ${count === 1 ? "Notiz" : "Notizen"}`,
  }),
  about: {
    place: { en: "About this place", de: "Über diesen Ort" },
    persona: { en: "About the persona", de: "Über die Persona" },
  },
  aboutPerson: (who: string): Text => ({ en: `About ${who}`, de: `Über ${who}` }),
  aboutPersonForOne: (who: string): Text => ({
    en: `About ${who}, for one persona`,
    de: `Über ${who}, für eine Persona`,
  }),
  writtenBy: (who: string, when: string): Text => ({
    en: `written by ${who} ${when}`,
    de: `geschrieben von ${who} ${when}`,
  }),
  editTitle: { en: "Change a note", de: "Eine Notiz ändern" },
  changed: { en: "Done: the note is changed.", de: "Fertig: Die Notiz ist geändert." },
  forgotten: (words: string): Text => ({
    en: `Done: I no longer remember it. It said: ${words}`,
    de: `Fertig: Ich erinnere mich nicht mehr daran. Es hieß: ${words}`,
  }),
} as const;
