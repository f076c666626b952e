import {
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  TextInputBuilder,
  TextInputStyle,
  escapeMarkdown,
} from "discord.js";
import type { ChatInputCommandInteraction, ModalSubmitInteraction } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { PersonaLibrary } from "../../chat/persona/library.ts";
import type { PersonaContent } from "../../chat/persona/persona.ts";
import type { CommandContext } from "./command.ts";
import { invokerOf } from "./interaction-place.ts";
import { assertMayChangeLibrary, libraryOf } from "./persona-access.ts";
import { MAX_FIELD_LENGTH, PERSONA_FORMS } from "./persona-fields.ts";
import type { PersonaField, PersonaForm } from "./persona-fields.ts";

/** The form must be shown within three seconds. */
const FIND_WAIT_MS = 2_000;

const TOO_LONG_HINT = "Too long for this form: leave it empty to keep it as it is";

const CREATE_ID = "persona:create";
const EDIT_ID = /^persona:edit:(main|more):(.+)$/s;

export async function openCreateForm(interaction: ChatInputCommandInteraction): Promise<void> {
  await assertMayChangeLibrary(interaction);
  await interaction.showModal(toModal({ id: CREATE_ID, title: "New persona" }, PERSONA_FORMS.main));
}

export async function openEditForm(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  await assertMayChangeLibrary(interaction);
  const form: PersonaForm = interaction.options.getString("part") === "more" ? "more" : "main";
  const name = interaction.options.getString("name", true);
  const found = await inTime(personas.findOwn(libraryOf(interaction), name));
  const id = `persona:edit:${form}:${found.name}`;
  await interaction.showModal(
    toModal({ id, title: "Persona" }, PERSONA_FORMS[form], found.content),
  );
}

export async function submitForm(
  interaction: ModalSubmitInteraction,
  personas: PersonaLibrary,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  await assertMayChangeLibrary(interaction);
  const edited = EDIT_ID.exec(interaction.customId);
  const sentence =
    edited === null
      ? await create(interaction, personas)
      : await edit(interaction, personas, {
          form: edited[1] === "more" ? "more" : "main",
          name: edited[2] ?? "",
        });
  await interaction.editReply(sentence);
}

async function create(
  interaction: ModalSubmitInteraction,
  personas: PersonaLibrary,
): Promise<string> {
  const content = readForm(interaction, PERSONA_FORMS.main);
  const by = invokerOf(interaction);
  const { name } = await personas.create(libraryOf(interaction), { content, by });
  return `Done: **${escapeMarkdown(name)}** is in the library. /persona use has it answer.`;
}

async function edit(
  interaction: ModalSubmitInteraction,
  personas: PersonaLibrary,
  { form, name }: { readonly form: PersonaForm; readonly name: string },
): Promise<string> {
  const library = libraryOf(interaction);
  const before = await personas.findOwn(library, name);
  const content = readForm(interaction, PERSONA_FORMS[form], before.content);
  const version = await personas.edit(library, name, { content, by: invokerOf(interaction) });
  const shown = `**${escapeMarkdown(content.name ?? name)}**`;
  return version === undefined
    ? `Nothing has changed: ${shown} is as it was.`
    : `Done: ${shown} is now at version ${version}. Threads stay with the version they began with.`;
}

/** Undefined `present`: the persona is new. */
function toModal(
  { id, title }: { readonly id: string; readonly title: string },
  fields: readonly PersonaField[],
  present?: PersonaContent,
): ModalBuilder {
  const labels = fields.map((field) =>
    new LabelBuilder().setLabel(field.label).setTextInputComponent(toInput(field, present)),
  );
  return new ModalBuilder().setCustomId(id).setTitle(title).addLabelComponents(labels);
}

function toInput(field: PersonaField, present: PersonaContent | undefined): TextInputBuilder {
  const input = new TextInputBuilder()
    .setCustomId(field.id)
    .setStyle(field.isRequired ? TextInputStyle.Short : TextInputStyle.Paragraph)
    .setRequired(field.isRequired)
    .setMaxLength(field.maxLength);
  const text = present === undefined ? "" : field.read(present);
  const isTooLong = text.length > MAX_FIELD_LENGTH;
  const hint = isTooLong ? TOO_LONG_HINT : field.hint;
  if (hint !== "") input.setPlaceholder(hint);
  if (text !== "" && !isTooLong) input.setValue(text);
  return input;
}

function readForm(
  { fields: given }: ModalSubmitInteraction,
  fields: readonly PersonaField[],
  before?: PersonaContent,
): Partial<PersonaContent> {
  const parts = fields.map((field) => {
    const text = given.getTextInputValue(field.id).trim();
    const isKept =
      text === "" && before !== undefined && field.read(before).length > MAX_FIELD_LENGTH;
    return isKept ? {} : field.write(text);
  });
  return Object.assign({}, ...parts);
}

async function inTime<Value>(read: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const error = new FamiliarError("store-unreachable", "The database takes too long");
    timer = setTimeout(reject, FIND_WAIT_MS, error);
  });
  try {
    return await Promise.race([read, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
