import {
  InteractionContextType,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
  ThreadAutoArchiveDuration,
} from "discord.js";
import type {
  ChatInputCommandInteraction,
  Message,
  PublicThreadChannel,
  SendableChannels,
} from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import { toChannelId, toGuildId, toMessageId } from "../../chat/ids.ts";
import type { Place, SaidMessage, Speaker } from "../../chat/place.ts";
import { MAX_SYSTEM_PROMPT_LENGTH } from "../../chat/prompt/system-prompt.ts";
import type { Command } from "./command.ts";
import { invokerOf } from "./interaction-place.ts";

/** Leaves room in one message of 2000 characters for the line that says who speaks. */
const MAX_FIRST_MESSAGE_LENGTH = 1_800;

/** Discord's limit. */
const MAX_THREAD_NAME_LENGTH = 100;
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
    const starter = await postStarter(interaction, openedBy, text);
    const thread = await starter.startThread({
      name: toThreadName(openedBy, text),
      autoArchiveDuration: ThreadAutoArchiveDuration.OneDay,
    });
    const place = toThreadPlace(starter, thread);
    const first = text === "" ? undefined : toFirstMessage(place, { openedBy, starter, text });
    await familiar.startThread({ place, openedBy, systemPrompt, first });
    await interaction.editReply(`Here it is: ${thread.toString()}. Just write in it.`);
  },
};

/** The message that the thread hangs on shows who opened it and what they said. */
async function postStarter(
  interaction: ChatInputCommandInteraction,
  openedBy: Speaker,
  text: string,
): Promise<Message<true>> {
  const channel = await findTextChannel(interaction);
  const who = `<@${openedBy.id}>`;
  const quoted = text.replaceAll(/^/gm, "> ");
  const content = text === "" ? `${who} opened a conversation.` : `${who} says:\n${quoted}`;
  const starter = await channel.send({ content, allowedMentions: { parse: [] } });
  if (!starter.inGuild()) throw noThreadsHere();
  return starter;
}

/** A thread cannot have threads, so from inside one the new one hangs beside it. */
async function findTextChannel(
  interaction: ChatInputCommandInteraction,
): Promise<SendableChannels> {
  const { channelId, client } = interaction;
  const here = await client.channels.fetch(channelId).catch(() => null);
  const channel = here?.isThread() === true ? here.parent : here;
  if (channel === null || !channel.isSendable() || !("threads" in channel)) throw noThreadsHere();
  return channel;
}

function noThreadsHere(): FamiliarError {
  return new FamiliarError(
    "input-invalid",
    "I cannot open a thread here: use /chat in a text channel that I can see.",
  );
}

function toThreadName(openedBy: Speaker, text: string): string {
  const line = text.replaceAll(/\s+/g, " ");
  const title = Array.from(line).slice(0, TITLE_LENGTH).join("").trim();
  const name = title === "" ? `Chat with ${openedBy.name}` : title;
  return name.slice(0, MAX_THREAD_NAME_LENGTH);
}

function toThreadPlace(
  starter: Message<true>,
  thread: PublicThreadChannel,
): Place & { readonly kind: "thread" } {
  const parentId = toChannelId(starter.channelId);
  const guildId = toGuildId(starter.guildId);
  return { kind: "thread", id: toChannelId(thread.id), guildId, parentId };
}

/** Deleting the starter message takes the first turn back, as its id stands for it. */
function toFirstMessage(
  place: Place,
  said: { readonly openedBy: Speaker; readonly starter: Message<true>; readonly text: string },
): SaidMessage {
  return {
    id: toMessageId(said.starter.id),
    place,
    author: said.openedBy,
    isFromPerson: true,
    text: said.text,
    mentionsFamiliar: true,
    repliesToFamiliar: false,
  };
}
