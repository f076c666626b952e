import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { requestOf } from "../controls/controller.ts";
import { controlTexts } from "../texts/controls.ts";
import { translate } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";

const definition = describe(new SlashCommandBuilder().setName("retry"), controlTexts.retry)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .toJSON();

export const retry: Command = {
  definition,
  requires: () => "write",
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await familiar.controls.regenerate(await requestOf(interaction));
    await interaction.editReply(translate(controlTexts.writingAgain, interaction));
  },
};
