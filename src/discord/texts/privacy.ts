import type { Held } from "../../chat/privacy/privacy-store.ts";
import { group } from "./numbers.ts";
import type { Text } from "./text.ts";

/** Of `/privacy`. */
export const privacyTexts = {
  command: {
    en: "What I hold about you: see it, take it along, have it forgotten, keep it out",
    de: "Was ich über dich habe: ansehen, mitnehmen, vergessen lassen, heraushalten",
  },
  show: {
    en: "What I hold about you, in numbers",
    de: "Was ich über dich habe, in Zahlen",
  },
  export: {
    en: "All that is yours as a file: your words, the replies you asked for, your notes",
    de: "Alles, was dein ist, als Datei: deine Worte, die Antworten an dich, deine Notizen",
  },
  forget: {
    en: "Have me forget you: your words, what I noted about you, and the replies you asked for",
    de: "Mich dich vergessen lassen: deine Worte, Notizen über dich und die Antworten an dich",
  },
  optOut: {
    en: "From now on I store nothing of what you say; I still answer you",
    de: "Ab jetzt speichere ich nichts von dem, was du sagst; ich antworte dir weiterhin",
  },
  optIn: {
    en: "From now on I remember again what you say",
    de: "Ab jetzt erinnere ich mich wieder an das, was du sagst",
  },
  where: { en: "Where; without this, everywhere", de: "Wo; ohne Angabe überall" },
  here: {
    en: "here: this server, or our direct messages",
    de: "hier: auf diesem Server, oder in unseren Direktnachrichten",
  },
  everywhere: { en: "everywhere", de: "überall" },
  withReplies: {
    en: "Also the replies that you asked for; without this, yes",
    de: "Auch die Antworten, um die du gebeten hast; ohne Angabe ja",
  },
  title: { en: "What I hold about you", de: "Was ich über dich habe" },
  nothing: {
    en: "I hold nothing about you.",
    de: "Ich habe nichts über dich.",
  },
  direct: { en: "Our direct messages", de: "Unsere Direktnachrichten" },
  unknownServer: (id: string): Text => ({
    en: `A server that I am no longer in (${id})`,
    de: `Ein Server, auf dem ich nicht mehr bin (${id})`,
  }),
  moreServers: (count: number): Text => ({
    en: `… and ${count} more servers: /privacy export has them all.`,
    de: `… und ${count} weitere Server: /privacy export hat sie alle.`,
  }),
  optedOut: {
    en: "You have opted out: I store nothing of what you say. `/privacy opt-in` takes that back.",
    de: "Du hast dich abgemeldet: Ich speichere nichts von dem, was du sagst. `/privacy opt-in` nimmt das zurück.",
  },
  optedIn: {
    en: "I remember what you say to me. `/privacy opt-out` ends that, `/privacy forget` takes away what there is.",
    de: "Ich erinnere mich an das, was du zu mir sagst. `/privacy opt-out` beendet das, `/privacy forget` nimmt weg, was da ist.",
  },
  exported: (count: number): Text =>
    count === 1
      ? { en: "Here is all that is yours.", de: "Hier ist alles, was dein ist." }
      : {
          en: `Here is all that is yours, in ${count} files.`,
          de: `Hier ist alles, was dein ist, in ${count} Dateien.`,
        },
  exportPart: (number: number, count: number): Text => ({
    en: `File ${number} of ${count}`,
    de: `Datei ${number} von ${count}`,
  }),
  heading: (name: string): Text => ({
    en: `What Familiar holds about ${name}`,
    de: `Was Familiar über ${name} hat`,
  }),
  ownWords: { en: "What you said", de: "Was du gesagt hast" },
  askedReplies: { en: "Replies that you asked for", de: "Antworten, um die du gebeten hast" },
  notes: { en: "Notes about you and by you", de: "Notizen über dich und von dir" },
  proposals: {
    en: "What I would remember, if you keep it",
    de: "Was ich mir merken würde, wenn du es willst",
  },
  ownTexts: {
    en: "System prompts and personas that you wrote",
    de: "System-Prompts und Personas, die du geschrieben hast",
  },
  numbers: { en: "Numbers", de: "Zahlen" },
  confirmHere: {
    en: "I am about to forget you **in this server**, for good:",
    de: "Ich bin dabei, dich **auf diesem Server** endgültig zu vergessen:",
  },
  confirmDirect: {
    en: "I am about to forget you **in our direct messages**, for good:",
    de: "Ich bin dabei, dich **in unseren Direktnachrichten** endgültig zu vergessen:",
  },
  confirmEverywhere: {
    en: "I am about to forget you **everywhere**, for good:",
    de: "Ich bin dabei, dich **überall** endgültig zu vergessen:",
  },
  repliesGo: {
    en: "The replies that you asked for go too: they may quote you.",
    de: "Die Antworten, um die du gebeten hast, gehen mit: Sie können dich zitieren.",
  },
  repliesStay: {
    en: "The replies that you asked for stay, without your name. They may quote you.",
    de: "Die Antworten, um die du gebeten hast, bleiben, ohne deinen Namen. Sie können dich zitieren.",
  },
  whatStays: {
    en: "The messages on Discord stay: yours you can delete there yourself. What others said about you is theirs. Settings and personas that you made stay without your name, and so do lists of whom I answer.",
    de: "Die Nachrichten auf Discord bleiben: Deine kannst du dort selbst löschen. Was andere über dich gesagt haben, gehört ihnen. Einstellungen und Personas von dir bleiben ohne deinen Namen, ebenso Listen, wem ich antworte.",
  },
  forgetNow: { en: "Forget me", de: "Vergiss mich" },
  cancel: { en: "Cancel", de: "Abbrechen" },
  cancelled: { en: "Nothing has changed.", de: "Es hat sich nichts geändert." },
  forgetting: { en: "I am forgetting …", de: "Ich vergesse …" },
  forgotten: (seconds: number): Text => ({
    en: `Done in ${seconds} s: I no longer know you. What you say from now on I remember, unless you use \`/privacy opt-out\`.`,
    de: `Fertig in ${seconds} s: Ich kenne dich nicht mehr. Was du ab jetzt sagst, merke ich mir, außer du benutzt \`/privacy opt-out\`.`,
  }),
  forgottenWhileOut: (seconds: number): Text => ({
    en: `Done in ${seconds} s: I no longer know you. That you have opted out is all that I keep.`,
    de: `Fertig in ${seconds} s: Ich kenne dich nicht mehr. Ich behalte nur, dass du dich abgemeldet hast.`,
  }),
  nowOut: {
    en: "Done: from now on I store nothing of what you say, anywhere. I read a message of yours to answer it, and forget it with that. What I answer is stored, and may repeat your words. What I know of you from before stays until you use `/privacy forget`.",
    de: "Fertig: Ab jetzt speichere ich nirgends, was du sagst. Ich lese eine Nachricht von dir, um sie zu beantworten, und vergesse sie damit. Was ich antworte, wird gespeichert und kann deine Worte wiederholen. Was ich von früher weiß, bleibt, bis du `/privacy forget` benutzt.",
  },
  outAlready: {
    en: "You had opted out already: I store nothing of what you say.",
    de: "Du hattest dich schon abgemeldet: Ich speichere nichts von dem, was du sagst.",
  },
  nowIn: {
    en: "Done: from now on I remember what you say to me.",
    de: "Fertig: Ab jetzt erinnere ich mich an das, was du zu mir sagst.",
  },
  inAlready: {
    en: "You had not opted out: I remember what you say to me.",
    de: "Du hattest dich nicht abgemeldet: Ich erinnere mich an das, was du zu mir sagst.",
  },
  someone: { en: "someone", de: "jemand" },
} as const;

type Amount = Exclude<keyof Held, "guildId">;

const AMOUNTS: Readonly<Record<Amount, (count: string) => Text>> = {
  messages: (count) => ({ en: `messages: ${count}`, de: `Nachrichten: ${count}` }),
  places: (count) => ({
    en: `channels, threads and direct messages that they are in: ${count}`,
    de: `Kanäle, Threads und Direktnachrichten, in denen sie stehen: ${count}`,
  }),
  replies: (count) => ({
    en: `replies that you asked for: ${count}`,
    de: `Antworten, um die du gebeten hast: ${count}`,
  }),
  notesAbout: (count) => ({ en: `notes about you: ${count}`, de: `Notizen über dich: ${count}` }),
  notesBy: (count) => ({
    en: `notes by you about something else: ${count}`,
    de: `Notizen von dir über anderes: ${count}`,
  }),
  proposals: (count) => ({
    en: `facts that you have yet to keep or discard: ${count}`,
    de: `Vorschläge, über die du noch nicht entschieden hast: ${count}`,
  }),
  discarded: (count) => ({
    en: `hashes of facts that you discarded: ${count}`,
    de: `Hashes von Vorschlägen, die du verworfen hast: ${count}`,
  }),
  usages: (count) => ({
    en: `replies of the last day, counted for quotas: ${count}`,
    de: `Antworten des letzten Tages, für Kontingente gezählt: ${count}`,
  }),
  settings: (count) => ({
    en: `settings, prompts and personas that name you: ${count}`,
    de: `Einstellungen, Prompts und Personas, die dich nennen: ${count}`,
  }),
};

const NAMES = [
  "messages",
  "places",
  "replies",
  "notesAbout",
  "notesBy",
  "proposals",
  "discarded",
  "usages",
  "settings",
] as const satisfies readonly Amount[];

/** What there is, without what there is none of. */
export function toAmounts(held: Held): readonly Text[] {
  return NAMES.filter((name) => held[name] > 0).map((name) => {
    const { de, en } = group(held[name]);
    return { en: AMOUNTS[name](en).en, de: AMOUNTS[name](de).de };
  });
}
