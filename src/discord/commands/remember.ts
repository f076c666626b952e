import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import { toUserId } from "../../chat/ids.ts";
import { isPrivatePlace, MAX_NOTE_LENGTH } from "../../chat/memory/note.ts";
import type { Note, NoteKind } from "../../chat/memory/note.ts";
import type { Place } from "../../chat/place.ts";
import { requestOf } from "../controls/controller.ts";
import { rememberTexts as texts } from "../texts/notes.ts";
import { translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import { toChannel } from "./access.ts";
import type { Command, CommandUse } from "./command.ts";
import { describe, toChoice } from "./describe.ts";
import { readNoteForm } from "./note-form.ts";
import { assertMayManage } from "./permissions.ts";

const definition = describe(new SlashCommandBuilder().setName("remember"), texts.command)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addStringOption((option) =>
    describe(option.setName("text"), texts.text).setMaxLength(MAX_NOTE_LENGTH).setRequired(true),
  )
  .addStringOption((option) =>
    describe(option.setName("for"), texts.for).addChoices(
      toChoice("here", texts.here),
      toChoice("persona", texts.persona),
      toChoice("me", texts.me),
    ),
  )
  .addStringOption((option) =>
    describe(option.setName("persona"), texts.whichPersona).addChoices(
      toChoice("all", texts.all),
      toChoice("this", texts.this),
    ),
  )
  .toJSON();

/** Of a form that keeps a message: who wrote it, or nobody where that was Familiar. */
const QUOTING_FORM = /^remember:message:(\d*)$/;

export function toQuotingFormId(authorId: string | undefined): string {
  return `remember:message:${authorId ?? ""}`;
}

export const remember: Command = {
  definition,
  requires: (interaction) => (kindIn(interaction) === "place" ? "write" : undefined),
  async run(interaction, { familiar, notes }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const request = await requestOf(interaction);
    const kind = kindIn(interaction);
    if (kind === "persona") await assertMayTellPersona(interaction, familiar, request.place);
    const note = await notes.remember({
      ...request,
      kind,
      text: interaction.options.getString("text", true),
      isForPersona: interaction.options.getString("persona") === "this",
    });
    await interaction.editReply(translate(describeReach(note), interaction));
  },
  /** Takes the form that shows what of a message will be kept. */
  async submit(interaction, { notes }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const authorId = QUOTING_FORM.exec(interaction.customId)?.[1] ?? "";
    const quotes = authorId === "" ? undefined : toUserId(authorId);
    const text = readNoteForm(interaction);
    const request = { ...(await requestOf(interaction)), kind: "place", text, quotes } as const;
    const note = await notes.remember(request);
    await interaction.editReply(translate(describeReach(note), interaction));
  },
};

function kindIn(interaction: CommandUse): NoteKind {
  const chosen = interaction.isChatInputCommand() ? interaction.options.getString("for") : null;
  if (chosen === "persona") return "persona";
  return chosen === "me" ? "person" : "place";
}

/** What the persona is told holds for the whole server, unless it stays in a private place. */
async function assertMayTellPersona(
  interaction: ChatInputCommandInteraction,
  familiar: Familiar,
  place: Place,
): Promise<void> {
  const managed = isPrivatePlace(place) ? place : toChannel(place);
  await assertMayManage(interaction, familiar, managed);
}

function describeReach({ kind, persona, placeId }: Note): Text {
  switch (kind) {
    case "place":
      return texts.kept.place;
    case "persona":
      return placeId === undefined ? texts.kept.persona : texts.kept.personaHere;
    case "person":
      if (placeId !== undefined) return texts.kept.personHere;
      return persona === undefined ? texts.kept.person : texts.kept.personForPersona;
    default:
      return kind satisfies never;
  }
}
