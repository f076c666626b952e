import { MessageFlags } from "discord.js";
import type { ButtonInteraction } from "discord.js";
import type { ControlRequest } from "../../chat/control/controls.ts";
import type { Familiar } from "../../chat/familiar.ts";
import { controlTexts } from "../texts/controls.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import type { Control } from "./control-id.ts";
import { requestOf } from "./controller.ts";
import { forkIntoThread } from "./fork.ts";
import { openReplyNote } from "./remember-message.ts";
import { renderMenu } from "./render-controls.ts";

/** Does what a button under a reply says. Acknowledges first: Discord gives three seconds. */
export async function pressControl(
  interaction: ButtonInteraction,
  familiar: Familiar,
  control: Control,
): Promise<void> {
  const { action, replyId } = control;
  if (action === "menu" && replyId !== undefined) {
    const components = renderMenu(replyId, toLanguage(interaction.locale));
    await interaction.reply({ components, flags: MessageFlags.Ephemeral });
    return;
  }
  if (action === "remember") {
    await openReplyNote(interaction, familiar, replyId);
    return;
  }
  await interaction.deferUpdate();
  const request = { ...(await requestOf(interaction)), replyId };
  const done = await perform(interaction, familiar, { action, request });
  if (done === undefined) return;
  await interaction.editReply({ content: translate(done, interaction), components: [] });
}

interface Pressed {
  readonly action: Control["action"];
  readonly request: ControlRequest;
}

/** What the menu says afterwards; undefined where the reply itself shows it. */
async function perform(
  interaction: ButtonInteraction,
  familiar: Familiar,
  { action, request }: Pressed,
): Promise<Text | undefined> {
  const { controls } = familiar;
  switch (action) {
    case "stop":
      await controls.stop(request);
      return undefined;
    case "regenerate":
      await controls.regenerate(request);
      return undefined;
    case "previous":
      await controls.step(request, -1);
      return undefined;
    case "next":
      await controls.step(request, 1);
      return undefined;
    case "continue":
      await controls.goOn(request);
      return undefined;
    case "fork":
      return controlTexts.forked(await forkIntoThread(interaction, familiar, request));
    case "delete":
      await controls.deleteReply(request);
      return controlTexts.deleted;
    case "menu":
    case "remember":
      return undefined;
    default:
      return action satisfies never;
  }
}
