import type { PersonaPart } from "../../chat/persona/persona.ts";
import type { Text } from "./text.ts";

/** Of the forms in which a persona is written. A label has at most 45 characters, a hint 100. */
export const personaFormTexts = {
  newTitle: { en: "New persona", de: "Neue Persona" },
  title: { en: "Persona", de: "Persona" },
  tooLong: {
    en: "Too long for this form: leave it empty to keep it as it is",
    de: "Zu lang für dieses Formular: Lass es leer, damit es bleibt, wie es ist",
  },
  name: { en: "Name", de: "Name" },
  systemPrompt: { en: "System prompt", de: "System-Prompt" },
  systemPromptHint: {
    en: "You are {{char}}. You talk with {{user}}.",
    de: "Du bist {{char}}. Du redest mit {{user}}.",
  },
  description: { en: "Description", de: "Beschreibung" },
  descriptionHint: {
    en: "Who {{char}} is: looks, past, habits",
    de: "Wer {{char}} ist: Aussehen, Vergangenheit, Eigenheiten",
  },
  greeting: { en: "Greeting", de: "Begrüßung" },
  greetingHint: { en: "What a new thread begins with", de: "Womit ein neuer Thread beginnt" },
  postHistoryInstructions: { en: "Last instructions", de: "Letzte Anweisungen" },
  postHistoryInstructionsHint: {
    en: "Read right before each reply",
    de: "Unmittelbar vor jeder Antwort gelesen",
  },
  personality: { en: "Personality", de: "Wesen" },
  scenario: { en: "Scenario", de: "Szenario" },
  scenarioHint: { en: "Where {{char}} and {{user}} are", de: "Wo {{char}} und {{user}} sind" },
  exampleDialogue: { en: "Example dialogue", de: "Beispieldialog" },
  exampleDialogueHint: {
    en: "Lines that begin with {{user}}: or {{char}}:",
    de: "Zeilen, die mit {{user}}: oder {{char}}: beginnen",
  },
  alternateGreetings: { en: "Other greetings", de: "Weitere Begrüßungen" },
  alternateGreetingsHint: {
    en: "Each after a line with --- in it",
    de: "Jede nach einer Zeile mit ---",
  },
  sampling: { en: "How words are chosen", de: "Wie Worte gewählt werden" },
  samplingHint: { en: "A line each: temperature: 0.6", de: "Je eine Zeile: temperature: 0.6" },
  tryAgain: { en: "↻ Try again", de: "↻ Noch einmal" },
  tooLate: {
    en: "That is too late: I no longer have what you typed. /persona create and /persona edit open the form anew.",
    de: "Dafür ist es zu spät: Was du getippt hast, habe ich nicht mehr. /persona create und /persona edit öffnen das Formular neu.",
  },
  samplingMalformed: (known: string): Text => ({
    en: `Write how words are chosen as lines like "temperature: 0.6"; there is ${known}.`,
    de: `Schreib, wie Worte gewählt werden, in Zeilen wie „temperature: 0.6“; es gibt ${known}.`,
  }),
} as const;

/** In sentences about what is too long. */
export const personaPartTexts: Readonly<Record<PersonaPart, Text>> = {
  alternateGreetings: { en: "alternate greetings", de: "weitere Begrüßungen" },
  description: { en: "description", de: "Beschreibung" },
  exampleDialogue: { en: "example dialogue", de: "Beispieldialog" },
  greeting: { en: "greeting", de: "Begrüßung" },
  name: { en: "name", de: "Name" },
  personality: { en: "personality", de: "Wesen" },
  postHistoryInstructions: { en: "last instructions", de: "letzte Anweisungen" },
  scenario: { en: "scenario", de: "Szenario" },
  systemPrompt: { en: "system prompt", de: "System-Prompt" },
};
