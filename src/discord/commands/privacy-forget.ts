import { ActionRowBuilder, ButtonBuilder, ButtonStyle } from "discord.js";
import type {
  BaseInteraction,
  ChatInputCommandInteraction,
  MessageComponentInteraction,
} from "discord.js";
import { toChannelId, toUserId } from "../../chat/ids.ts";
import type { ChannelId } from "../../chat/ids.ts";
import type { Held, PrivacyScope } from "../../chat/privacy/privacy-store.ts";
import type { Privacy } from "../../chat/privacy/privacy.ts";
import { privacyTexts as texts } from "../texts/privacy.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import type { CommandContext } from "./command.ts";
import { scopeOf } from "./privacy-scope.ts";
import { toLines } from "./privacy-show.ts";

const CANCEL = "privacy:cancel";
const FORGET = /^privacy:forget:(here|everywhere):(all|words)$/;

/** Says what would go, and asks once more. */
export async function askToForget(
  interaction: ChatInputCommandInteraction,
  privacy: Privacy,
): Promise<void> {
  const { locale, options } = interaction;
  const where = options.getString("where") ?? "everywhere";
  const withReplies = options.getBoolean("replies") ?? true;
  const scope = scopeOf(interaction, where);
  const held = await privacy.held({ userId: toUserId(interaction.user.id), scope });
  const language = toLanguage(locale);
  const amounts = toLines(sum(held), language);
  const content = [
    CONFIRM[scope.kind][language],
    amounts === "" ? texts.nothing[language] : amounts,
    (withReplies ? texts.repliesGo : texts.repliesStay)[language],
    `-# ${texts.whatStays[language]}`,
  ].join("\n");
  const forget = new ButtonBuilder()
    .setCustomId(`privacy:forget:${where}:${withReplies ? "all" : "words"}`)
    .setLabel(texts.forgetNow[language])
    .setStyle(ButtonStyle.Danger);
  const cancel = new ButtonBuilder()
    .setCustomId(CANCEL)
    .setLabel(texts.cancel[language])
    .setStyle(ButtonStyle.Secondary);
  const row = new ActionRowBuilder<ButtonBuilder>().addComponents(forget, cancel);
  await interaction.editReply({ content, components: [row] });
}

const CONFIRM: Readonly<Record<PrivacyScope["kind"], Text>> = {
  direct: texts.confirmDirect,
  everywhere: texts.confirmEverywhere,
  guild: texts.confirmHere,
};

/** Only the person themselves sees the buttons. */
export async function pressForget(
  interaction: MessageComponentInteraction,
  { familiar }: CommandContext,
): Promise<void> {
  await interaction.deferUpdate();
  const say = async (text: Text): Promise<void> => {
    await interaction.editReply({ content: translate(text, interaction), components: [] });
  };
  const [, where, what] = FORGET.exec(interaction.customId) ?? [];
  if (where === undefined) {
    await say(texts.cancelled);
    return;
  }
  await say(texts.forgetting);
  const { createdAt: until, user } = interaction;
  const userId = toUserId(user.id);
  const scope = scopeOf(interaction, where);
  const directId = scope.kind === "guild" ? undefined : await findDirect(interaction);
  const startedAt = performance.now();
  const withReplies = what === "all";
  await familiar.privacy.forget({ userId, scope, until, withReplies, directId });
  const seconds = Math.ceil((performance.now() - startedAt) / 1_000);
  const isOut = await familiar.privacy.hasOptedOut(userId);
  await say((isOut ? texts.forgottenWhileOut : texts.forgotten)(seconds));
}

/** Undefined where Discord does not tell: what was said there is found all the same. */
async function findDirect({
  channelId,
  guildId,
  user,
}: BaseInteraction): Promise<ChannelId | undefined> {
  if (guildId === null && channelId !== null) return toChannelId(channelId);
  const direct = await user.createDM().catch(() => undefined);
  return direct === undefined ? undefined : toChannelId(direct.id);
}

/** Of all servers together. */
function sum(held: readonly Held[]): Held {
  const total = (name: Exclude<keyof Held, "guildId">): number =>
    held.reduce((before, one) => before + one[name], 0);
  return {
    guildId: undefined,
    messages: total("messages"),
    places: total("places"),
    replies: total("replies"),
    notesAbout: total("notesAbout"),
    notesBy: total("notesBy"),
    proposals: total("proposals"),
    discarded: total("discarded"),
    usages: total("usages"),
    settings: total("settings"),
  };
}
