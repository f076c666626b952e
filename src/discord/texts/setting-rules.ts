import {
  MAX_LISTED,
  MAX_OVERHEARD,
  MAX_QUOTA,
  MAX_RETENTION_DAYS,
  MAX_WAKE_WORD_LENGTH,
  MAX_WAKE_WORDS,
} from "../../chat/settings/setting-rules.ts";
import type { SettingName } from "../../chat/settings/settings.ts";
import { group } from "./numbers.ts";
import type { Text } from "./text.ts";

const UNKNOWN_CHOICE: Text = {
  en: "There is no such choice: open /settings again.",
  de: "Diese Möglichkeit gibt es nicht: Öffne /settings noch einmal.",
};

const TOO_MANY: Text = {
  en: `Each list can have at most ${MAX_LISTED} entries.`,
  de: `Jede Liste kann höchstens ${MAX_LISTED} Einträge haben.`,
};

/** What a setting's value has to be like. */
export const settingRules: Readonly<Record<SettingName, Text>> = {
  speak: UNKNOWN_CHOICE,
  wakeWords: {
    en: `There can be at most ${MAX_WAKE_WORDS} wake words, each with a letter or digit and at most ${MAX_WAKE_WORD_LENGTH} characters.`,
    de: `Es kann höchstens ${MAX_WAKE_WORDS} Weckwörter geben, jedes mit einem Buchstaben oder einer Ziffer und höchstens ${MAX_WAKE_WORD_LENGTH} Zeichen.`,
  },
  answerIn: UNKNOWN_CHOICE,
  controlledBy: UNKNOWN_CHOICE,
  showThoughts: UNKNOWN_CHOICE,
  personaWebhook: UNKNOWN_CHOICE,
  overheardMessages: {
    en: `The number of messages must be a whole number from 0 to ${MAX_OVERHEARD}.`,
    de: `Die Zahl der Nachrichten muss eine ganze Zahl von 0 bis ${MAX_OVERHEARD} sein.`,
  },
  access: TOO_MANY,
  channels: TOO_MANY,
  quota: {
    en: `A quota must be a whole number from 1 to ${group(MAX_QUOTA).en}.`,
    de: `Ein Kontingent muss eine ganze Zahl von 1 bis ${group(MAX_QUOTA).de} sein.`,
  },
  sampling: UNKNOWN_CHOICE,
  tellTime: UNKNOWN_CHOICE,
  learning: UNKNOWN_CHOICE,
  retentionDays: {
    en: `The time must be a whole number of days, from 1 to ${group(MAX_RETENTION_DAYS).en}.`,
    de: `Die Zeit muss eine ganze Zahl von Tagen sein, von 1 bis ${group(MAX_RETENTION_DAYS).de}.`,
  },
  timeZone: {
    en: "I know no such time zone. Write its full name, Europe/Berlin or America/New_York say, or that of a large city in it: Berlin, New York.",
    de: "So eine Zeitzone kenne ich nicht. Schreib ihren ganzen Namen, etwa Europe/Berlin oder America/New_York, oder den einer großen Stadt darin auf Englisch: Berlin, New York.",
  },
};
