import {
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  TextInputBuilder,
  TextInputStyle,
  escapeMarkdown,
} from "discord.js";
import type { ChatInputCommandInteraction, ModalSubmitInteraction } from "discord.js";
import type { PersonaLibrary } from "../../chat/persona/library.ts";
import type { PersonaContent } from "../../chat/persona/persona.ts";
import { personaFormTexts } from "../texts/persona-forms.ts";
import { libraryTexts } from "../texts/personas.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Language, Text } from "../texts/text.ts";
import type { CommandContext } from "./command.ts";
import { inTime } from "./in-time.ts";
import { invokerOf } from "./interaction-place.ts";
import { libraryOf } from "./persona-access.ts";
import { MAX_FIELD_LENGTH, PERSONA_FORMS } from "./persona-fields.ts";
import type { PersonaField, PersonaForm } from "./persona-fields.ts";

/** The form must be shown within three seconds, half of which may be gone. */
const FIND_WAIT_MS = 1_000;

const CREATE_ID = "persona:create";
const EDIT_ID = /^persona:edit:(main|more):(.+)$/s;

export async function openCreateForm(interaction: ChatInputCommandInteraction): Promise<void> {
  const modal = { id: CREATE_ID, title: personaFormTexts.newTitle };
  await interaction.showModal(toModal(interaction, modal, { fields: PERSONA_FORMS.main }));
}

export async function openEditForm(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  const form: PersonaForm = interaction.options.getString("part") === "more" ? "more" : "main";
  const name = interaction.options.getString("name", true);
  const found = await inTime(personas.findOwn(libraryOf(interaction), name), FIND_WAIT_MS);
  const id = `persona:edit:${form}:${found.name}`;
  const filled = { fields: PERSONA_FORMS[form], present: found.content };
  await interaction.showModal(toModal(interaction, { id, title: personaFormTexts.title }, filled));
}

export async function submitForm(
  interaction: ModalSubmitInteraction,
  personas: PersonaLibrary,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const edited = EDIT_ID.exec(interaction.customId);
  const text =
    edited === null
      ? await create(interaction, personas)
      : await edit(interaction, personas, {
          form: edited[1] === "more" ? "more" : "main",
          name: edited[2] ?? "",
        });
  await interaction.editReply(translate(text, interaction));
}

async function create(
  interaction: ModalSubmitInteraction,
  personas: PersonaLibrary,
): Promise<Text> {
  const content = readForm(interaction, PERSONA_FORMS.main);
  const by = invokerOf(interaction);
  const { name } = await personas.create(libraryOf(interaction), { content, by });
  return libraryTexts.created(escapeMarkdown(name));
}

async function edit(
  interaction: ModalSubmitInteraction,
  personas: PersonaLibrary,
  { form, name }: { readonly form: PersonaForm; readonly name: string },
): Promise<Text> {
  const library = libraryOf(interaction);
  const before = await personas.findOwn(library, name);
  const content = readForm(interaction, PERSONA_FORMS[form], before.content);
  const version = await personas.edit(library, name, { content, by: invokerOf(interaction) });
  const shown = escapeMarkdown(content.name ?? name);
  return version === undefined
    ? libraryTexts.unchanged(shown)
    : libraryTexts.changed(shown, version);
}

interface FilledForm {
  readonly fields: readonly PersonaField[];
  /** Undefined: the persona is new. */
  readonly present?: PersonaContent;
}

function toModal(
  { locale }: ChatInputCommandInteraction,
  { id, title }: { readonly id: string; readonly title: Text },
  { fields, present }: FilledForm,
): ModalBuilder {
  const language = toLanguage(locale);
  const labels = fields.map((field) =>
    new LabelBuilder()
      .setLabel(field.label[language])
      .setTextInputComponent(toInput(field, present, language)),
  );
  return new ModalBuilder().setCustomId(id).setTitle(title[language]).addLabelComponents(labels);
}

function toInput(
  field: PersonaField,
  present: PersonaContent | undefined,
  language: Language,
): TextInputBuilder {
  const input = new TextInputBuilder()
    .setCustomId(field.id)
    .setStyle(field.isRequired ? TextInputStyle.Short : TextInputStyle.Paragraph)
    .setRequired(field.isRequired)
    .setMaxLength(field.maxLength);
  const text = present === undefined ? "" : field.read(present);
  const isTooLong = text.length > MAX_FIELD_LENGTH;
  const hint = isTooLong ? personaFormTexts.tooLong : field.hint;
  if (hint !== undefined) input.setPlaceholder(hint[language]);
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
