import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { requestOf } from "../controls/controller.ts";
import type { Command } from "./command.ts";

const definition = new SlashCommandBuilder()
  .setName("retry")
  .setDescription("Have me write my last reply once more; the ones before stay selectable")
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .toJSON();

export const retry: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await familiar.controls.regenerate(await requestOf(interaction));
    await interaction.editReply("Done: I am writing it once more.");
  },
};
