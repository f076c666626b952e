import {
  ApplicationCommandType,
  ContextMenuCommandBuilder,
  InteractionContextType,
  MessageFlags,
  PermissionFlagsBits,
} from "discord.js";
import type { MessageContextMenuCommandInteraction } from "discord.js";
import { toMessageId, toUserId } from "../../chat/ids.ts";
import type { MessageCommand } from "../commands/command.ts";
import { controlTexts, menuTexts } from "../texts/controls.ts";
import { toLocalizations, translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import { requestOf } from "./controller.ts";
import { forkIntoThread } from "./fork.ts";
import { isOwnMessage } from "./own-message.ts";

/** A new thread with the history up to the message. */
export const forkFromHere: MessageCommand = {
  // There are no threads elsewhere.
  definition: { ...define(menuTexts.fork), contexts: [InteractionContextType.Guild] },
  requires: "write",
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const messageId = toMessageId(interaction.targetId);
    const request = { ...(await requestOf(interaction)), messageId };
    const thread = await forkIntoThread(interaction, familiar, request);
    await interaction.editReply(translate(controlTexts.forked(thread), interaction));
  },
};

export const regenerateMessage: MessageCommand = {
  definition: define(menuTexts.regenerate),
  requires: "write",
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const messageId = toMessageId(interaction.targetId);
    await familiar.controls.regenerate({ ...(await requestOf(interaction)), messageId });
    await interaction.editReply(translate(controlTexts.writingAgain, interaction));
  },
};

export const forgetMessage: MessageCommand = {
  definition: define(menuTexts.forget),
  requires: "write",
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const message = { id: toMessageId(interaction.targetId), author: authorOf(interaction) };
    await familiar.controls.forget(await requestOf(interaction), message);
    await interaction.editReply(translate(controlTexts.forgotten, interaction));
  },
};

function define(name: Text): MessageCommand["definition"] {
  return new ContextMenuCommandBuilder()
    .setName(name.en)
    .setNameLocalizations(toLocalizations(name))
    .setType(ApplicationCommandType.Message)
    .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
    .toJSON();
}

/** Undefined for Familiar itself, also where it spoke under a persona's name. */
function authorOf(interaction: MessageContextMenuCommandInteraction) {
  return isOwnMessage(interaction) ? undefined : toUserId(interaction.targetMessage.author.id);
}
