import { AttachmentBuilder, MessageFlags, escapeMarkdown } from "discord.js";
import type { Attachment, ChatInputCommandInteraction } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import { CARD_FORMATS } from "../../chat/persona/card-files.ts";
import type { CardFiles } from "../../chat/persona/card-files.ts";
import type { CommandContext } from "./command.ts";
import { invokerOf } from "./interaction-place.ts";
import { assertMayChangeLibrary, libraryOf } from "./persona-access.ts";

const DOWNLOAD_MS = 30_000;
const MIB = 1_024 * 1_024;

export async function importCard(
  interaction: ChatInputCommandInteraction,
  { cards, personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  await assertMayChangeLibrary(interaction);
  const { options } = interaction;
  const file = options.getAttachment("card", true);
  const { content, cut } = await cards.read(await download(file, cards), file.name);
  const name = options.getString("name") ?? content.name;
  const change = { content: { ...content, name }, by: invokerOf(interaction) };
  const made = await personas.create(libraryOf(interaction), change);
  const done = `Done: **${escapeMarkdown(made.name)}** is in the library.`;
  await interaction.editReply(cut.length === 0 ? done : `${done} ${describeCut(cut)}`);
}

export async function exportCard(
  interaction: ChatInputCommandInteraction,
  { cards, personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { options } = interaction;
  const name = options.getString("name", true);
  const wanted = options.getString("format");
  const format = CARD_FORMATS.find((one) => one === wanted) ?? CARD_FORMATS[0];
  const { content } = await personas.find(libraryOf(interaction), name);
  const bytes = await cards.write(content, format);
  const file = new AttachmentBuilder(Buffer.from(bytes), {
    name: `${toFileName(content.name)}.${format.endsWith("png") ? "png" : "json"}`,
  });
  const sentence = `**${escapeMarkdown(content.name)}** as a character card.`;
  await interaction.editReply({ content: sentence, files: [file] });
}

async function download({ size, url }: Attachment, { maxBytes }: CardFiles): Promise<Uint8Array> {
  if (size > maxBytes) {
    throw invalid(`The file is too large: it may have up to ${maxBytes / MIB} MiB.`);
  }
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    // Answered below: whatever it was, the mend is the same.
  }
  throw invalid("I could not fetch that file from Discord: try again.");
}

function describeCut(cut: readonly string[]): string {
  const what = cut.join(", ");
  return `Only the beginning of these fitted: ${what}. An export has them whole.`;
}

function toFileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "_").replaceAll(/^_+|_+$/g, "");
  return plain === "" ? "persona" : plain;
}

function invalid(sentence: string): FamiliarError {
  return new FamiliarError("input-invalid", sentence);
}
