import {
  ApplicationCommandType,
  ContextMenuCommandBuilder,
  MessageFlags,
  PermissionFlagsBits,
} from "discord.js";
import type { MessageContextMenuCommandInteraction } from "discord.js";
import { toMessageId, toUserId } from "../../chat/ids.ts";
import type { MessageCommand } from "../commands/command.ts";
import { requestOf } from "./controller.ts";
import { forkIntoThread } from "./fork.ts";

/** A new thread with the history up to the message. */
export const forkFromHere: MessageCommand = {
  definition: define("Fork from here"),
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const messageId = toMessageId(interaction.targetId);
    const request = { ...(await requestOf(interaction)), messageId };
    const thread = await forkIntoThread(interaction, familiar, request);
    await interaction.editReply(`Here it is: ${thread}.`);
  },
};

export const regenerateMessage: MessageCommand = {
  definition: define("Regenerate"),
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const messageId = toMessageId(interaction.targetId);
    await familiar.controls.regenerate({ ...(await requestOf(interaction)), messageId });
    await interaction.editReply("Done: I am writing it once more.");
  },
};

export const forgetMessage: MessageCommand = {
  definition: define("Forget this message"),
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const message = { id: toMessageId(interaction.targetId), author: authorOf(interaction) };
    await familiar.controls.forget(await requestOf(interaction), message);
    await interaction.editReply("Done: I no longer remember it.");
  },
};

function define(name: string): MessageCommand["definition"] {
  return new ContextMenuCommandBuilder()
    .setName(name)
    .setType(ApplicationCommandType.Message)
    .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
    .toJSON();
}

/** Undefined for Familiar itself. */
function authorOf({ client, targetMessage }: MessageContextMenuCommandInteraction) {
  const { id } = targetMessage.author;
  return id === client.user.id ? undefined : toUserId(id);
}
