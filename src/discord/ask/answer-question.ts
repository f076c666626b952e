import type { BaseInteraction, ChatInputCommandInteraction } from "discord.js";
import { toChannelId, toGuildId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import { keepWordsApart } from "../../chat/prompt/marks.ts";
import { isGuest } from "../commands/installation.ts";
import type { CommandContext } from "../commands/command.ts";
import { invokerOf, placeOf } from "../commands/interaction-place.ts";
import { scheduleTimer } from "../reply/schedule.ts";
import type { Schedule } from "../reply/schedule.ts";
import { askTexts, toAskNoticeText } from "../texts/ask.ts";
import { thoughtsHeading, toWaitingText } from "../texts/notices.ts";
import { translate } from "../texts/text.ts";
import { createInteractionMessages } from "./interaction-messages.ts";
import { quoteQuestion } from "./quote-question.ts";
import { StreamedAnswer } from "./streamed-answer.ts";

/** An interaction's token is good for 15 minutes: this leaves one for the last requests. */
const WRITE_MS = 14 * 60_000;

/** Discord allows five follow-ups where Familiar is no member; one is kept for the notice. */
const MAX_PARTS_AS_GUEST = 5;

export interface Question {
  readonly place: Place;
  readonly text: string;
  readonly isPrivate: boolean;
  readonly schedule?: Schedule;
}

function toStopId({ id }: Pick<BaseInteraction, "id">): string {
  return `ask:stop:${id}`;
}

/**
 * Where it is asked.
 *
 * @throws {InvalidInput} where the person has used up their quota
 */
export async function admitQuestion(
  interaction: BaseInteraction,
  { familiar }: Pick<CommandContext, "familiar">,
): Promise<Place> {
  const place = await findWhere(interaction);
  await familiar.quotas.assertFree(place, invokerOf(interaction).id);
  return place;
}

/** Streams the answer into a reply that was deferred. Nothing of it is stored. */
export async function answerQuestion(
  interaction: ChatInputCommandInteraction,
  { familiar, personas, settings }: Pick<CommandContext, "familiar" | "personas" | "settings">,
  { isPrivate, place, schedule = scheduleTimer, text }: Question,
): Promise<void> {
  const askedBy = invokerOf(interaction);
  const persona = isGuest(interaction) ? undefined : await personas.effective(place);
  const { values } = await settings.effective(place);
  const answer = new StreamedAnswer({
    messages: createInteractionMessages(interaction, { isPrivate, stopId: toStopId(interaction) }),
    schedule,
    // Nobody but the asker sees a private one, who knows what they asked.
    question: isPrivate ? "" : quoteQuestion(text),
    toSentence: (waiting) => translate(toWaitingText(waiting), interaction),
  });
  const key = interaction.id;
  let isLate = false;
  const cancel = schedule(WRITE_MS, () => {
    isLate = true;
    familiar.oneOffs.stop(key);
  });
  try {
    const ending = await familiar.oneOffs.write({
      key,
      place,
      askedBy,
      text: keepWordsApart(text),
      persona,
      maxReplyParts: isGuest(interaction) ? MAX_PARTS_AS_GUEST : Number.POSITIVE_INFINITY,
      view: answer,
    });
    const notice = ending.notice && toAskNoticeText(ending.notice);
    const shown = isLate ? askTexts.late : notice;
    await answer.end({
      text: ending.text,
      notice: shown && translate(shown, interaction),
      thoughts: values.showThoughts && !isGuest(interaction) ? ending.thoughts : undefined,
      heading: translate(thoughtsHeading, interaction),
    });
  } finally {
    cancel();
    answer.abandon();
  }
}

/** Where Familiar is no member, nobody's settings and quotas hold, as in direct messages. */
async function findWhere(interaction: BaseInteraction): Promise<Place> {
  const { channelId, guildId } = interaction;
  const id = toChannelId(channelId ?? interaction.id);
  if (guildId === null || isGuest(interaction)) return { kind: "direct", id };
  // What it cannot see in a server of its own counts as a channel without anything set.
  const unseen = { kind: "channel", id, guildId: toGuildId(guildId) } as const;
  return await placeOf(interaction).catch(() => unseen);
}
