import {
  AttachmentBuilder,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import { formatHistory } from "../../chat/history-export.ts";
import type { HistoryFormat } from "../../chat/history-export.ts";
import { historyTexts } from "../texts/history.ts";
import { Mistake } from "../texts/mistake.ts";
import { translate } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe, toChoice } from "./describe.ts";
import { placeOf } from "./interaction-place.ts";

const definition = describe(new SlashCommandBuilder().setName("history"), historyTexts.description)
  .setDefaultMemberPermissions(PermissionFlagsBits.ReadMessageHistory)
  .addStringOption((option) =>
    describe(option.setName("format"), historyTexts.format).addChoices(
      toChoice("markdown", historyTexts.markdown),
      toChoice("chatml-json", historyTexts.chatMl),
    ),
  )
  .toJSON();

export const history: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const place = await placeOf(interaction);
    const entries = await familiar.history(place.id);
    if (entries.length === 0) throw new Mistake(historyTexts.nothing);
    const { change } = await familiar.systemPrompt(place);
    const format = toFormat(interaction);
    const title = titleOf(interaction);
    const systemPrompt = change?.prompt ?? familiar.defaultSystemPrompt;
    const text = formatHistory(entries, format, { title, systemPrompt });
    const name = `history-${place.id}.${format === "markdown" ? "md" : "json"}`;
    const file = new AttachmentBuilder(Buffer.from(text), { name });
    const content = translate(historyTexts.stored(entries.length), interaction);
    await interaction.editReply({ content, files: [file] });
  },
};

function toFormat(interaction: ChatInputCommandInteraction): HistoryFormat {
  return interaction.options.getString("format") === "chatml-json" ? "chatml-json" : "markdown";
}

function titleOf({ channel, locale }: ChatInputCommandInteraction): string {
  const name = channel !== null && "name" in channel ? channel.name : undefined;
  return name ?? translate(historyTexts.directTitle, { locale });
}
