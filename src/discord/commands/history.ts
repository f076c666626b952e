import {
  AttachmentBuilder,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import { formatHistory } from "../../chat/history-export.ts";
import type { HistoryFormat } from "../../chat/history-export.ts";
import type { Command } from "./command.ts";
import { placeOf } from "./interaction-place.ts";

const definition = new SlashCommandBuilder()
  .setName("history")
  .setDescription("The stored conversation of this place as a file, for you alone")
  .setDefaultMemberPermissions(PermissionFlagsBits.ReadMessageHistory)
  .addStringOption((option) =>
    option
      .setName("format")
      .setDescription("Markdown to read (the default), or ChatML messages as JSON")
      .addChoices(
        { name: "Markdown", value: "markdown" },
        { name: "ChatML JSON", value: "chatml-json" },
      ),
  )
  .toJSON();

export const history: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const place = await placeOf(interaction);
    const entries = await familiar.history(place.id);
    if (entries.length === 0) {
      throw new FamiliarError("input-invalid", "Nothing is stored: we have not talked here.");
    }
    const { change } = await familiar.systemPrompt(place);
    const format = toFormat(interaction);
    const title = titleOf(interaction);
    const systemPrompt = change?.prompt ?? familiar.defaultSystemPrompt;
    const text = formatHistory(entries, format, { title, systemPrompt });
    const name = `history-${place.id}.${format === "markdown" ? "md" : "json"}`;
    const file = new AttachmentBuilder(Buffer.from(text), { name });
    const turns = entries.length === 1 ? "1 turn" : `${entries.length} turns`;
    await interaction.editReply({ content: `${turns} stored here.`, files: [file] });
  },
};

function toFormat(interaction: ChatInputCommandInteraction): HistoryFormat {
  return interaction.options.getString("format") === "chatml-json" ? "chatml-json" : "markdown";
}

function titleOf({ channel }: ChatInputCommandInteraction): string {
  const name = channel !== null && "name" in channel ? channel.name : undefined;
  return name ?? "Direct messages with Familiar";
}
