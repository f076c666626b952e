import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { requestOf } from "../controls/controller.ts";
import { controlTexts } from "../texts/controls.ts";
import { translate } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";

const definition = describe(new SlashCommandBuilder().setName("stop"), controlTexts.stop)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .toJSON();

export const stop: Command = {
  definition,
  requires: () => "write",
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await familiar.controls.stop(await requestOf(interaction));
    await interaction.editReply(translate(controlTexts.stopped, interaction));
  },
};
