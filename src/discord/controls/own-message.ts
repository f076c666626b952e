import type { MessageContextMenuCommandInteraction } from "discord.js";

/** Familiar's own, also where it spoke under a persona's name. */
export function isOwnMessage({
  client,
  targetMessage,
}: MessageContextMenuCommandInteraction): boolean {
  const { applicationId, author } = targetMessage;
  return author.id === client.user.id || applicationId === client.application.id;
}
