import { MessageFlags, SlashCommandBuilder } from "discord.js";
import { settingsTexts } from "../texts/settings.ts";
import type { Command } from "../commands/command.ts";
import { describe } from "../commands/describe.ts";
import { placeOf } from "../commands/interaction-place.ts";
import { pagesOf } from "./pages.ts";
import { pressPanel, submitPanelForm } from "./press-panel.ts";
import { assertMayChange, mayChange, targetsIn } from "./scopes.ts";
import { showPanel } from "./show-panel.ts";

const definition = describe(
  new SlashCommandBuilder().setName("settings"),
  settingsTexts.command,
).toJSON();

export const settings: Command = {
  definition,
  isForEveryone: true,
  /** Opens with the nearest scope that the person may change. */
  async run(interaction, context) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const here = await placeOf(interaction);
    for (const target of targetsIn(here)) {
      if (!(await mayChange(interaction, context.familiar, target))) continue;
      const [page] = pagesOf(target.scope);
      const { components, content } = await showPanel(interaction, context, { here, target, page });
      await interaction.editReply({ content, components: [...components] });
      return;
    }
    await assertMayChange(interaction, context.familiar, targetsIn(here)[0]);
  },
  press: pressPanel,
  submit: submitPanelForm,
};
