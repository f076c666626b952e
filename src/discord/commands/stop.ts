import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { requestOf } from "../controls/controller.ts";
import type { Command } from "./command.ts";

const definition = new SlashCommandBuilder()
  .setName("stop")
  .setDescription("Stop the reply that I am writing here")
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .toJSON();

export const stop: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await familiar.controls.stop(await requestOf(interaction));
    await interaction.editReply("Done: I have stopped.");
  },
};
