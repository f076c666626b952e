import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { requestOf } from "../controls/controller.ts";
import { controlTexts } from "../texts/controls.ts";
import { Mistake } from "../texts/mistake.ts";
import { translate } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";

/** Discord's limit for an option. */
const MAX_LENGTH = 6_000;

const definition = describe(new SlashCommandBuilder().setName("say"), controlTexts.say)
  .setDefaultMemberPermissions(PermissionFlagsBits.ManageMessages)
  .addStringOption((option) =>
    describe(option.setName("text"), controlTexts.sayText)
      .setMaxLength(MAX_LENGTH)
      .setRequired(true),
  )
  .toJSON();

export const say: Command = {
  definition,
  requires: () => "moderate",
  async run(interaction, { familiar }) {
    const text = interaction.options.getString("text", true).trim();
    if (text === "") throw new Mistake(controlTexts.nothingToSay);
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await familiar.controls.say(await requestOf(interaction), text);
    await interaction.editReply(translate(controlTexts.said, interaction));
  },
};
