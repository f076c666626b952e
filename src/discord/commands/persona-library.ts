import { escapeMarkdown, MessageFlags, time, TimestampStyles } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import type { ListedPersona, PersonaOrigin } from "../../chat/persona/library.ts";
import type { PersonaVersion } from "../../chat/persona/persona.ts";
import type { CommandContext } from "./command.ts";
import { invokerOf } from "./interaction-place.ts";
import { assertMayChangeLibrary, libraryOf } from "./persona-access.ts";

const MAX_MESSAGE_LENGTH = 2_000;
const MAX_VERSIONS_SHOWN = 20;

const ORIGINS: Readonly<Record<PersonaOrigin, string>> = {
  server: "This server's",
  owner: "My owner's, for all servers",
  "built-in": "Built in",
};

export async function listPersonas(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const listed = await personas.list(libraryOf(interaction));
  const groups = Object.entries(ORIGINS).flatMap(([origin, title]) => {
    const names = listed.filter((one) => one.origin === origin).map(toName);
    return names.length === 0 ? [] : [`${title}: ${names.join(", ")}`];
  });
  await interaction.editReply(cut(groups.join("\n")));
}

export async function clonePersona(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  await assertMayChangeLibrary(interaction);
  const { options } = interaction;
  const copy = { name: options.getString("new_name", true), by: invokerOf(interaction) };
  const made = await personas.clone(libraryOf(interaction), options.getString("name", true), copy);
  await interaction.editReply(`Done: **${toName(made)}** is in the library, ready to be changed.`);
}

export async function deletePersona(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  await assertMayChangeLibrary(interaction);
  const name = interaction.options.getString("name", true);
  const gone = await personas.remove(libraryOf(interaction), name);
  const where = "Where it was in use, what holds above holds again.";
  await interaction.editReply(`Done: **${toName(gone)}** and all its versions are gone. ${where}`);
}

export async function showHistory(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const name = interaction.options.getString("name", true);
  const versions = await personas.history(libraryOf(interaction), name, MAX_VERSIONS_SHOWN);
  await interaction.editReply(cut(versions.map(toLine).join("\n")));
}

export async function rollBackPersona(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  await assertMayChangeLibrary(interaction);
  const { options } = interaction;
  const number = options.getInteger("version", true);
  const back = { number, by: invokerOf(interaction) };
  const made = await personas.rollBack(
    libraryOf(interaction),
    options.getString("name", true),
    back,
  );
  await interaction.editReply(`Done: version ${made} says what version ${number} said.`);
}

function toName({ name }: Pick<ListedPersona, "name">): string {
  return escapeMarkdown(name);
}

function toLine({ changedAt, changedBy, content, number }: PersonaVersion, index: number): string {
  const when = time(changedAt, TimestampStyles.RelativeTime);
  const newest = index === 0 ? " (newest)" : "";
  return `Version ${number}${newest}: **${toName(content)}**, by <@${changedBy.id}> ${when}`;
}

function cut(text: string): string {
  return text.length <= MAX_MESSAGE_LENGTH ? text : `${text.slice(0, MAX_MESSAGE_LENGTH - 1)}…`;
}
