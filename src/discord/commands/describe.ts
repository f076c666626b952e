import type { APIApplicationCommandOptionChoice, LocalizationMap } from "discord.js";
import { toLocalizations } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";

interface Describable {
  setDescription(description: string): this;
  setDescriptionLocalizations(descriptions: LocalizationMap): this;
}

/** Describes a command or an option in every language; English where Discord knows none of them. */
export function describe<Part extends Describable>(part: Part, text: Text): Part {
  return part.setDescription(text.en).setDescriptionLocalizations(toLocalizations(text));
}

export function toChoice<Value extends string | number>(
  value: Value,
  text: Text,
): APIApplicationCommandOptionChoice<Value> {
  return { name: text.en, name_localizations: toLocalizations(text), value };
}
