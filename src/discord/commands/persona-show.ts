import { EmbedBuilder, escapeMarkdown, MessageFlags } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import type { PersonaOrigin } from "../../chat/persona/library.ts";
import type { EffectivePersona, PersonaContent } from "../../chat/persona/persona.ts";
import type { EffectiveSystemPrompt } from "../../chat/ports.ts";
import type { CommandContext } from "./command.ts";
import { placeOf } from "./interaction-place.ts";
import { libraryOf } from "./persona-access.ts";
import { PERSONA_FORMS } from "./persona-fields.ts";

/** Nine of them and the title stay below the 6,000 characters of a message's embeds. */
const MAX_SHOWN_LENGTH = 600;

const ORIGINS: Readonly<Record<PersonaOrigin, string>> = {
  server: "in this server's library",
  owner: "in my owner's library",
  "built-in": "built in",
};

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
  const number = version === undefined ? "" : `, version ${version.number}`;
  const sentence = `**${escapeMarkdown(content.name)}** is ${ORIGINS[origin]}${number}.`;
  await interaction.editReply({ content: sentence, embeds: [toEmbed(content)] });
}

async function showEffective(
  interaction: ChatInputCommandInteraction,
  { familiar, personas }: CommandContext,
): Promise<void> {
  const place = await placeOf(interaction);
  const [persona, prompt] = await Promise.all([
    personas.effective(place),
    familiar.systemPrompt(place),
  ]);
  if (persona === undefined) {
    await interaction.editReply("No persona is in use here: the prompt that /system shows holds.");
    return;
  }
  const content = [
    describeSource(persona),
    describeVersion(persona),
    describePrompt(persona, prompt),
  ]
    .filter((sentence) => sentence !== "")
    .join(" ");
  await interaction.editReply({ content, embeds: [toEmbed(persona.content)] });
}

function describeSource({ content, isInherited, source }: EffectivePersona): string {
  const who = `**${escapeMarkdown(content.name)}** answers here:`;
  switch (source) {
    case "place":
      return isInherited
        ? `${who} this thread began with it.`
        : `${who} it was chosen for this place.`;
    case "parent":
      return `${who} it was chosen for the channel of this thread.`;
    case "guild":
      return `${who} it was chosen for the whole server.`;
    default:
      return source satisfies never;
  }
}

function describeVersion({ followsNewest, version }: EffectivePersona): string {
  if (version === undefined) return "It is built in.";
  if (followsNewest) return `Version ${version.number}, and each newer one.`;
  const newer = version.isNewest ? "" : " There is a newer one: /persona use takes it.";
  return `It stays at version ${version.number}.${newer}`;
}

/** What a place's prompt leaves of a persona: its examples, last instructions and sampling. */
function describePrompt(
  { isInherited, source: from }: EffectivePersona,
  { source }: EffectiveSystemPrompt,
): string {
  const isChosenHere = from === "place" && !isInherited;
  if (source === "default" || (source === "parent" && isChosenHere)) return "";
  return "The system prompt set with /system stands in the place of its own.";
}

function toEmbed(content: PersonaContent): EmbedBuilder {
  const fields = [...PERSONA_FORMS.main, ...PERSONA_FORMS.more].flatMap((field) => {
    const value = field.read(content);
    const isShown = field.id !== "name" && value !== "";
    return isShown ? [{ name: field.label, value: cut(value) }] : [];
  });
  return new EmbedBuilder().setTitle(content.name).addFields(fields);
}

function cut(text: string): string {
  return text.length <= MAX_SHOWN_LENGTH ? text : `${text.slice(0, MAX_SHOWN_LENGTH - 1)}…`;
}
