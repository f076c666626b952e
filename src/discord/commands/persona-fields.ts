import { MAX_PERSONA_NAME_LENGTH } from "../../chat/persona/persona.ts";
import type { PersonaContent, PersonaText } from "../../chat/persona/persona.ts";
import { SAMPLING_NUMBERS, SAMPLING_RANGES } from "../../chat/sampling.ts";
import type { SamplingNumber, SamplingOverrides } from "../../chat/sampling.ts";
import { Mistake } from "../texts/mistake.ts";
import { personaFormTexts as texts } from "../texts/persona-forms.ts";
import type { Text } from "../texts/text.ts";

/** Discord's limit for a text field of a modal, in UTF-16 units. */
export const MAX_FIELD_LENGTH = 4_000;

/** One text field of a form. */
export interface PersonaField {
  readonly id: string;
  readonly label: Text;
  readonly hint?: Text;
  readonly isRequired: boolean;
  readonly maxLength: number;
  read(content: PersonaContent): string;
  /** @throws {Mistake} */
  write(text: string): Partial<PersonaContent>;
}

/** Discord allows five fields in a form. */
export type PersonaForm = "main" | "more";

const NAME: PersonaField = {
  id: "name",
  label: texts.name,
  isRequired: true,
  maxLength: MAX_PERSONA_NAME_LENGTH,
  read: ({ name }) => name,
  write: (name) => ({ name }),
};

/** Between alternate greetings, on a line of its own. */
const GREETING_SEPARATOR = /^-{3,}$/m;

const ALTERNATES: PersonaField = {
  ...optional("alternateGreetings"),
  hint: texts.alternateGreetingsHint,
  read: ({ alternateGreetings }) => alternateGreetings.join("\n---\n"),
  write: (text) => {
    const greetings = text.split(GREETING_SEPARATOR).map((greeting) => greeting.trim());
    return { alternateGreetings: greetings.filter((greeting) => greeting !== "") };
  },
};

const SAMPLING: PersonaField = {
  ...optional("sampling"),
  hint: texts.samplingHint,
  read: ({ sampling }) =>
    SAMPLING_NUMBERS.filter((name) => sampling[name] !== undefined)
      .map((name) => `${SAMPLING_RANGES[name].label}: ${sampling[name]}`)
      .join("\n"),
  write: (text) => ({ sampling: parseSamplingLines(text) }),
};

export const PERSONA_FORMS: Readonly<Record<PersonaForm, readonly PersonaField[]>> = {
  main: [
    NAME,
    textField("systemPrompt", texts.systemPromptHint),
    textField("description", texts.descriptionHint),
    textField("greeting", texts.greetingHint),
    textField("postHistoryInstructions", texts.postHistoryInstructionsHint),
  ],
  more: [
    textField("personality"),
    textField("scenario", texts.scenarioHint),
    textField("exampleDialogue", texts.exampleDialogueHint),
    ALTERNATES,
    SAMPLING,
  ],
};

function optional(id: PersonaText | "alternateGreetings" | "sampling") {
  return { id, label: texts[id], isRequired: false, maxLength: MAX_FIELD_LENGTH } as const;
}

function textField(name: PersonaText, hint?: Text): PersonaField {
  return {
    ...optional(name),
    ...(hint === undefined ? {} : { hint }),
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
      throw new Mistake(texts.samplingMalformed(known));
    }
    sampling[name] = Number(value);
  }
  return sampling;
}
