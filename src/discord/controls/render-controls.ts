import { ActionRowBuilder, ButtonBuilder, ButtonStyle } from "discord.js";
import type { APIActionRowComponent, APIComponentInMessageActionRow } from "discord.js";
import type { RowId } from "../../chat/conversation.ts";
import type { ReplyControls } from "../../chat/reply-surface.ts";
import { buttonTexts } from "../texts/controls.ts";
import type { Language } from "../texts/text.ts";
import { toControlId } from "./control-id.ts";
import type { ControlAction } from "./control-id.ts";

type Row = APIActionRowComponent<APIComponentInMessageActionRow>;

/** The buttons under a reply: one row of at most five. */
export function renderControls(controls: ReplyControls | undefined, language: Language): Row[] {
  if (controls === undefined) return [];
  if (controls.kind === "running") {
    return [
      toRow([button("stop", buttonTexts.stop[language], undefined).setStyle(ButtonStyle.Danger)]),
    ];
  }
  const { canContinue, isOutdated, replyId, variant } = controls;
  const { count, number } = variant;
  return [
    toRow([
      isOutdated
        ? button("regenerate", buttonTexts.answerEdit[language], replyId).setStyle(
            ButtonStyle.Primary,
          )
        : button("regenerate", buttonTexts.regenerate[language], replyId),
      ...(count > 1
        ? [
            button("previous", "◀", replyId).setDisabled(number === 1),
            button("next", `${number}/${count} ▶`, replyId).setDisabled(number === count),
          ]
        : []),
      ...(canContinue ? [button("continue", buttonTexts.continue[language], replyId)] : []),
      button("menu", "⋯", replyId),
    ]),
  ];
}

/** What is behind `⋯`, for one person alone. */
export function renderMenu(replyId: RowId, language: Language): Row[] {
  return [
    toRow([
      button("fork", buttonTexts.fork[language], replyId),
      button("remember", buttonTexts.remember[language], replyId),
      button("delete", buttonTexts.delete[language], replyId).setStyle(ButtonStyle.Danger),
    ]),
  ];
}

function button(action: ControlAction, label: string, replyId: RowId | undefined): ButtonBuilder {
  return new ButtonBuilder()
    .setCustomId(toControlId({ action, replyId }))
    .setLabel(label)
    .setStyle(ButtonStyle.Secondary);
}

function toRow(buttons: readonly ButtonBuilder[]): Row {
  return new ActionRowBuilder<ButtonBuilder>().addComponents(...buttons).toJSON();
}
