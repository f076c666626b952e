import {
  ApplicationIntegrationType,
  InteractionContextType,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from "discord.js";
import { assertAsker } from "../../chat/control/assert-control.ts";
import { admitQuestion, answerQuestion } from "../ask/answer-question.ts";
import { askTexts } from "../texts/ask.ts";
import { Mistake } from "../texts/mistake.ts";
import { toLocalizations } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { inTime } from "./in-time.ts";
import { isHiddenByDiscord } from "./installation.ts";
import { invokerOf } from "./interaction-place.ts";

/** Discord's limit for an option. */
const MAX_LENGTH = 6_000;

/** Discord gives three seconds for the first answer, half of which may be gone. */
const ADMISSION_MS = 1_000;

const { BotDM, Guild, PrivateChannel } = InteractionContextType;
const { GuildInstall, UserInstall } = ApplicationIntegrationType;

const definition = new SlashCommandBuilder()
  .setName("ask")
  .setDescription(askTexts.ask.en)
  .setDescriptionLocalizations(toLocalizations(askTexts.ask))
  .setIntegrationTypes(GuildInstall, UserInstall)
  .setContexts(Guild, BotDM, PrivateChannel)
  .addStringOption((option) =>
    option
      .setName("message")
      .setDescription(askTexts.message.en)
      .setDescriptionLocalizations(toLocalizations(askTexts.message))
      .setMaxLength(MAX_LENGTH)
      .setRequired(true),
  )
  .addBooleanOption((option) =>
    option
      .setName("private")
      .setDescription(askTexts.private.en)
      .setDescriptionLocalizations(toLocalizations(askTexts.private)),
  )
  .toJSON();

export const ask: Command = {
  definition,
  async run(interaction, context) {
    const { options } = interaction;
    const text = options.getString("message", true).trim();
    if (text === "") throw new Mistake(askTexts.nothingAsked);
    const isPrivate = options.getBoolean("private") === true || isHiddenByDiscord(interaction);
    // Before anything is acknowledged, so that nobody else sees a refusal.
    const place = await inTime(admitQuestion(interaction, context), ADMISSION_MS);
    await interaction.deferReply(isPrivate ? { flags: MessageFlags.Ephemeral } : {});
    await answerQuestion(interaction, context, { place, text, isPrivate });
  },
  /** Stops the answer: whoever asked for it, and moderators. */
  async press(interaction, { familiar }) {
    await interaction.deferUpdate();
    const key = interaction.customId.split(":").at(-1) ?? "";
    const asker = familiar.oneOffs.askerOf(key);
    if (asker === undefined) {
      // It was cut off by a crash, and its button is left.
      await interaction.editReply({ components: [] });
      return;
    }
    const isModerator = interaction.memberPermissions?.has(PermissionFlagsBits.ManageMessages);
    assertAsker({ speaker: invokerOf(interaction), isModerator: isModerator === true }, [asker]);
    familiar.oneOffs.stop(key);
  },
};
