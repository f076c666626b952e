import { EmbedBuilder, escapeMarkdown, MessageFlags } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import type { EffectivePersona, PersonaContent } from "../../chat/persona/persona.ts";
import type { EffectiveSystemPrompt } from "../../chat/ports.ts";
import { shownPersonaTexts as texts } from "../texts/personas.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Language, Text } from "../texts/text.ts";
import type { CommandContext } from "./command.ts";
import { placeOf } from "./interaction-place.ts";
import { libraryOf } from "./persona-access.ts";
import { PERSONA_FORMS } from "./persona-fields.ts";

/** Nine of them and the title stay below the 6,000 characters of a message's embeds. */
const MAX_SHOWN_LENGTH = 600;

export async function showPersona(
  interaction: ChatInputCommandInteraction,
  context: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const name = interaction.options.getString("name");
  if (name === null) await showEffective(interaction, context);
  else await showNamed(interaction, context, name);
}

async function showNamed(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
  name: string,
): Promise<void> {
  const { content, origin, version } = await personas.find(libraryOf(interaction), name);
  const sentence = texts.named(escapeMarkdown(content.name), origin, version?.number);
  const language = toLanguage(interaction.locale);
  await interaction.editReply({
    content: sentence[language],
    embeds: [toEmbed(content, language)],
  });
}

async function showEffective(
  interaction: ChatInputCommandInteraction,
  { familiar, personas }: CommandContext,
): Promise<void> {
  const place = await placeOf(interaction);
  const [persona, prompt] = await Promise.all([
    personas.effective(place),
    familiar.systemPrompts.effective(place),
  ]);
  if (persona === undefined) {
    await interaction.editReply(translate(texts.none, interaction));
    return;
  }
  const language = toLanguage(interaction.locale);
  const sentences = [
    describeSource(persona),
    ...describeVersion(persona),
    ...describePrompt(persona, prompt),
  ];
  const content = sentences.map((sentence) => sentence[language]).join(" ");
  await interaction.editReply({ content, embeds: [toEmbed(persona.content, language)] });
}

function describeSource({ content, isInherited, source }: EffectivePersona): Text {
  const name = escapeMarkdown(content.name);
  switch (source) {
    case "place":
      return isInherited ? texts.inherited(name) : texts.ofPlace(name);
    case "parent":
      return texts.ofParent(name);
    case "guild":
      return texts.ofGuild(name);
    default:
      return source satisfies never;
  }
}

function describeVersion({ followsNewest, version }: EffectivePersona): readonly Text[] {
  if (version === undefined) return [texts.builtIn];
  if (followsNewest) return [texts.followsNewest(version.number)];
  return [texts.pinned(version.number), ...(version.isNewest ? [] : [texts.newer])];
}

/** What a place's prompt leaves of a persona: its examples, last instructions and sampling. */
function describePrompt(
  { isInherited, source: from }: EffectivePersona,
  { source }: EffectiveSystemPrompt,
): readonly Text[] {
  const isChosenHere = from === "place" && !isInherited;
  if (source === "default" || (source === "parent" && isChosenHere)) return [];
  return [texts.promptInstead];
}

function toEmbed(content: PersonaContent, language: Language): EmbedBuilder {
  const fields = [...PERSONA_FORMS.main, ...PERSONA_FORMS.more].flatMap((field) => {
    const value = field.read(content);
    const isShown = field.id !== "name" && value !== "";
    return isShown ? [{ name: field.label[language], value: cut(value) }] : [];
  });
  return new EmbedBuilder().setTitle(content.name).addFields(fields);
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH - 1)}…`;
}
