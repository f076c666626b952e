import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import { requestOf } from "../controls/controller.ts";
import type { Command } from "./command.ts";

/** Discord's limit for an option. */
const MAX_LENGTH = 6_000;

const definition = new SlashCommandBuilder()
  .setName("say")
  .setDescription("Speak as me: I remember it as my own words")
  .setDefaultMemberPermissions(PermissionFlagsBits.ManageMessages)
  .addStringOption((option) =>
    option
      .setName("text")
      .setDescription("What I am to say")
      .setMaxLength(MAX_LENGTH)
      .setRequired(true),
  )
  .toJSON();

export const say: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const text = interaction.options.getString("text", true).trim();
    if (text === "") throw new FamiliarError("input-invalid", "There is nothing to say in that.");
    await familiar.controls.say(await requestOf(interaction), text);
    await interaction.editReply("Done: I have said it.");
  },
};
