import type { Conversation } from "../conversation.ts";
import { expandNames } from "../persona/expand-names.ts";
import type { MeantWords } from "../persona/expand-names.ts";
import type { SelectedLore } from "../persona/lore.ts";
import type { PersonaContent } from "../persona/persona.ts";
import { expandTime } from "../time/time-words.ts";

/** A system prompt into which entries of a lorebook are still to be put. */
export interface SystemText {
  toText(entries: Pick<SelectedLore, "after" | "before">): string;
}

/** The place's own system prompt, else the persona's texts, else the default. */
export function describeSystem(
  { persona, systemPrompt }: Pick<Conversation, "persona" | "systemPrompt">,
  defaultSystemPrompt: string,
  words: MeantWords,
): SystemText {
  const described = persona === undefined ? [] : describePersona(persona.content, words);
  const own = systemPrompt ?? (described.length === 0 ? defaultSystemPrompt : undefined);
  const [role = "", ...character] = own === undefined ? described : [expandTime(own, words.time)];
  return {
    toText: ({ after, before }) => joinTexts([role, ...before, ...character, ...after]),
  };
}

/** As paragraphs. */
export function joinTexts(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").join("\n\n");
}

/** The persona's role, then who it is, text by text; empty where it has none of both. */
function describePersona(persona: PersonaContent, words: MeantWords): readonly string[] {
  const { description, personality, scenario, systemPrompt } = persona;
  const character = [
    description.trim(),
    labelled("{{char}}'s personality", personality),
    labelled("Scenario", scenario),
  ].filter((text) => text !== "");
  const given = systemPrompt.trim();
  if (given === "" && character.length === 0) return [];
  const role = given === "" ? "You are {{char}}." : given;
  return [role, ...character].map((text) => expandNames(text, words));
}

function labelled(label: string, text: string): string {
  return text.trim() === "" ? "" : `${label}: ${text.trim()}`;
}
