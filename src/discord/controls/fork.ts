import type { BaseInteraction } from "discord.js";
import type { ControlRequest } from "../../chat/control/controls.ts";
import type { Familiar } from "../../chat/familiar.ts";
import { openThread } from "../open-thread.ts";
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
  const opened = await openThread(interaction, {
    name: controlTexts.forkName(forked)[inServer],
    starter: controlTexts.forkStarter(`<@${by.speaker.id}>`, origin)[inServer],
  });
  await familiar.controls.fork(opened.place, turnId, by);
  return opened.thread.toString();
}

function nameOf({ channel }: BaseInteraction): string | undefined {
  return channel !== null && "name" in channel ? (channel.name ?? undefined) : undefined;
}
