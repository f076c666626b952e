import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { requestOf } from "../controls/controller.ts";
import type { Command } from "./command.ts";

const definition = new SlashCommandBuilder()
  .setName("undo")
  .setDescription("Take the last exchange back: my reply goes, and I forget what it answered")
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .toJSON();

export const undo: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await familiar.controls.undo(await requestOf(interaction));
    await interaction.editReply("Done: I no longer remember the last exchange.");
  },
};
