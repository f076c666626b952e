import { FamiliarError } from "../../chat/errors.ts";
import { MAX_PERSONA_NAME_LENGTH } from "../../chat/persona/persona.ts";
import type { PersonaContent, PersonaText } from "../../chat/persona/persona.ts";
import { SAMPLING_NUMBERS, SAMPLING_RANGES } from "../../chat/sampling.ts";
import type { SamplingNumber, SamplingOverrides } from "../../chat/sampling.ts";

/** Discord's limit for a text field of a modal, in UTF-16 units. */
export const MAX_FIELD_LENGTH = 4_000;

/** One text field of a form. */
export interface PersonaField {
  readonly id: string;
  readonly label: string;
  readonly hint: string;
  readonly isRequired: boolean;
  readonly maxLength: number;
  read(content: PersonaContent): string;
  /** @throws {FamiliarError} `input-invalid`, with a sentence for the person */
  write(text: string): Partial<PersonaContent>;
}

/** Discord allows five fields in a form. */
export type PersonaForm = "main" | "more";

const NAME: PersonaField = {
  id: "name",
  label: "Name",
  hint: "",
  isRequired: true,
  maxLength: MAX_PERSONA_NAME_LENGTH,
  read: ({ name }) => name,
  write: (name) => ({ name }),
};

/** Between alternate greetings, on a line of its own. */
const GREETING_SEPARATOR = /^-{3,}$/m;

const ALTERNATES: PersonaField = {
  ...optional("alternateGreetings", "Other greetings"),
  hint: "Each after a line with --- in it",
  read: ({ alternateGreetings }) => alternateGreetings.join("\n---\n"),
  write: (text) => {
    const greetings = text.split(GREETING_SEPARATOR).map((greeting) => greeting.trim());
    return { alternateGreetings: greetings.filter((greeting) => greeting !== "") };
  },
};

const SAMPLING: PersonaField = {
  ...optional("sampling", "How words are chosen"),
  hint: "A line each: temperature: 0.6",
  read: ({ sampling }) =>
    SAMPLING_NUMBERS.filter((name) => sampling[name] !== undefined)
      .map((name) => `${SAMPLING_RANGES[name].label}: ${sampling[name]}`)
      .join("\n"),
  write: (text) => ({ sampling: parseSamplingLines(text) }),
};

export const PERSONA_FORMS: Readonly<Record<PersonaForm, readonly PersonaField[]>> = {
  main: [
    NAME,
    textField("systemPrompt", "System prompt", "You are {{char}}. You talk with {{user}}."),
    textField("description", "Description", "Who {{char}} is: looks, past, habits"),
    textField("greeting", "Greeting", "What a new thread begins with"),
    textField("postHistoryInstructions", "Last instructions", "Read right before each reply"),
  ],
  more: [
    textField("personality", "Personality", ""),
    textField("scenario", "Scenario", "Where {{char}} and {{user}} are"),
    textField(
      "exampleDialogue",
      "Example dialogue",
      "Lines that begin with {{user}}: or {{char}}:",
    ),
    ALTERNATES,
    SAMPLING,
  ],
};

function optional(id: string, label: string) {
  return { id, label, isRequired: false, maxLength: MAX_FIELD_LENGTH } as const;
}

function textField(name: PersonaText, label: string, hint: string): PersonaField {
  return {
    ...optional(name, label),
    hint,
    read: (content) => content[name],
    write: (text) => ({ [name]: text }),
  };
}

function parseSamplingLines(text: string): SamplingOverrides {
  const sampling: { -readonly [Name in SamplingNumber]?: number } = {};
  for (const line of text.split("\n").filter((one) => one.trim() !== "")) {
    const [label = "", value = ""] = line.split(":").map((piece) => piece.trim().toLowerCase());
    const name = SAMPLING_NUMBERS.find((one) => SAMPLING_RANGES[one].label === label);
    if (name === undefined || value === "" || Number.isNaN(Number(value))) {
      const known = SAMPLING_NUMBERS.map((one) => SAMPLING_RANGES[one].label).join(", ");
      throw new FamiliarError(
        "input-invalid",
        `Write how words are chosen as lines like "temperature: 0.6"; there is ${known}.`,
      );
    }
    sampling[name] = Number(value);
  }
  return sampling;
}
