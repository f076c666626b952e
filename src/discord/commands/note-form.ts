import { LabelBuilder, ModalBuilder, TextInputBuilder, TextInputStyle } from "discord.js";
import type { ModalSubmitInteraction } from "discord.js";
import { MAX_NOTE_LENGTH } from "../../chat/memory/note.ts";
import { rememberTexts } from "../texts/notes.ts";
import { toLanguage } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";

const FIELD = "text";

export interface NoteForm {
  /** Begins with the name of the command that takes it. */
  readonly id: string;
  readonly title: Text;
  readonly text: string;
}

/** A small form in which a note can be changed before it is kept. */
export function toNoteForm({ id, text, title }: NoteForm, locale: string): ModalBuilder {
  const language = toLanguage(locale);
  const input = new TextInputBuilder()
    .setCustomId(FIELD)
    .setStyle(TextInputStyle.Paragraph)
    .setMaxLength(MAX_NOTE_LENGTH)
    .setRequired(true)
    .setValue(text);
  const label = new LabelBuilder()
    .setLabel(rememberTexts.field[language])
    .setTextInputComponent(input);
  return new ModalBuilder().setCustomId(id).setTitle(title[language]).addLabelComponents(label);
}

export function readNoteForm({ fields }: ModalSubmitInteraction): string {
  return fields.getTextInputValue(FIELD);
}
