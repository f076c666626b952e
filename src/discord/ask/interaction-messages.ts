import { ActionRowBuilder, ButtonBuilder, ButtonStyle, MessageFlags } from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import { buttonTexts } from "../texts/controls.ts";
import { translate } from "../texts/text.ts";

export interface ShownMessage {
  readonly content: string;
  /** Whether the answer can be stopped there. */
  readonly canStop: boolean;
}

/** The messages that answer an interaction, by their order: the first one is its reply. */
export interface AnswerMessages {
  /** Returns the message's id. */
  create(message: ShownMessage): Promise<string>;
  /** Undefined is the reply itself. */
  edit(id: string | undefined, message: ShownMessage): Promise<void>;
  remove(id: string): Promise<void>;
}

export interface InteractionMessagesOptions {
  /** Only the asker sees them. */
  readonly isPrivate: boolean;
  readonly stopId: string;
}

/** Nobody is ever mentioned by them. Discord gives them 15 minutes. */
export function createInteractionMessages(
  interaction: ChatInputCommandInteraction,
  { isPrivate, stopId }: InteractionMessagesOptions,
): AnswerMessages {
  const allowedMentions = { parse: [], repliedUser: false };
  const render = ({ canStop, content }: ShownMessage) => {
    const stop = new ButtonBuilder()
      .setCustomId(stopId)
      .setLabel(translate(buttonTexts.stop, interaction))
      .setStyle(ButtonStyle.Danger);
    const row = new ActionRowBuilder<ButtonBuilder>().addComponents(stop);
    return { content, components: canStop ? [row] : [], allowedMentions };
  };
  return {
    async create(message) {
      const flags = isPrivate ? { flags: MessageFlags.Ephemeral as const } : {};
      const { id } = await interaction.followUp({ ...render(message), ...flags });
      return id;
    },
    async edit(id, message) {
      const which = id === undefined ? {} : { message: id };
      await interaction.editReply({ ...render(message), ...which });
    },
    remove: (id) => interaction.deleteReply(id),
  };
}
