import { userMention } from "discord.js";
import type { BaseInteraction } from "discord.js";
import type { ControlRequest } from "../../chat/control/controls.ts";
import type { Familiar } from "../../chat/familiar.ts";
import { isPrivatePlace } from "../../chat/memory/note.ts";
import { openPrivateThread, openThread } from "../open-thread.ts";
import { controlTexts } from "../texts/controls.ts";
import { toLanguage } from "../texts/text.ts";

/** Opens a thread that goes on from a reply or a message; returns how it is mentioned. */
export async function forkIntoThread(
  interaction: BaseInteraction,
  familiar: Familiar,
  request: ControlRequest,
): Promise<string> {
  const { by, messageId, place } = request;
  const turnId = await familiar.controls.turnToFork(request);
  const origin =
    place.kind === "direct" || messageId === undefined
      ? `<#${place.id}>`
      : `https://discord.com/channels/${place.guildId}/${place.id}/${messageId}`;
  const inServer = toLanguage(interaction.guildLocale);
  const forked = nameOf(interaction) ?? controlTexts.unnamed[inServer];
  const name = controlTexts.forkName(forked)[inServer];
  const starter = controlTexts.forkStarter(userMention(by.speaker.id), origin)[inServer];
  // What was said where not everyone comes in stays where not everyone comes in.
  const open = isPrivatePlace(place) ? openPrivateThread : openThread;
  const opened = await open(interaction, { name, starter });
  await familiar.controls.fork(opened.place, turnId, by);
  return opened.thread.toString();
}

function nameOf({ channel }: BaseInteraction): string | undefined {
  return channel !== null && "name" in channel ? (channel.name ?? undefined) : undefined;
}
