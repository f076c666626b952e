import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { Command } from "./command.ts";
import { placeOf } from "./interaction-place.ts";
import { assertMayManage } from "./permissions.ts";

const definition = new SlashCommandBuilder()
  .setName("reset")
  .setDescription("A fresh start here: what was said stays stored, but I no longer see it")
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .toJSON();

export const reset: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const place = await placeOf(interaction);
    await assertMayManage(interaction, familiar, place);
    if ((await familiar.find(place.id)) === undefined) {
      throw new FamiliarError(
        "input-invalid",
        "There is nothing to reset: we have not talked here.",
      );
    }
    await familiar.reset(place.id);
    await interaction.editReply("Done: a fresh start. `/history` still has all of it.");
  },
};
