import { AttachmentBuilder, MessageFlags, escapeMarkdown } from "discord.js";
import type {
  Attachment,
  ChatInputCommandInteraction,
  MessageContextMenuCommandInteraction,
} from "discord.js";
import { CARD_FORMATS } from "../../chat/persona/card-files.ts";
import type { CardFiles, ImportedPersona } from "../../chat/persona/card-files.ts";
import type { PersonaLibrary } from "../../chat/persona/library.ts";
import { InvalidInput } from "../../chat/problem.ts";
import { Mistake } from "../texts/mistake.ts";
import { personaPartTexts } from "../texts/persona-forms.ts";
import { libraryTexts } from "../texts/personas.ts";
import { translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import type { CommandContext } from "./command.ts";
import { invokerOf } from "./interaction-place.ts";
import { libraryOf } from "./persona-access.ts";

const DOWNLOAD_MS = 30_000;
const MIB = 1_024 * 1_024;

export async function importCard(
  interaction: ChatInputCommandInteraction,
  { cards, personas }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { options } = interaction;
  const file = options.getAttachment("card", true);
  const { content, cut } = await readAttachment(file, cards);
  const name = options.getString("name") ?? content.name;
  await keepImported(interaction, personas, { content: { ...content, name }, cut });
}

/** @throws {InvalidInput} where it is no card */
export async function readAttachment(file: Attachment, cards: CardFiles): Promise<ImportedPersona> {
  return await cards.read(await download(file, cards), file.name);
}

/** Puts it into the library, and answers. */
export async function keepImported(
  interaction: ChatInputCommandInteraction | MessageContextMenuCommandInteraction,
  personas: PersonaLibrary,
  { content, cut }: ImportedPersona,
): Promise<void> {
  const change = { content, by: invokerOf(interaction) };
  const made = await personas.create(libraryOf(interaction), change);
  const done = libraryTexts.imported(escapeMarkdown(made.name));
  const sentences = cut.length === 0 ? [done] : [done, libraryTexts.cut(describeCut(cut))];
  await interaction.editReply(
    sentences.map((sentence) => translate(sentence, interaction)).join(" "),
  );
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
  const sentence = translate(libraryTexts.exported(escapeMarkdown(content.name)), interaction);
  await interaction.editReply({ content: sentence, files: [file] });
}

async function download({ size, url }: Attachment, { maxBytes }: CardFiles): Promise<Uint8Array> {
  if (size > maxBytes) {
    throw new InvalidInput({ kind: "card-file-too-large", mib: maxBytes / MIB });
  }
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    // Answered below: whatever it was, the mend is the same.
  }
  throw new Mistake(libraryTexts.fileUnreachable);
}

function describeCut(cut: ImportedPersona["cut"]): Text {
  const parts = cut.map((part) => personaPartTexts[part]);
  return { en: parts.map(({ en }) => en).join(", "), de: parts.map(({ de }) => de).join(", ") };
}

function toFileName(name: string): string {
  const plain = name.replaceAll(/[^\p{L}\p{N}_-]+/gu, "_").replaceAll(/^_+|_+$/g, "");
  return plain === "" ? "persona" : plain;
}
