import { fieldOf } from "../field-of.ts";
import { parseSampling } from "../sampling.ts";
import type { PersonaContent } from "./persona.ts";

/** What was stored once. Undefined where it is no persona. */
export function parsePersonaContent(stored: unknown): PersonaContent | undefined {
  const name = textOf(stored, "name");
  if (name === "") return undefined;
  const greetings = fieldOf(stored, "alternateGreetings");
  return {
    name,
    description: textOf(stored, "description"),
    systemPrompt: textOf(stored, "systemPrompt"),
    scenario: textOf(stored, "scenario"),
    personality: textOf(stored, "personality"),
    greeting: textOf(stored, "greeting"),
    alternateGreetings: Array.isArray(greetings) ? greetings.filter(isText) : [],
    exampleDialogue: textOf(stored, "exampleDialogue"),
    postHistoryInstructions: textOf(stored, "postHistoryInstructions"),
    sampling: parseSampling(fieldOf(stored, "sampling")),
  };
}

function textOf(value: unknown, name: string): string {
  const text = fieldOf(value, name);
  return isText(text) ? text : "";
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
