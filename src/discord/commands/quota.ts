import { MessageFlags, SlashCommandBuilder, time, TimestampStyles } from "discord.js";
import { toUserId } from "../../chat/ids.ts";
import { isLimited, toUsage } from "../../chat/settings/quota.ts";
import type { Usage } from "../../chat/settings/quota.ts";
import type { Quota } from "../../chat/settings/settings.ts";
import { quotaTexts } from "../texts/quota.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Language } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";
import { placeOf } from "./interaction-place.ts";

const definition = describe(
  new SlashCommandBuilder().setName("quota"),
  quotaTexts.command,
).toJSON();

export const quota: Command = {
  definition,
  isForEveryone: true,
  async run(interaction, { settings, usages }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const place = await placeOf(interaction);
    if (place.kind === "direct") {
      await interaction.editReply(translate(quotaTexts.direct, interaction));
      return;
    }
    const [{ values }, counted] = await Promise.all([
      settings.effective(place),
      usages.read(place.guildId, toUserId(interaction.user.id)),
    ]);
    const usage = toUsage(counted, values.quota);
    const language = toLanguage(interaction.locale);
    const now = Date.now();
    await interaction.editReply(describeUsage(usage, { quota: values.quota, language, now }));
  },
};

interface Described {
  readonly quota: Quota;
  readonly language: Language;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function describeUsage(usage: Usage, { language, now, quota: limits }: Described): string {
  const { lastDay, lastHour } = usage;
  const hour = [
    quotaTexts.replies(lastHour.replies, limits.repliesPerHour)[language],
    quotaTexts.tokens(lastHour.tokens, limits.tokensPerHour)[language],
  ];
  const day = [
    quotaTexts.replies(lastDay.replies, limits.repliesPerDay)[language],
    quotaTexts.tokens(lastDay.tokens, limits.tokensPerDay)[language],
  ];
  return [
    `**${quotaTexts.lastHour[language]}**: ${hour.join(", ")}`,
    `**${quotaTexts.lastDay[language]}**: ${day.join(", ")}`,
    describeRoom(usage, { language, now, quota: limits }),
  ].join("\n");
}

function describeRoom({ freeInMs }: Usage, { language, now, quota: limits }: Described): string {
  if (!isLimited(limits)) return quotaTexts.unlimited[language];
  if (freeInMs === 0) return quotaTexts.free[language];
  const seconds = Math.ceil((now + freeInMs) / 1_000);
  return quotaTexts.freeAgain(time(seconds, TimestampStyles.RelativeTime))[language];
}
