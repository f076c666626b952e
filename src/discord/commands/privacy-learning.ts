import type { ChatInputCommandInteraction } from "discord.js";
import { toUserId } from "../../chat/ids.ts";
import type { Learning } from "../../chat/learning/learning.ts";
import { consentTexts as texts } from "../texts/learning.ts";
import { translate } from "../texts/text.ts";
import { placeOf } from "./interaction-place.ts";

/** Takes or ends a person's consent, and says exactly what that means. */
export async function changeConsent(
  interaction: ChatInputCommandInteraction,
  learning: Learning,
): Promise<void> {
  const { createdAt, options, user } = interaction;
  const userId = toUserId(user.id);
  if (options.getString("state", true) === "off") {
    const wasOn = await learning.withdraw(userId);
    await interaction.editReply(translate(texts[wasOn ? "nowOff" : "offAlready"], interaction));
    return;
  }
  const isNew = await learning.consent(userId, createdAt);
  const said = translate(texts[isNew ? "nowOn" : "onAlready"], interaction);
  const isOffHere = !(await isOnHere(interaction, learning));
  const lines = isOffHere ? [said, translate(texts.offHere, interaction)] : [said];
  await interaction.editReply(lines.join("\n"));
}

/** Where Familiar cannot look, there is nothing to add. */
async function isOnHere(
  interaction: ChatInputCommandInteraction,
  learning: Learning,
): Promise<boolean> {
  const place = await placeOf(interaction).catch(() => undefined);
  return place === undefined || (await learning.isOnIn(place));
}
