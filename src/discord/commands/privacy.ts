import { MessageFlags, SlashCommandBuilder } from "discord.js";
import type { ChatInputCommandInteraction, SlashCommandSubcommandBuilder } from "discord.js";
import { toUserId } from "../../chat/ids.ts";
import type { Learning } from "../../chat/learning/learning.ts";
import type { Privacy } from "../../chat/privacy/privacy.ts";
import { privacyTexts as texts } from "../texts/privacy.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import type { Command } from "./command.ts";
import { describe, toChoice } from "./describe.ts";
import { consentTexts } from "../texts/learning.ts";
import { exportOwn } from "./privacy-export.ts";
import { askToForget, pressForget } from "./privacy-forget.ts";
import { changeConsent } from "./privacy-learning.ts";
import { EVERYWHERE } from "./privacy-scope.ts";
import { renderHeld } from "./privacy-show.ts";

const definition = describe(new SlashCommandBuilder().setName("privacy"), texts.command)
  .addSubcommand((option) => describe(option.setName("show"), texts.show))
  .addSubcommand((option) => addWhere(describe(option.setName("export"), texts.export)))
  .addSubcommand((option) =>
    addWhere(describe(option.setName("forget"), texts.forget)).addBooleanOption((replies) =>
      describe(replies.setName("replies"), texts.withReplies),
    ),
  )
  .addSubcommand((option) => describe(option.setName("opt-out"), texts.optOut))
  .addSubcommand((option) => describe(option.setName("opt-in"), texts.optIn))
  .addSubcommand((option) =>
    describe(option.setName("learning"), consentTexts.command).addStringOption((state) =>
      describe(state.setName("state"), consentTexts.state)
        .addChoices(toChoice("on", consentTexts.on), toChoice("off", consentTexts.off))
        .setRequired(true),
    ),
  )
  .toJSON();

function addWhere(option: SlashCommandSubcommandBuilder): SlashCommandSubcommandBuilder {
  return option.addStringOption((where) =>
    describe(where.setName("where"), texts.where).addChoices(
      toChoice("everywhere", texts.everywhere),
      toChoice("here", texts.here),
    ),
  );
}

/** Nobody but the person sees any of it. */
export const privacy: Command = {
  definition,
  isForEveryone: true,
  async run(interaction, { familiar, learning }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    switch (interaction.options.getSubcommand()) {
      case "export":
        return await exportOwn(interaction, familiar.privacy);
      case "forget":
        return await askToForget(interaction, familiar.privacy);
      case "opt-out":
        return await change(interaction, familiar.privacy, "optOut");
      case "opt-in":
        return await change(interaction, familiar.privacy, "optIn");
      case "learning":
        return await changeConsent(interaction, learning);
      default:
        return await show(interaction, { learning, privacy: familiar.privacy });
    }
  },
  press: pressForget,
};

interface Shown {
  readonly learning: Learning;
  readonly privacy: Privacy;
}

async function show(
  interaction: ChatInputCommandInteraction,
  { learning, privacy: own }: Shown,
): Promise<void> {
  const userId = toUserId(interaction.user.id);
  const found = await own.held({ userId, scope: EVERYWHERE });
  const isOut = await own.hasOptedOut(userId);
  const isLearning = await learning.hasConsented(userId);
  const nameOf = (id: string) => interaction.client.guilds.cache.get(id)?.name;
  const language = toLanguage(interaction.locale);
  await interaction.editReply(renderHeld(found, { isLearning, isOut, language, nameOf }));
}

const DONE: Readonly<Record<"optIn" | "optOut", { readonly now: Text; readonly already: Text }>> = {
  optOut: { now: texts.nowOut, already: texts.outAlready },
  optIn: { now: texts.nowIn, already: texts.inAlready },
};

async function change(
  interaction: ChatInputCommandInteraction,
  own: Privacy,
  how: keyof typeof DONE,
): Promise<void> {
  const hasChanged = await own[how](toUserId(interaction.user.id));
  await interaction.editReply(translate(DONE[how][hasChanged ? "now" : "already"], interaction));
}
