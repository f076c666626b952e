import {
  InteractionContextType,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from "discord.js";
import { toMessageId } from "../../chat/ids.ts";
import type { SaidMessage, Speaker } from "../../chat/place.ts";
import { keepWordsApart } from "../../chat/prompt/marks.ts";
import { MAX_SYSTEM_PROMPT_LENGTH } from "../../chat/prompt/system-prompts.ts";
import { openThread } from "../open-thread.ts";
import type { OpenedThread } from "../open-thread.ts";
import { chatTexts } from "../texts/chat.ts";
import { Mistake } from "../texts/mistake.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";
import { invokerOf, placeOf } from "./interaction-place.ts";

/** Leaves room in one message of 2000 characters for the line that says who speaks. */
const MAX_FIRST_MESSAGE_LENGTH = 1_800;

const TITLE_LENGTH = 60;

const definition = describe(new SlashCommandBuilder().setName("chat"), chatTexts.description)
  .setContexts(InteractionContextType.Guild)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addStringOption((option) =>
    describe(option.setName("message"), chatTexts.message).setMaxLength(MAX_FIRST_MESSAGE_LENGTH),
  )
  .addStringOption((option) =>
    describe(option.setName("system"), chatTexts.system).setMaxLength(MAX_SYSTEM_PROMPT_LENGTH),
  )
  .toJSON();

export const chat: Command = {
  definition,
  async run(interaction, { familiar, settings }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const here = await placeOf(interaction);
    const { speak } = (await settings.effective(here)).values;
    if (speak === "never") throw new Mistake(chatTexts.silenced);
    const text = interaction.options.getString("message")?.trim() ?? "";
    const systemPrompt = interaction.options.getString("system")?.trim();
    if (systemPrompt !== undefined) await familiar.systemPrompts.assertFits(systemPrompt);

    const openedBy = invokerOf(interaction);
    if (text !== "") await familiar.quotas.assertFree(here, openedBy.id);
    const inServer = toLanguage(interaction.guildLocale);
    const name = toTitle(text) ?? chatTexts.threadName(openedBy.name)[inServer];
    const starter = toStarter(openedBy, text)[inServer];
    const opened = await openThread(interaction, { name, starter });
    const { place, thread } = opened;
    const first = text === "" ? undefined : toFirstMessage(opened, openedBy, text);
    await familiar.startThread({ place, openedBy, systemPrompt, first });
    await interaction.editReply(translate(chatTexts.opened(thread.toString()), interaction));
  },
};

/** The message that the thread hangs on shows who opened it and what they said. */
function toStarter(openedBy: Speaker, text: string): Text {
  const who = `<@${openedBy.id}>`;
  const quoted = text.replaceAll(/^/gm, "> ");
  return text === "" ? chatTexts.starter(who) : chatTexts.starterWithWords(who, quoted);
}

function toTitle(text: string): string | undefined {
  const line = text.replaceAll(/\s+/g, " ");
  const title = Array.from(line).slice(0, TITLE_LENGTH).join("").trim();
  return title === "" ? undefined : title;
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
    authorRoles: [],
    saidAt: starter.createdAt,
    isFromPerson: true,
    text: keepWordsApart(text),
    mentionsFamiliar: true,
    repliesToFamiliar: false,
  };
}
