import {
  AttachmentBuilder,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
  messageLink,
} from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import type { MessageId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import { renderRawPrompt } from "../../chat/prompt/describe-context.ts";
import type { ContextDescription } from "../../chat/prompt/describe-context.ts";
import { contextTexts } from "../texts/context.ts";
import { Mistake } from "../texts/mistake.ts";
import { toLanguage } from "../texts/text.ts";
import type { Language, Text } from "../texts/text.ts";
import type { Command, CommandUse } from "./command.ts";
import { describeContextBar } from "./context-bar.ts";
import { describe } from "./describe.ts";
import { placeOf } from "./interaction-place.ts";

const definition = describe(new SlashCommandBuilder().setName("context"), contextTexts.description)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) => describe(option.setName("show"), contextTexts.show))
  .addSubcommand((option) => describe(option.setName("raw"), contextTexts.raw))
  .toJSON();

export const context: Command = {
  definition,
  requires: (interaction) => (isRaw(interaction) ? "manage-place" : undefined),
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const description = await read(familiar, await placeOf(interaction));
    const language = toLanguage(interaction.locale);
    await interaction.editReply(
      isRaw(interaction)
        ? toRaw(description, `prompt-${interaction.channelId}.txt`, language)
        : toOverview(description, language),
    );
  },
};

async function read(familiar: Familiar, place: Place): Promise<ContextDescription> {
  const description = await familiar.context(place.id);
  if (description !== undefined) return description;
  throw new Mistake(contextTexts.nothing);
}

function isRaw(interaction: CommandUse): boolean {
  return interaction.isChatInputCommand() && interaction.options.getSubcommand() === "raw";
}

function toOverview(description: ContextDescription, language: Language): string {
  const bar = ["```", describeContextBar(description, language), "```"].join("\n");
  const { earlierTurns } = description.edge;
  const sentences = [describeBeginning(description), contextTexts.leftOut(earlierTurns)];
  const described = sentences.map((sentence) => sentence[language]);
  return [contextTexts.title[language], bar, ...described].join("\n");
}

function describeBeginning({ edge, parts }: ContextDescription): Text {
  const hasHistory = parts.some(({ name, tokens }) => name === "history" && tokens > 0);
  if (!hasHistory) return contextTexts.noMessage;
  if (edge.message === undefined) return contextTexts.noFirstMessage;
  return contextTexts.firstMessage(toLink(edge.message.place, edge.message.id));
}

/** The message that a thread was started from is in the parent channel, and has the thread's id. */
function toLink(place: Place, messageId: MessageId): string {
  if (place.kind === "direct") return messageLink(place.id, messageId);
  const isStarter = place.kind === "thread" && String(messageId) === String(place.id);
  return messageLink(isStarter ? place.parentId : place.id, messageId, place.guildId);
}

function toRaw({ messages }: ContextDescription, name: string, language: Language) {
  const { lookalikes, text } = renderRawPrompt(messages);
  const sentences = [
    contextTexts.file,
    ...(lookalikes === 0 ? [] : [contextTexts.lookalikes(lookalikes)]),
  ];
  const content = sentences.map((sentence) => sentence[language]).join(" ");
  return { content, files: [new AttachmentBuilder(Buffer.from(text), { name })] };
}
