import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import { toMessageId } from "../../chat/ids.ts";
import { resetTexts } from "../texts/history.ts";
import { Mistake } from "../texts/mistake.ts";
import { translate } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";
import { placeOf } from "./interaction-place.ts";

const definition = describe(new SlashCommandBuilder().setName("reset"), resetTexts.description)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .toJSON();

export const reset: Command = {
  definition,
  requires: () => "manage-place",
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const place = await placeOf(interaction);
    if ((await familiar.find(place.id)) === undefined) throw new Mistake(resetTexts.nothing);
    // Its id is later than that of all that was said before.
    await familiar.reset(place.id, toMessageId(interaction.id));
    await interaction.editReply(translate(resetTexts.done, interaction));
  },
};
