import type { Text } from "./text.ts";

/** Of the messages that ask whether something is to be remembered. */
export const learningTexts = {
  ask: (who: string): Text => ({
    en: `${who}, shall I remember this about you?`,
    de: `${who}, soll ich mir das über dich merken?`,
  }),
  instead: (words: string): Text => ({
    en: `instead of: ${words}`,
    de: `statt: ${words}`,
  }),
  /** Under the question, in small print. */
  promise: {
    en: "I keep nothing that you have not agreed to. Only you can decide; undecided, it is gone in a week.",
    de: "Ich behalte nichts, dem du nicht zugestimmt hast. Nur du kannst entscheiden; sonst ist es in einer Woche weg.",
  },
  keep: { en: "Keep", de: "Merken" },
  discard: { en: "Discard", de: "Verwerfen" },
  kept: {
    en: "✓ I remember it: /memory list shows it.",
    de: "✓ Ich merke es mir: /memory list zeigt es.",
  },
  discarded: {
    en: "✕ Discarded: I will not ask about it again.",
    de: "✕ Verworfen: Ich frage nicht wieder danach.",
  },
  expired: {
    en: "Nobody decided in a week: I have forgotten it.",
    de: "Eine Woche lang unentschieden: Ich habe es vergessen.",
  },
} as const;

/** Of `/privacy learning`. */
export const consentTexts = {
  command: {
    en: "Whether I may propose what to remember of what you say; you decide on each of it",
    de: "Ob ich vorschlagen darf, was ich mir von dir merke; du entscheidest über jedes",
  },
  state: {
    en: "On or off; it is off until you turn it on",
    de: "Ein oder aus; es ist aus, bis du es einschaltest",
  },
  on: { en: "on", de: "ein" },
  off: { en: "off", de: "aus" },
  nowOn: {
    en: [
      "Done: from now on I may learn from what you say to me, in our direct messages and in servers that allow it.",
      "- **What is looked at:** your own messages that I store anyway, and my replies to you, after a pause in the conversation. Nothing from before now, nothing that others say.",
      "- **What happens:** where you said it, I show you what I would remember, so whoever reads there sees it too. You alone can keep or discard each of it.",
      "- **What is kept:** only what you keep, as a note about you. What you discard I forget, but for a hash by which I know not to ask again. What you leave undecided is gone in a week.",
      "- What was said in a private thread or in direct messages stays there. If you edit or delete what I learned it from, my question goes too.",
      "`/privacy learning state:off` ends it.",
    ].join("\n"),
    de: [
      "Fertig: Ab jetzt darf ich aus dem lernen, was du zu mir sagst, in unseren Direktnachrichten und auf Servern, die es erlauben.",
      "- **Was angesehen wird:** deine eigenen Nachrichten, die ich ohnehin speichere, und meine Antworten an dich, nach einer Pause im Gespräch. Nichts von früher, nichts, was andere sagen.",
      "- **Was geschieht:** Wo du es gesagt hast, zeige ich dir, was ich mir merken würde; wer dort mitliest, sieht es auch. Nur du kannst jedes davon merken lassen oder verwerfen.",
      "- **Was bleibt:** nur, was du merken lässt, als Notiz über dich. Was du verwirfst, vergesse ich, bis auf einen Hash, an dem ich erkenne, dass ich nicht wieder fragen soll. Was unentschieden bleibt, ist in einer Woche weg.",
      "- Was in einem privaten Thread oder in Direktnachrichten gesagt wurde, bleibt dort. Änderst oder löschst du, woraus ich es gelernt habe, verschwindet auch meine Frage.",
      "`/privacy learning state:off` beendet es.",
    ].join("\n"),
  },
  onAlready: {
    en: "It was on already. `/privacy learning state:off` ends it.",
    de: "Es war schon eingeschaltet. `/privacy learning state:off` beendet es.",
  },
  offHere: {
    en: "-# In this server learning is off for everyone, so nothing is learned here.",
    de: "-# Auf diesem Server ist Lernen für alle ausgeschaltet: Hier wird nichts gelernt.",
  },
  nowOff: {
    en: "Done: I learn nothing more from what you say, and what you had not decided on is gone. What you kept stays until you have me forget it: `/memory forget`.",
    de: "Fertig: Ich lerne nichts mehr aus dem, was du sagst, und was unentschieden war, ist weg. Was du merken ließest, bleibt, bis du es vergessen lässt: `/memory forget`.",
  },
  offAlready: {
    en: "It was off already: I learn nothing from what you say.",
    de: "Es war schon ausgeschaltet: Ich lerne nichts aus dem, was du sagst.",
  },
  shownOn: {
    en: "I may propose what to remember of what you say. `/privacy learning state:off` ends that.",
    de: "Ich darf vorschlagen, was ich mir von dir merke. `/privacy learning state:off` beendet das.",
  },
} as const;
