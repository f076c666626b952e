import type { Text } from "./text.ts";

export const settingsTexts = {
  command: {
    en: "When I answer, how, and whom: here, in the channel, in the whole server",
    de: "Wann, wie und wem ich antworte: hier, im Kanal, auf dem ganzen Server",
  },
  choosePage: { en: "Choose a page", de: "Wähle eine Seite" },
  scopes: {
    thread: { en: "This thread", de: "Dieser Thread" },
    channel: { en: "This channel", de: "Dieser Kanal" },
    server: { en: "The whole server", de: "Der ganze Server" },
    direct: { en: "Our direct messages", de: "Unsere Direktnachrichten" },
  },
  pages: {
    speaking: { en: "When I answer", de: "Wann ich antworte" },
    replies: { en: "How I answer", de: "Wie ich antworte" },
    people: { en: "Whom I answer", de: "Wem ich antworte" },
    channels: { en: "Where I answer", de: "Wo ich antworte" },
    quota: { en: "How much each person may use", de: "Wie viel jede Person nutzen darf" },
    sampling: { en: "How I choose my words", de: "Wie ich meine Worte wähle" },
    time: { en: "What I know of the time", de: "Was ich von der Zeit weiß" },
    memory: { en: "What I keep, and for how long", de: "Was ich behalte, und wie lange" },
  },
  sources: {
    own: { en: "set here", de: "hier gesetzt" },
    channel: { en: "from the channel", de: "vom Kanal" },
    persona: { en: "from the persona", de: "von der Persona" },
    server: { en: "from the server", de: "vom Server" },
    default: { en: "default", de: "Vorgabe" },
  },
  names: {
    speak: { en: "I answer", de: "Ich antworte" },
    wakeWords: { en: "Wake words", de: "Weckwörter" },
    answerIn: { en: "I answer mentions", de: "Erwähnungen beantworte ich" },
    overheardMessages: {
      en: "Messages of others that I read along",
      de: "Nachrichten anderer, die ich mitlese",
    },
    controlledBy: {
      en: "Who may stop and regenerate",
      de: "Wer stoppen und neu schreiben lassen darf",
    },
    showThoughts: { en: "My thoughts", de: "Meine Gedanken" },
    personaWebhook: {
      en: "A persona's own name and picture",
      de: "Eigener Name und eigenes Bild einer Persona",
    },
    tellTime: { en: "Dates and pauses", de: "Datum und Pausen" },
    timeZone: { en: "Time zone", de: "Zeitzone" },
    retentionDays: { en: "What was said is kept for", de: "Gesagtes wird behalten" },
    learning: { en: "Learning", de: "Lernen" },
  },
  /** On the buttons that take the scope's own value back. */
  takenBack: {
    wakeWords: { en: "Wake words", de: "Weckwörter" },
    overheardMessages: { en: "Messages of others", de: "Nachrichten anderer" },
    access: { en: "Roles and people", de: "Rollen und Personen" },
    channels: { en: "Channels", de: "Kanäle" },
    quota: { en: "Quotas", de: "Kontingente" },
    sampling: { en: "All values", de: "Alle Werte" },
    timeZone: { en: "Time zone", de: "Zeitzone" },
    retentionDays: { en: "How long", de: "Wie lange" },
  },
  speak: {
    joined: {
      en: "in my threads, elsewhere when I am mentioned",
      de: "in meinen Threads, sonst wenn ich erwähnt werde",
    },
    always: { en: "to everything", de: "auf alles" },
    mention: {
      en: "only when I am mentioned or replied to",
      de: "nur wenn ich erwähnt werde oder man mir antwortet",
    },
    "wake-words": {
      en: "when I am mentioned, or someone says a wake word",
      de: "wenn ich erwähnt werde oder ein Weckwort fällt",
    },
    never: { en: "never", de: "nie" },
  },
  answerIn: {
    place: { en: "where they are", de: "da, wo sie stehen" },
    thread: { en: "in a new thread", de: "in einem neuen Thread" },
  },
  controlledBy: {
    asker: { en: "who asked, and moderators", de: "wer gefragt hat, und Moderatoren" },
    everyone: { en: "everyone who may write here", de: "alle, die hier schreiben dürfen" },
  },
  thoughts: {
    on: { en: "shown", de: "werden gezeigt" },
    off: { en: "not shown", de: "werden nicht gezeigt" },
  },
  webhook: {
    on: { en: "yes, where I may manage webhooks", de: "ja, wo ich Webhooks verwalten darf" },
    off: { en: "no, I speak under my own", de: "nein, ich spreche unter meinem" },
  },
  time: {
    on: { en: "I know when things were said", de: "ich weiß, wann etwas gesagt wurde" },
    off: { en: "I know nothing of them", de: "ich weiß nichts davon" },
  },
  learning: {
    on: {
      en: "on, of people who agree to it",
      de: "ein, über Personen, die dem zustimmen",
    },
    off: { en: "off", de: "aus" },
  },
  none: { en: "none", de: "keine" },
  all: { en: "everyone", de: "alle" },
  nobody: { en: "nobody", de: "niemand" },
  allChannels: { en: "all", de: "alle" },
  allowed: { en: "Allowed", de: "Erlaubt" },
  denied: { en: "Denied", de: "Verboten" },
  pickAllowed: {
    en: "Allowed roles and people; none chosen: everyone",
    de: "Erlaubte Rollen und Personen; keine gewählt: alle",
  },
  noBots: {
    en: "I answer no bots, and not myself, so they have no place in these lists: nothing has changed.",
    de: "Bots antworte ich nicht, auch mir selbst nicht, darum gehören sie in keine dieser Listen: Es hat sich nichts geändert.",
  },
  pickDenied: { en: "Denied roles and people", de: "Verbotene Rollen und Personen" },
  pickAllowedChannels: {
    en: "Allowed channels; none chosen: all",
    de: "Erlaubte Kanäle; keine gewählt: alle",
  },
  pickDeniedChannels: { en: "Denied channels", de: "Verbotene Kanäle" },
  howToTakeBack: {
    en: "↩ takes back what is set here.",
    de: "↩ nimmt zurück, was hier gesetzt ist.",
  },
  note: {
    people: {
      en: "Denied goes before allowed. Who may manage the server can always open /settings.",
      de: "Verboten geht vor erlaubt. Wer den Server verwalten darf, kann /settings immer öffnen.",
    },
    channels: {
      en: "A thread counts as its channel. Denied goes before allowed.",
      de: "Ein Thread zählt als sein Kanal. Verboten geht vor erlaubt.",
    },
    quota: {
      en: "Each person may use this much in this server; /quota shows how much is left.",
      de: "So viel darf jede Person auf diesem Server nutzen; /quota zeigt, was noch übrig ist.",
    },
    memory: {
      en: "What is older is deleted for good, within a day: messages and replies, not notes. Discord keeps its messages.\n-# Learning: after a pause, I show people what I would remember of what they said, and they keep or discard it. It takes this setting and each person's own `/privacy learning`. Models of fewer than 3 billion parameters propose little of use.",
      de: "Was älter ist, wird binnen eines Tages endgültig gelöscht: Nachrichten und Antworten, keine Notizen. Discord behält seine Nachrichten.\n-# Lernen: Nach einer Pause zeige ich Leuten, was ich mir von ihnen merken würde, und sie lassen es merken oder verwerfen es. Dafür braucht es diese Einstellung und `/privacy learning` von jeder Person selbst. Modelle mit weniger als 3 Milliarden Parametern schlagen wenig Brauchbares vor.",
    },
    time: {
      en: "{{date}} and {{time}} in prompts and personas are filled in anyway.",
      de: "{{date}} und {{time}} in Prompts und Personas werden auf jeden Fall ausgefüllt.",
    },
  },
  forms: {
    wakeWords: { en: "Wake words", de: "Weckwörter" },
    overheard: { en: "Messages of others", de: "Nachrichten anderer" },
    quota: { en: "Quotas", de: "Kontingente" },
    numbers: { en: "Numbers", de: "Zahlen" },
    ends: { en: "Seed and stop strings", de: "Seed und Stoppfolgen" },
    timeZone: { en: "Time zone", de: "Zeitzone" },
    retention: { en: "How long I keep what was said", de: "Wie lange ich Gesagtes behalte" },
  },
  fields: {
    wakeWords: { en: "One a line", de: "Eines pro Zeile" },
    overheardMessages: {
      en: "How many before a mention do I read?",
      de: "Wie viele vor einer Erwähnung lese ich?",
    },
    repliesPerHour: { en: "Replies in an hour", de: "Antworten in einer Stunde" },
    repliesPerDay: { en: "Replies in 24 hours", de: "Antworten in 24 Stunden" },
    tokensPerHour: { en: "Tokens in an hour", de: "Tokens in einer Stunde" },
    tokensPerDay: { en: "Tokens in 24 hours", de: "Tokens in 24 Stunden" },
    temperature: { en: "Temperature", de: "Temperatur" },
    topP: { en: "Top-p", de: "Top-p" },
    topK: { en: "Top-k", de: "Top-k" },
    minP: { en: "Min-p", de: "Min-p" },
    repeatPenalty: { en: "Repeat penalty", de: "Wiederholungsstrafe" },
    seed: { en: "Seed", de: "Seed" },
    stop: { en: "Stop strings, one a line", de: "Stoppfolgen, eine pro Zeile" },
    timeZone: { en: "A city, or Europe/Berlin", de: "Eine Stadt, oder Europe/Berlin" },
    retentionDays: { en: "Days", de: "Tage" },
  },
  emptyIsForGood: {
    en: "Empty: until someone forgets it",
    de: "Leer: bis es jemand vergessen lässt",
  },
  days: (count: number): Text =>
    count === 1 ? { en: "1 day", de: "1 Tag" } : { en: `${count} days`, de: `${count} Tage` },
  keptForGood: { en: "until someone forgets it", de: "bis es jemand vergessen lässt" },
  unlimited: { en: "as much as they like", de: "so viel sie möchte" },
  emptyIsUnlimited: { en: "Empty: as much as they like", de: "Leer: so viel sie möchte" },
  emptyInherits: (value: string): Text => ({ en: `Empty: ${value}`, de: `Leer: ${value}` }),
  stop: { en: "Stop strings", de: "Stoppfolgen" },
  newSeed: { en: "a new one each time", de: "jedes Mal ein neuer" },
  more: (count: number): Text => ({ en: `and ${count} more`, de: `und ${count} weitere` }),
  noNumber: (field: string): Text => ({
    en: `"${field}" must be a number: nothing has changed.`,
    de: `„${field}“ muss eine Zahl sein: Es hat sich nichts geändert.`,
  }),
  notHere: {
    en: "This page is not for here: open /settings again.",
    de: "Diese Seite gilt hier nicht: Öffne /settings noch einmal.",
  },
} as const;
