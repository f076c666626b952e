import {
  ActionRowBuilder,
  AttachmentBuilder,
  ButtonBuilder,
  ButtonStyle,
  MessageFlags,
} from "discord.js";
import type {
  Attachment,
  ChatInputCommandInteraction,
  MessageComponentInteraction,
} from "discord.js";
import { toImportedTurns } from "../../chat/adopt/filed-turns.ts";
import type { HistoryFiles } from "../../chat/adopt/history-files.ts";
import { InvalidInput } from "../../chat/problem.ts";
import { historyImportTexts as texts } from "../texts/history.ts";
import { Mistake } from "../texts/mistake.ts";
import { translate } from "../texts/text.ts";
import { assertAllowed } from "./access.ts";
import type { CommandContext } from "./command.ts";
import { invokerOf, placeOf } from "./interaction-place.ts";

const DOWNLOAD_MS = 30_000;
const MIB = 1_024 * 1_024;

const APPEND_ID = "history:append";
const CANCEL_ID = "history:cancel";

type Asking = ChatInputCommandInteraction | MessageComponentInteraction;

/** Brings a chat's file into the place; where there is a conversation already, once that is confirmed. */
export async function importHistory(
  interaction: ChatInputCommandInteraction,
  context: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const file = interaction.options.getAttachment("file", true);
  const bytes = await download(file, context.historyFiles);
  const read = readTurns(interaction, context, bytes);
  const place = await placeOf(interaction);
  const stored = await context.familiar.adoptions.countTurns(place.id);
  if (stored === 0) {
    await append(interaction, context, read);
    return;
  }
  // The question has the file, so that nothing is kept for it.
  await interaction.editReply({
    content: translate(texts.confirm(read.turns.length, stored), interaction),
    files: [new AttachmentBuilder(Buffer.from(bytes), { name: "chat.jsonl" })],
    components: [toButtons(interaction)],
  });
}

/** Takes the answer to the question whether to append. */
export async function pressImport(
  interaction: MessageComponentInteraction,
  context: CommandContext,
): Promise<void> {
  await interaction.deferUpdate();
  const file = interaction.message.attachments.first();
  if (interaction.customId === CANCEL_ID || file === undefined) {
    await interaction.editReply(withoutFile(translate(texts.cancelled, interaction)));
    return;
  }
  await assertAllowed(interaction, "manage-place", context.familiar);
  const bytes = await download(file, context.historyFiles);
  await append(interaction, context, readTurns(interaction, context, bytes));
}

function readTurns(interaction: Asking, { historyFiles }: CommandContext, bytes: Uint8Array) {
  const chat = historyFiles.read(bytes);
  const turns = toImportedTurns(chat, { by: invokerOf(interaction), now: new Date() });
  if (turns.length === 0) throw new InvalidInput({ kind: "chat-file-without-messages" });
  const hidden = chat.messages.length - turns.length;
  return { turns, hidden, badLines: chat.badLines };
}

async function append(
  interaction: Asking,
  { familiar }: CommandContext,
  { badLines, hidden, turns }: ReturnType<typeof readTurns>,
): Promise<void> {
  await familiar.adoptions.append(await placeOf(interaction), turns);
  const told = [
    texts.done(turns.length),
    ...(hidden === 0 ? [] : [texts.hidden(hidden)]),
    ...(badLines === 0 ? [] : [texts.bad(badLines)]),
  ];
  const content = told.map((text) => translate(text, interaction)).join(" ");
  await interaction.editReply(withoutFile(content));
}

function withoutFile(content: string) {
  return { content, components: [], attachments: [], files: [] };
}

function toButtons(interaction: Asking): ActionRowBuilder<ButtonBuilder> {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(
    new ButtonBuilder()
      .setCustomId(APPEND_ID)
      .setLabel(translate(texts.append, interaction))
      .setStyle(ButtonStyle.Primary),
    new ButtonBuilder()
      .setCustomId(CANCEL_ID)
      .setLabel(translate(texts.cancel, interaction))
      .setStyle(ButtonStyle.Secondary),
  );
}

async function download(
  { size, url }: Attachment,
  { maxBytes }: Pick<HistoryFiles, "maxBytes">,
): Promise<Uint8Array> {
  if (size > maxBytes) {
    throw new InvalidInput({ kind: "chat-file-too-large", mib: maxBytes / MIB });
  }
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (response.ok) return new Uint8Array(await response.arrayBuffer());
  } catch {
    // Answered below: whatever it was, the mend is the same.
  }
  throw new Mistake(texts.unreachable);
}
