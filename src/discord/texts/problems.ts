import type { Problem, ProblemFacts, ProblemKind } from "../../chat/problem.ts";
import { SAMPLING_RANGES } from "../../chat/sampling.ts";
import { ADOPTION_WORDS } from "./adopt-problems.ts";
import { CARD_WORDS } from "./card-problems.ts";
import { group } from "./numbers.ts";
import { personaPartTexts } from "./persona-forms.ts";
import { toQuotaUsedUpText } from "./quota-used-up.ts";
import { settingRules } from "./setting-rules.ts";
import type { Text } from "./text.ts";

type Words<Kind extends ProblemKind> = Text | ((facts: ProblemFacts[Kind]) => Text);

const WORDS: { readonly [Kind in ProblemKind]: Words<Kind> } = {
  ...ADOPTION_WORDS,
  ...CARD_WORDS,
  "import-opted-out": {
    en: "You have opted out, and I would store the chat's words as yours: `/privacy opt-in` first.",
    de: "Du hast dich abgemeldet, und die Worte des Chats würde ich als deine speichern: zuerst `/privacy opt-in`.",
  },
  "learning-opted-out": {
    en: "You have opted out, so there is nothing that I could learn from: `/privacy opt-in` first.",
    de: "Du hast dich abgemeldet, es gibt also nichts, woraus ich lernen könnte: zuerst `/privacy opt-in`.",
  },
  "message-unknown": {
    en: "That message is no part of what I remember here.",
    de: "Diese Nachricht gehört nicht zu dem, woran ich mich hier erinnere.",
  },
  "no-persona": {
    en: "No persona is in use here, so there is none that it could be about.",
    de: "Hier ist keine Persona in Gebrauch, um die es gehen könnte.",
  },
  "not-asker": {
    en: "Only who asked for this or wrote it, or may manage messages here, can do that.",
    de: "Das kann nur, wer darum gebeten oder es geschrieben hat oder hier Nachrichten verwalten darf.",
  },
  "not-moderator": {
    en: "You need the Manage Messages permission for that.",
    de: "Dafür brauchst du die Berechtigung „Nachrichten verwalten“.",
  },
  "note-empty": {
    en: "There is nothing to remember in that.",
    de: "Darin steht nichts, was ich mir merken könnte.",
  },
  "note-foreign": {
    en: "Only who wrote this note, or whom it is about, can change it.",
    de: "Diese Notiz kann nur ändern, wer sie geschrieben hat oder um wen es darin geht.",
  },
  "note-foreign-to-forget": {
    en: "Only who wrote this note, whom it is about, or who may manage messages here, can do that.",
    de: "Das kann nur, wer diese Notiz geschrieben hat, um wen es darin geht oder wer hier Nachrichten verwalten darf.",
  },
  "export-too-large": {
    en: "That is more than I can put into one export: ask for it server by server, with `/privacy export` and `where` set to here.",
    de: "Das ist mehr, als in einen Export passt: Lass ihn dir Server für Server geben, mit `/privacy export` und `where` auf hier.",
  },
  "note-of-opted-out": {
    en: "Whoever said this does not want it stored, so I do not keep it.",
    de: "Wer das gesagt hat, will nicht, dass es gespeichert wird: Ich merke es mir nicht.",
  },
  "note-too-long": ({ most }) => ({
    en: `A note can have at most ${most} characters.`,
    de: `Eine Notiz darf höchstens ${most} Zeichen haben.`,
  }),
  "note-unknown": {
    en: "I remember no such note here: /memory list shows them.",
    de: "An eine solche Notiz erinnere ich mich hier nicht: /memory list zeigt sie.",
  },
  "nothing-to-stop": {
    en: "There is nothing to stop: I am not writing here.",
    de: "Hier gibt es nichts zu stoppen: Ich schreibe gerade nicht.",
  },
  "nothing-to-undo": {
    en: "There is nothing to take back here.",
    de: "Hier gibt es nichts zurückzunehmen.",
  },
  "persona-built-in": ({ name }) => ({
    en: `"${name}" is built in: it comes with me and has no versions.`,
    de: `„${name}“ ist eingebaut: Sie gehört zu mir und hat keine Versionen.`,
  }),
  "persona-foreign": ({ name, whose }) =>
    whose === "built-in"
      ? {
          en: `"${name}" is built in: /persona clone makes one of your own from it.`,
          de: `„${name}“ ist eingebaut: /persona clone macht daraus eine eigene.`,
        }
      : {
          en: `"${name}" is in my owner's library: /persona clone makes one of your own from it.`,
          de: `„${name}“ gehört meinem Betreiber: /persona clone macht daraus eine eigene.`,
        },
  "persona-name-empty": {
    en: "A persona needs a name.",
    de: "Eine Persona braucht einen Namen.",
  },
  "persona-name-reserved": ({ name }) => ({
    en: `Discord allows nobody to be called "${name}": choose another name.`,
    de: `Bei Discord darf niemand „${name}“ heißen: Wähle einen anderen Namen.`,
  }),
  "persona-name-too-long": ({ most }) => ({
    en: `A persona's name can have at most ${most} characters.`,
    de: `Der Name einer Persona darf höchstens ${most} Zeichen haben.`,
  }),
  "persona-name-unprintable": {
    en: "A persona's name must be one line of ordinary characters.",
    de: "Der Name einer Persona muss eine Zeile aus gewöhnlichen Zeichen sein.",
  },
  "persona-name-with-refused-word": ({ word }) => ({
    en: `Discord allows no name with "${word}" in it: choose another.`,
    de: `Discord erlaubt keinen Namen, in dem „${word}“ vorkommt: Wähle einen anderen.`,
  }),
  "persona-taken": ({ name }) => ({
    en: `There is a persona called "${name}" already: choose another name.`,
    de: `Eine Persona namens „${name}“ gibt es schon: Wähle einen anderen Namen.`,
  }),
  "persona-text-too-long": ({ most, text }) => ({
    en: `The ${personaPartTexts[text].en} can have at most ${group(most).en} characters.`,
    de: `Zu lang: ${personaPartTexts[text].de}. Höchstens ${group(most).de} Zeichen sind erlaubt.`,
  }),
  "persona-unknown": ({ name }) => ({
    en: `There is no persona called "${name}" here: /persona list shows all of them.`,
    de: `Eine Persona namens „${name}“ gibt es hier nicht: /persona list zeigt alle.`,
  }),
  "persona-version-unknown": ({ name, number }) => ({
    en: `"${name}" has no version ${number}: /persona history lists them.`,
    de: `„${name}“ hat keine Version ${number}: /persona history listet sie auf.`,
  }),
  "proposal-foreign": {
    en: "Only the person whom this is about can decide on it.",
    de: "Darüber kann nur die Person entscheiden, um die es geht.",
  },
  "proposal-gone": {
    en: "There is nothing left to decide here: I no longer have it.",
    de: "Hier gibt es nichts mehr zu entscheiden: Ich habe es nicht mehr.",
  },
  "quota-used-up": toQuotaUsedUpText,
  "reply-complete": {
    en: "I had finished that reply: there is no more of it.",
    de: "Diese Antwort war fertig: Mehr davon gibt es nicht.",
  },
  "reply-to-unstored": {
    en: "What this answers is not stored, as its author wishes: I can neither write it again nor go on with it. Asking once more helps.",
    de: "Worauf das antwortet, ist nicht gespeichert, weil seine Verfasserin oder sein Verfasser das so will: Ich kann es weder neu schreiben noch fortsetzen. Noch einmal zu fragen hilft.",
  },
  "reply-not-last": {
    en: "That is only possible with my last reply.",
    de: "Das geht nur mit meiner letzten Antwort.",
  },
  "reply-too-old": {
    en: "This reply is too long ago to go on with it.",
    de: "Diese Antwort ist zu lange her, um sie fortzusetzen.",
  },
  "reply-under-way": {
    en: "I am writing right now: stop me first, or wait until I have finished.",
    de: "Ich schreibe gerade: Stoppe mich zuerst, oder warte, bis ich fertig bin.",
  },
  "reply-unknown": {
    en: "There is no reply of mine here.",
    de: "Hier gibt es keine Antwort von mir.",
  },
  "sampling-out-of-range": ({ name }) => {
    const { isWhole, label, max, min } = SAMPLING_RANGES[name];
    return {
      en: `The ${label} must be a ${isWhole ? "whole number" : "number"} from ${min} to ${max}.`,
      de: `${label}: Möglich ist eine ${isWhole ? "ganze Zahl" : "Zahl"} von ${min} bis ${max}.`,
    };
  },
  "setting-malformed": ({ name }) => settingRules[name],
  "setting-of-server": {
    en: "That can only be set for the whole server.",
    de: "Das lässt sich nur für den ganzen Server einstellen.",
  },
  "stop-string-malformed": ({ most }) => ({
    en: `A stop string must have 1 to ${most} characters, and not only spaces.`,
    de: `Eine Stoppfolge muss 1 bis ${most} Zeichen haben, und nicht nur Leerzeichen.`,
  }),
  "system-prompt-empty": {
    en: "The system prompt is empty: write one, or use `/system reset` to go back to the default.",
    de: "Der System-Prompt ist leer: Schreib einen, oder kehre mit `/system reset` zur Vorgabe zurück.",
  },
  "system-prompt-too-long": ({ most, tokens }) => ({
    en: `This system prompt takes ${tokens} tokens, and at most ${most} leave room to talk: shorten it.`,
    de: `Dieser System-Prompt braucht ${tokens} Tokens, und höchstens ${most} lassen Platz zum Reden: Kürze ihn.`,
  }),
  "threads-impossible": {
    en: "I can only fork where there can be threads.",
    de: "Abzweigen kann ich nur, wo es Threads geben kann.",
  },
  "too-many-greetings": ({ most }) => ({
    en: `A persona can have at most ${most} alternate greetings.`,
    de: `Eine Persona kann höchstens ${most} weitere Begrüßungen haben.`,
  }),
  "too-many-notes": ({ most }) => ({
    en: `I can keep at most ${most} of such notes: have me forget one first.`,
    de: `Ich kann höchstens ${most} solcher Notizen behalten: Lass mich zuerst eine vergessen.`,
  }),
  "too-many-personas": ({ most }) => ({
    en: `A library holds at most ${most} personas: delete one first.`,
    de: `Eine Bibliothek fasst höchstens ${most} Personas: Lösche zuerst eine.`,
  }),
  "too-many-stop-strings": ({ most }) => ({
    en: `There can be at most ${most} stop strings.`,
    de: `Es kann höchstens ${most} Stoppfolgen geben.`,
  }),
  "variant-missing": {
    en: "There is no other variant in that direction.",
    de: "In dieser Richtung gibt es keine weitere Variante.",
  },
  "variant-unknown": {
    en: "That variant is gone.",
    de: "Diese Variante gibt es nicht mehr.",
  },
};

/** What the person who caused a problem is told. */
export function toProblemText<Kind extends ProblemKind>(problem: Problem<Kind>): Text {
  const words: Words<Kind> = WORDS[problem.kind];
  return typeof words === "function" ? words(problem) : words;
}
