import {
  AttachmentBuilder,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import { toFiledChat } from "../../chat/adopt/filed-turns.ts";
import { formatHistory } from "../../chat/history-export.ts";
import { historyImportTexts, historyTexts } from "../texts/history.ts";
import { Mistake } from "../texts/mistake.ts";
import { translate } from "../texts/text.ts";
import type { Command, CommandContext } from "./command.ts";
import { describe, toChoice } from "./describe.ts";
import { importHistory, pressImport } from "./history-import.ts";
import { placeOf } from "./interaction-place.ts";

/** With the ends of their files' names. */
const FORMATS = { markdown: "md", "chatml-json": "json", sillytavern: "jsonl" } as const;

type Format = keyof typeof FORMATS;

/** Who Familiar is where no persona is in use. */
const OWN_NAME = "Familiar";

const definition = describe(new SlashCommandBuilder().setName("history"), historyTexts.description)
  .setDefaultMemberPermissions(PermissionFlagsBits.ReadMessageHistory)
  .addSubcommand((subcommand) =>
    describe(subcommand.setName("export"), historyTexts.exporting).addStringOption((option) =>
      describe(option.setName("format"), historyTexts.format).addChoices(
        toChoice("markdown", historyTexts.markdown),
        toChoice("chatml-json", historyTexts.chatMl),
        toChoice("sillytavern", historyTexts.sillyTavern),
      ),
    ),
  )
  .addSubcommand((subcommand) =>
    describe(subcommand.setName("import"), historyImportTexts.description).addAttachmentOption(
      (option) => describe(option.setName("file"), historyImportTexts.file).setRequired(true),
    ),
  )
  .toJSON();

export const history: Command = {
  definition,
  requires: (interaction) => (isImport(interaction) ? "manage-place" : undefined),
  async run(interaction, context) {
    if (isImport(interaction)) await importHistory(interaction, context);
    else await exportHistory(interaction, context);
  },
  press: pressImport,
};

function isImport(interaction: Parameters<NonNullable<Command["requires"]>>[0]): boolean {
  return interaction.isChatInputCommand() && interaction.options.getSubcommand() === "import";
}

async function exportHistory(
  interaction: ChatInputCommandInteraction,
  { familiar, historyFiles }: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const place = await placeOf(interaction);
  const entries = await familiar.history(place.id);
  if (entries.length === 0) throw new Mistake(historyTexts.nothing);
  const format = toFormat(interaction);
  const name = `history-${place.id}.${FORMATS[format]}`;
  const write = async (): Promise<string> => {
    if (format === "sillytavern") {
      const persona = (await familiar.find(place.id))?.persona?.content.name ?? OWN_NAME;
      return historyFiles.write(toFiledChat(entries, persona));
    }
    const systemPrompt = await familiar.systemPrompts.textIn(place);
    return formatHistory(entries, format, { title: titleOf(interaction), systemPrompt });
  };
  const file = new AttachmentBuilder(Buffer.from(await write()), { name });
  const content = translate(historyTexts.stored(entries.length), interaction);
  await interaction.editReply({ content, files: [file] });
}

function toFormat({ options }: ChatInputCommandInteraction): Format {
  const wanted = options.getString("format");
  return wanted === "chatml-json" || wanted === "sillytavern" ? wanted : "markdown";
}

function titleOf({ channel, locale }: ChatInputCommandInteraction): string {
  const name = channel !== null && "name" in channel ? channel.name : undefined;
  return name ?? translate(historyTexts.directTitle, { locale });
}
