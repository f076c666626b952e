import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import type {
  AutocompleteInteraction,
  ChatInputCommandInteraction,
  SlashCommandSubcommandBuilder,
} from "discord.js";
import type { RowId } from "../../chat/conversation.ts";
import { mayEdit, mayForget } from "../../chat/memory/notes.ts";
import type { Notes } from "../../chat/memory/notes.ts";
import { InvalidInput } from "../../chat/problem.ts";
import { requestOf } from "../controls/controller.ts";
import { memoryTexts as texts } from "../texts/notes.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import { assertMayUse } from "./assert-may-use.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";
import { inTime } from "./in-time.ts";
import {
  MAX_SEARCH_LENGTH,
  parseMemoryId,
  quote,
  renderMemory,
  searchNotes,
} from "./memory-page.ts";
import { readNoteForm, toNoteForm } from "./note-form.ts";

/** Discord's limits. */
const MAX_CHOICES = 25;
const MAX_CHOICE_LENGTH = 100;

/** The form must be shown within three seconds, half of which may be gone. */
const FIND_WAIT_MS = 1_000;

const EDIT_FORM = /^memory:edit:(\d{1,15})$/;

const definition = describe(new SlashCommandBuilder().setName("memory"), texts.command)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) => describe(option.setName("list"), texts.list))
  .addSubcommand((option) =>
    describe(option.setName("search"), texts.search).addStringOption((words) =>
      describe(words.setName("text"), texts.searched)
        .setMaxLength(MAX_SEARCH_LENGTH)
        .setRequired(true),
    ),
  )
  .addSubcommand((option) => addNote(option.setName("edit"), texts.edit))
  .addSubcommand((option) => addNote(option.setName("forget"), texts.forget))
  .toJSON();

function addNote(option: SlashCommandSubcommandBuilder, description: Text) {
  return describe(option, description).addStringOption((note) =>
    describe(note.setName("note"), texts.note).setRequired(true).setAutocomplete(true),
  );
}

/** Whoever Familiar does not answer any more sees what it remembers, and has it forgotten. */
export const memory: Command = {
  definition,
  isForEveryone: true,
  async run(interaction, { notes, settings }) {
    switch (interaction.options.getSubcommand()) {
      case "edit":
        await inTime(assertMayUse(interaction, settings), FIND_WAIT_MS);
        return await openEditForm(interaction, notes);
      case "forget":
        return await forget(interaction, notes);
      default:
        return await show(interaction, notes);
    }
  },
  async press(interaction, { notes }) {
    const view = parseMemoryId(interaction.customId);
    if (view === undefined) return;
    await interaction.deferUpdate();
    const all = await notes.list(await requestOf(interaction));
    await interaction.editReply(renderMemory(all, view, toLanguage(interaction.locale)));
  },
  async submit(interaction, { notes, settings }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await assertMayUse(interaction, settings);
    const id = toNoteId(EDIT_FORM.exec(interaction.customId)?.[1]);
    await notes.edit(await requestOf(interaction), id, readNoteForm(interaction));
    await interaction.editReply(translate(texts.changed, interaction));
  },
  /** Only those that the person may do it to; the newest first. */
  async autocomplete(interaction, { notes }) {
    const request = await requestOf(interaction);
    const may = interaction.options.getSubcommand() === "edit" ? mayEdit : mayForget;
    const allowed = (await notes.list(request)).filter((note) => may(note, request.by));
    const found = searchNotes(allowed, interaction.options.getFocused());
    await interaction.respond(toChoices(found));
  },
};

function toChoices(
  notes: Awaited<ReturnType<Notes["list"]>>,
): Parameters<AutocompleteInteraction["respond"]>[0] {
  return notes
    .toReversed()
    .slice(0, MAX_CHOICES)
    .map(({ id, text }) => ({ name: shorten(text), value: String(id) }));
}

function shorten(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ");
  if (line.length <= MAX_CHOICE_LENGTH) return line;
  const cut = line.slice(0, MAX_CHOICE_LENGTH - 1).replace(/[\uD800-\uDBFF]$/u, "");
  return `${cut}…`;
}

async function show(interaction: ChatInputCommandInteraction, notes: Notes): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const words = interaction.options.getString("text")?.trim();
  const all = await notes.list(await requestOf(interaction));
  const view = { page: 0, words: words === "" ? undefined : words };
  await interaction.editReply(renderMemory(all, view, toLanguage(interaction.locale)));
}

async function openEditForm(interaction: ChatInputCommandInteraction, notes: Notes): Promise<void> {
  const id = toNoteId(interaction.options.getString("note", true));
  const find = async () => await notes.findToEdit(await requestOf(interaction), id);
  const { text } = await inTime(find(), FIND_WAIT_MS);
  const form = { id: `memory:edit:${id}`, title: texts.editTitle, text };
  await interaction.showModal(toNoteForm(form, interaction.locale));
}

async function forget(interaction: ChatInputCommandInteraction, notes: Notes): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const id = toNoteId(interaction.options.getString("note", true));
  const { text } = await notes.forget(await requestOf(interaction), id);
  await interaction.editReply(translate(texts.forgotten(quote(text)), interaction));
}

/** @throws {InvalidInput} for words that were typed and not chosen */
function toNoteId(value: string | undefined): RowId {
  if (value !== undefined && /^\d{1,15}$/.test(value)) return Number(value);
  throw new InvalidInput({ kind: "note-unknown" });
}
