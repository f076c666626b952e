import { ApplicationCommandType, ContextMenuCommandBuilder, PermissionFlagsBits } from "discord.js";
import type {
  ButtonInteraction,
  Message,
  MessageContextMenuCommandInteraction,
  User,
} from "discord.js";
import type { RowId } from "../../chat/conversation.ts";
import type { Familiar } from "../../chat/familiar.ts";
import { toUserId } from "../../chat/ids.ts";
import { toQuotingNote } from "../../chat/memory/note.ts";
import { nameSpeakers } from "../../chat/prompt/speaker.ts";
import type { MessageCommand } from "../commands/command.ts";
import { inTime } from "../commands/in-time.ts";
import { placeOf } from "../commands/interaction-place.ts";
import { toNoteForm } from "../commands/note-form.ts";
import { toQuotingFormId } from "../commands/remember.ts";
import { isOwnMessage } from "./own-message.ts";
import { toText } from "../said-message.ts";
import { Mistake } from "../texts/mistake.ts";
import { rememberTexts as texts } from "../texts/notes.ts";
import { toLocalizations } from "../texts/text.ts";

/** The form must be shown within three seconds, half of which may be gone. */
const FIND_WAIT_MS = 1_000;

/** Under a reply, what is not its words: how it ended. */
const NOTICES = /\n?^-# .*$/gmu;

/** A note of a message's words for the place that it is in. */
export const rememberMessage: MessageCommand = {
  definition: new ContextMenuCommandBuilder()
    .setName(texts.menu.en)
    .setNameLocalizations(toLocalizations(texts.menu))
    .setType(ApplicationCommandType.Message)
    .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
    .toJSON(),
  requires: "write",
  async run(interaction) {
    const { targetMessage } = interaction;
    const isOwn = isOwnMessage(interaction);
    const words = wordsOf(targetMessage, isOwn);
    const name = targetMessage.member?.displayName ?? targetMessage.author.displayName;
    const authorId =
      isOwn || targetMessage.webhookId !== null ? undefined : targetMessage.author.id;
    await openForm(interaction, { name, words, authorId });
  },
};

/** A note of the reply that the menu belongs to. */
export async function openReplyNote(
  interaction: ButtonInteraction,
  familiar: Familiar,
  replyId: RowId | undefined,
): Promise<void> {
  const read = async () => {
    const place = await placeOf(interaction);
    return await familiar.controls.lastWords({ place, replyId });
  };
  const { name = interaction.client.user.displayName, text } = await inTime(read(), FIND_WAIT_MS);
  await openForm(interaction, { name, words: text, authorId: undefined });
}

interface Quoted {
  readonly name: string;
  readonly words: string;
  /** Undefined where no person wrote it. */
  readonly authorId: string | undefined;
}

async function openForm(
  interaction: ButtonInteraction | MessageContextMenuCommandInteraction,
  { authorId, name, words }: Quoted,
): Promise<void> {
  if (words.trim() === "") throw new Mistake(texts.noWords);
  const speaker = { id: toUserId(authorId ?? interaction.client.user.id), name };
  const label = authorId === undefined ? name : nameSpeakers([speaker], [])(speaker);
  const form = {
    id: toQuotingFormId(authorId),
    title: texts.title,
    text: toQuotingNote(label, words),
  };
  await interaction.showModal(toNoteForm(form, interaction.locale));
}

/** As the model reads them, without what is no words. */
function wordsOf({ client, content, mentions }: Message, isOwn: boolean): string {
  const users = mentions.users.map(toApiUser);
  const { text } = toText(client, { content, mentions: users });
  return isOwn ? text.replaceAll(NOTICES, "") : text;
}

function toApiUser({ avatar, discriminator, globalName, id, username }: User) {
  return { avatar, discriminator, global_name: globalName, id, username };
}
