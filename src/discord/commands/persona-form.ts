import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  TextInputBuilder,
  TextInputStyle,
  escapeMarkdown,
} from "discord.js";
import type {
  ChatInputCommandInteraction,
  MessageComponentInteraction,
  ModalSubmitInteraction,
} from "discord.js";
import type { PersonaLibrary } from "../../chat/persona/library.ts";
import type { PersonaContent } from "../../chat/persona/persona.ts";
import { toFailureText } from "../events/tell-failure.ts";
import { personaFormTexts } from "../texts/persona-forms.ts";
import { libraryTexts } from "../texts/personas.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Language, Text } from "../texts/text.ts";
import type { CommandContext } from "./command.ts";
import { inTime } from "./in-time.ts";
import { invokerOf } from "./interaction-place.ts";
import { libraryOf } from "./persona-access.ts";
import type { PersonaDraft, PersonaDrafts } from "./persona-drafts.ts";
import { MAX_FIELD_LENGTH, PERSONA_FORMS } from "./persona-fields.ts";
import type { PersonaField, PersonaForm } from "./persona-fields.ts";

/** The form must be shown within three seconds, half of which may be gone. */
const FIND_WAIT_MS = 1_000;

const CREATE_ID = "persona:create";
const EDIT_ID = /^persona:edit:(main|more):(.+)$/s;
const AGAIN_ID = "persona:again:";

export async function openCreateForm(interaction: ChatInputCommandInteraction): Promise<void> {
  await interaction.showModal(toModal(interaction, CREATE_ID, readNothing));
}

export async function openEditForm(
  interaction: ChatInputCommandInteraction,
  { personas }: CommandContext,
): Promise<void> {
  const form: PersonaForm = interaction.options.getString("part") === "more" ? "more" : "main";
  const name = interaction.options.getString("name", true);
  const found = await inTime(personas.findOwn(libraryOf(interaction), name), FIND_WAIT_MS);
  const read = (field: PersonaField): FilledField => readPresent(field, found.content);
  const id = `persona:edit:${form}:${found.name}`;
  await interaction.showModal(toModal(interaction, id, read));
}

/** Opens a refused form once more, as it was filled in. */
export async function openFormAgain(
  interaction: MessageComponentInteraction,
  drafts: PersonaDrafts,
): Promise<void> {
  const key = interaction.customId.slice(AGAIN_ID.length);
  const draft = drafts.find(key, interaction.user.id);
  if (draft === undefined) {
    const content = translate(personaFormTexts.tooLate, interaction);
    await interaction.update({ content, components: [] });
    return;
  }
  const { formId, tooLong, typed } = draft;
  const read = ({ id }: PersonaField): FilledField => ({
    text: typed.get(id) ?? "",
    isTooLong: tooLong.has(id),
  });
  await interaction.showModal(toModal(interaction, formId, read));
}

export async function submitForm(
  interaction: ModalSubmitInteraction,
  { drafts, personas }: Pick<CommandContext, "drafts" | "personas">,
): Promise<void> {
  if (interaction.isFromMessage()) await interaction.deferUpdate();
  else await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const { form, name } = parseFormId(interaction.customId);
  const tooLong = new Set<string>();
  const doing =
    name === undefined
      ? create(interaction, personas)
      : edit(interaction, personas, { form, name, tooLong });
  const { isRefused, text } = await doing.then(toDone, toRefused);
  if (isRefused) drafts.keep(interaction.id, toDraft(interaction, form, tooLong));
  const components = isRefused ? [toAgainRow(interaction)] : [];
  await interaction.editReply({ content: translate(text, interaction), components });
}

interface Outcome {
  readonly text: Text;
  readonly isRefused: boolean;
}

function toDone(text: Text): Outcome {
  return { text, isRefused: false };
}

function toRefused(error: unknown): Outcome {
  const text = toFailureText(error);
  if (text === undefined) throw error;
  return { text, isRefused: true };
}

async function create(
  interaction: ModalSubmitInteraction,
  personas: PersonaLibrary,
): Promise<Text> {
  const content = readForm(interaction, PERSONA_FORMS.main, new Set());
  const by = invokerOf(interaction);
  const { name } = await personas.create(libraryOf(interaction), { content, by });
  return libraryTexts.created(escapeMarkdown(name));
}

interface Editing {
  readonly form: PersonaForm;
  readonly name: string;
  /** Takes the fields whose present text no form can hold. */
  readonly tooLong: Set<string>;
}

async function edit(
  interaction: ModalSubmitInteraction,
  personas: PersonaLibrary,
  { form, name, tooLong }: Editing,
): Promise<Text> {
  const library = libraryOf(interaction);
  const before = await personas.findOwn(library, name);
  for (const field of PERSONA_FORMS[form]) {
    if (readPresent(field, before.content).isTooLong) tooLong.add(field.id);
  }
  const content = readForm(interaction, PERSONA_FORMS[form], tooLong);
  const version = await personas.edit(library, name, { content, by: invokerOf(interaction) });
  const shown = escapeMarkdown(content.name ?? name);
  return version === undefined
    ? libraryTexts.unchanged(shown)
    : libraryTexts.changed(shown, version);
}

interface FormTarget {
  readonly form: PersonaForm;
  /** Undefined: the persona is new. */
  readonly name: string | undefined;
}

function parseFormId(id: string): FormTarget {
  const edited = EDIT_ID.exec(id);
  return { form: edited?.[1] === "more" ? "more" : "main", name: edited?.[2] };
}

function toDraft(
  { customId: formId, fields, user }: ModalSubmitInteraction,
  form: PersonaForm,
  tooLong: ReadonlySet<string>,
): PersonaDraft {
  const typed = PERSONA_FORMS[form].map(({ id }) => [id, fields.getTextInputValue(id)] as const);
  return { formId, userId: user.id, typed: new Map(typed), tooLong };
}

function toAgainRow(interaction: ModalSubmitInteraction): ActionRowBuilder<ButtonBuilder> {
  const button = new ButtonBuilder()
    .setCustomId(`${AGAIN_ID}${interaction.id}`)
    .setLabel(translate(personaFormTexts.tryAgain, interaction))
    .setStyle(ButtonStyle.Primary);
  return new ActionRowBuilder<ButtonBuilder>().addComponents(button);
}

/** What a field holds when its form opens. */
interface FilledField {
  readonly text: string;
  /** The persona's own text does not fit into the form. */
  readonly isTooLong: boolean;
}

function readNothing(): FilledField {
  return { text: "", isTooLong: false };
}

function readPresent(field: PersonaField, content: PersonaContent): FilledField {
  const text = field.read(content);
  const isTooLong = text.length > MAX_FIELD_LENGTH;
  return { text: isTooLong ? "" : text, isTooLong };
}

function toModal(
  { locale }: { readonly locale: string },
  id: string,
  read: (field: PersonaField) => FilledField,
): ModalBuilder {
  const language = toLanguage(locale);
  const { form, name } = parseFormId(id);
  const title = name === undefined ? personaFormTexts.newTitle : personaFormTexts.title;
  const labels = PERSONA_FORMS[form].map((field) =>
    new LabelBuilder()
      .setLabel(field.label[language])
      .setTextInputComponent(toInput(field, read(field), language)),
  );
  return new ModalBuilder().setCustomId(id).setTitle(title[language]).addLabelComponents(labels);
}

function toInput(
  field: PersonaField,
  { isTooLong, text }: FilledField,
  language: Language,
): TextInputBuilder {
  const input = new TextInputBuilder()
    .setCustomId(field.id)
    .setStyle(field.isRequired ? TextInputStyle.Short : TextInputStyle.Paragraph)
    .setRequired(field.isRequired)
    .setMaxLength(field.maxLength);
  const hint = isTooLong ? personaFormTexts.tooLong : field.hint;
  if (hint !== undefined) input.setPlaceholder(hint[language]);
  if (text !== "") input.setValue(text);
  return input;
}

/** A field that is left empty keeps a text that is too long for the form. */
function readForm(
  { fields: given }: ModalSubmitInteraction,
  fields: readonly PersonaField[],
  tooLong: ReadonlySet<string>,
): Partial<PersonaContent> {
  const parts = fields.map((field) => {
    const text = given.getTextInputValue(field.id).trim();
    return text === "" && tooLong.has(field.id) ? {} : field.write(text);
  });
  return Object.assign({}, ...parts);
}
