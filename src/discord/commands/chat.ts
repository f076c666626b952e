import {
  InteractionContextType,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from "discord.js";
import { toMessageId } from "../../chat/ids.ts";
import type { SaidMessage, Speaker } from "../../chat/place.ts";
import { MAX_SYSTEM_PROMPT_LENGTH } from "../../chat/prompt/system-prompt.ts";
import { openThread } from "../open-thread.ts";
import type { OpenedThread } from "../open-thread.ts";
import type { Command } from "./command.ts";
import { invokerOf } from "./interaction-place.ts";

/** Leaves room in one message of 2000 characters for the line that says who speaks. */
const MAX_FIRST_MESSAGE_LENGTH = 1_800;

const TITLE_LENGTH = 60;

const definition = new SlashCommandBuilder()
  .setName("chat")
  .setDescription("Open a thread to talk with me")
  .setContexts(InteractionContextType.Guild)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addStringOption((option) =>
    option
      .setName("message")
      .setDescription("What you say first")
      .setMaxLength(MAX_FIRST_MESSAGE_LENGTH),
  )
  .addStringOption((option) =>
    option
      .setName("system")
      .setDescription("A system prompt for this thread alone: who I am and how I talk")
      .setMaxLength(MAX_SYSTEM_PROMPT_LENGTH),
  )
  .toJSON();

export const chat: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const text = interaction.options.getString("message")?.trim() ?? "";
    const systemPrompt = interaction.options.getString("system")?.trim();
    if (systemPrompt !== undefined) await familiar.assertSystemPromptFits(systemPrompt);

    const openedBy = invokerOf(interaction);
    const name = toThreadName(openedBy, text);
    const opened = await openThread(interaction, { name, starter: toStarter(openedBy, text) });
    const { place, thread } = opened;
    const first = text === "" ? undefined : toFirstMessage(opened, openedBy, text);
    await familiar.startThread({ place, openedBy, systemPrompt, first });
    await interaction.editReply(`Here it is: ${thread.toString()}. Just write in it.`);
  },
};

/** The message that the thread hangs on shows who opened it and what they said. */
function toStarter(openedBy: Speaker, text: string): string {
  const who = `<@${openedBy.id}>`;
  const quoted = text.replaceAll(/^/gm, "> ");
  return text === "" ? `${who} opened a conversation.` : `${who} says:\n${quoted}`;
}

function toThreadName(openedBy: Speaker, text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  const title = Array.from(line).slice(0, TITLE_LENGTH).join("").trim();
  return title === "" ? `Chat with ${openedBy.name}` : title;
}

/** Deleting the starter message takes the first turn back, as its id stands for it. */
function toFirstMessage(
  { place, starter }: Pick<OpenedThread, "place" | "starter">,
  author: Speaker,
  text: string,
): SaidMessage {
  return {
    id: toMessageId(starter.id),
    place,
    author,
    isFromPerson: true,
    text,
    mentionsFamiliar: true,
    repliesToFamiliar: false,
  };
}
