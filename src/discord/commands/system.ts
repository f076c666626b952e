import {
  EmbedBuilder,
  LabelBuilder,
  MessageFlags,
  ModalBuilder,
  PermissionFlagsBits,
  SlashCommandBuilder,
  TextInputBuilder,
  TextInputStyle,
  TimestampStyles,
  time,
} from "discord.js";
import type { ChatInputCommandInteraction, ModalSubmitInteraction } from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import type { Place } from "../../chat/place.ts";
import type { EffectiveSystemPrompt } from "../../chat/ports.ts";
import { MAX_SYSTEM_PROMPT_LENGTH } from "../../chat/prompt/system-prompts.ts";
import { promptSourceTexts, systemPromptTexts } from "../texts/system-prompt.ts";
import { translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import { toWho } from "../texts/who.ts";
import type { Command } from "./command.ts";
import { describe } from "./describe.ts";
import { invokerOf, placeOf } from "./interaction-place.ts";

/** The form must be shown within three seconds; a slow database only leaves it unfilled. */
const PREFILL_WAIT_MS = 1_000;

const FIELD = "prompt";

const definition = describe(
  new SlashCommandBuilder().setName("system"),
  systemPromptTexts.description,
)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) => describe(option.setName("show"), systemPromptTexts.show))
  .addSubcommand((option) => describe(option.setName("set"), systemPromptTexts.set))
  .addSubcommand((option) => describe(option.setName("reset"), systemPromptTexts.reset))
  .toJSON();

export const system: Command = {
  definition,
  requires: (interaction) =>
    interaction.isChatInputCommand() && interaction.options.getSubcommand() === "show"
      ? undefined
      : "manage-place",
  async run(interaction, { familiar }) {
    switch (interaction.options.getSubcommand()) {
      case "show":
        return await show(interaction, familiar);
      case "set":
        return await openForm(interaction, familiar);
      default:
        return await reset(interaction, familiar);
    }
  },
  async submit(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    await change(interaction, familiar, interaction.fields.getTextInputValue(FIELD));
    await interaction.editReply(translate(systemPromptTexts.changed, interaction));
  },
};

async function show(interaction: ChatInputCommandInteraction, familiar: Familiar): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const effective = await familiar.systemPrompts.effective(await placeOf(interaction));
  const prompt = familiar.systemPrompts.textOf(effective);
  const embed = new EmbedBuilder()
    .setTitle(translate(systemPromptTexts.title, interaction))
    .setDescription(prompt === "" ? translate(systemPromptTexts.none, interaction) : prompt)
    .setFooter({ text: translate(promptSourceTexts[effective.source], interaction) });
  const last = describeChange(effective);
  const content = last === undefined ? "" : translate(last, interaction);
  await interaction.editReply({ content, embeds: [embed] });
}

function describeChange({ change: last }: EffectiveSystemPrompt): Text | undefined {
  if (last === undefined) return undefined;
  const when = time(last.changedAt, TimestampStyles.RelativeTime);
  const { de, en } = toWho(last.changedBy);
  const say = systemPromptTexts[last.prompt === undefined ? "takenBackBy" : "setBy"];
  return { en: say(en, when).en, de: say(de, when).de };
}

async function openForm(
  interaction: ChatInputCommandInteraction,
  familiar: Familiar,
): Promise<void> {
  const input = new TextInputBuilder()
    .setCustomId(FIELD)
    .setStyle(TextInputStyle.Paragraph)
    .setMaxLength(MAX_SYSTEM_PROMPT_LENGTH)
    .setRequired(true);
  const present = await readPresent(interaction, familiar);
  if (present !== undefined && present !== "") input.setValue(present);
  const label = new LabelBuilder()
    .setLabel(translate(systemPromptTexts.question, interaction))
    .setTextInputComponent(input);
  const title = translate(systemPromptTexts.title, interaction);
  await interaction.showModal(
    new ModalBuilder().setCustomId("system").setTitle(title).addLabelComponents(label),
  );
}

async function readPresent(interaction: ChatInputCommandInteraction, familiar: Familiar) {
  const read = async (): Promise<string> =>
    await familiar.systemPrompts.textIn(await placeOf(interaction));
  const tooLate = new Promise<undefined>((resolve) => {
    setTimeout(resolve, PREFILL_WAIT_MS, undefined);
  });
  return await Promise.race([read().catch(() => undefined), tooLate]);
}

async function reset(interaction: ChatInputCommandInteraction, familiar: Familiar): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const place = await change(interaction, familiar, undefined);
  const { source } = await familiar.systemPrompts.effective(place);
  const now =
    source === "parent" ? systemPromptTexts.changedToChannels : systemPromptTexts.changedToDefault;
  await interaction.editReply(translate(now, interaction));
}

async function change(
  interaction: ChatInputCommandInteraction | ModalSubmitInteraction,
  familiar: Familiar,
  prompt: string | undefined,
): Promise<Place> {
  const place = await placeOf(interaction);
  await familiar.systemPrompts.change(place.id, prompt, invokerOf(interaction));
  return place;
}
