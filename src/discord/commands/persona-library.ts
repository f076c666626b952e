import { escapeMarkdown, MessageFlags, time, TimestampStyles } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import type { ListedPersona } from "../../chat/persona/library.ts";
import type { PersonaVersion } from "../../chat/persona/persona.ts";
import { libraryTexts, originTitles } from "../texts/personas.ts";
import { translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import { toWho } from "../texts/who.ts";
import type { CommandContext } from "./command.ts";
import { invokerOf } from "./interaction-place.ts";
import { libraryOf } from "./persona-access.ts";

const MAX_MESSAGE_LENGTH = 2_000;
const MAX_VERSIONS_SHOWN = 20;

export async function listPersonas(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const listed = await personas.list(libraryOf(interaction));
  const groups = Object.entries(originTitles).flatMap(([origin, title]) => {
    const names = listed.filter((one) => one.origin === origin).map(toName);
    return names.length === 0 ? [] : [`${translate(title, interaction)}: ${names.join(", ")}`];
  });
  await interaction.editReply(cut(groups.join("\n")));
}

export async function clonePersona(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { options } = interaction;
  const copy = { name: options.getString("new_name", true), by: invokerOf(interaction) };
  const made = await personas.clone(libraryOf(interaction), options.getString("name", true), copy);
  await interaction.editReply(translate(libraryTexts.cloned(toName(made)), interaction));
}

export async function deletePersona(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const name = interaction.options.getString("name", true);
  const gone = await personas.remove(libraryOf(interaction), name);
  await interaction.editReply(translate(libraryTexts.deleted(toName(gone)), interaction));
}

export async function showHistory(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const name = interaction.options.getString("name", true);
  const versions = await personas.history(libraryOf(interaction), name, MAX_VERSIONS_SHOWN);
  const lines = versions.map((version, index) => translate(toLine(version, index), interaction));
  await interaction.editReply(cut(lines.join("\n")));
}

export async function rollBackPersona(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { options } = interaction;
  const number = options.getInteger("version", true);
  const back = { number, by: invokerOf(interaction) };
  const made = await personas.rollBack(
    libraryOf(interaction),
    options.getString("name", true),
    back,
  );
  await interaction.editReply(translate(libraryTexts.rolledBack(made, number), interaction));
}

function toName({ name }: Pick<ListedPersona, "name">): string {
  return escapeMarkdown(name);
}

/** They come newest first. */
function toLine({ changedAt, changedBy, content, number }: PersonaVersion, index: number): Text {
  const version = {
    number,
    isNewest: index === 0,
    name: toName(content),
    when: time(changedAt, TimestampStyles.RelativeTime),
  };
  const { de, en } = toWho(changedBy);
  return {
    en: libraryTexts.version({ ...version, who: en }).en,
    de: libraryTexts.version({ ...version, who: de }).de,
  };
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH - 1)}…`;
}
