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
import { MAX_SYSTEM_PROMPT_LENGTH } from "../../chat/prompt/system-prompt.ts";
import type { Command } from "./command.ts";
import { invokerOf, placeOf } from "./interaction-place.ts";
import { assertMayManage } from "./permissions.ts";

/** The form must be shown within three seconds; a slow database only leaves it unfilled. */
const PREFILL_WAIT_MS = 1_000;

const FIELD = "prompt";

const definition = new SlashCommandBuilder()
  .setName("system")
  .setDescription("The system prompt: who I am and how I talk in this thread or channel")
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) =>
    option.setName("show").setDescription("Show the prompt that holds here"),
  )
  .addSubcommand((option) =>
    option.setName("set").setDescription("Change the prompt of this place"),
  )
  .addSubcommand((option) =>
    option.setName("reset").setDescription("Go back to the channel's prompt, or the default"),
  )
  .toJSON();

export const system: Command = {
  definition,
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
    await interaction.editReply("Done: the new system prompt holds here from my next reply on.");
  },
};

async function show(interaction: ChatInputCommandInteraction, familiar: Familiar): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const effective = await familiar.systemPrompt(await placeOf(interaction));
  const prompt = effective.change?.prompt ?? familiar.defaultSystemPrompt;
  const embed = new EmbedBuilder()
    .setTitle("System prompt")
    .setDescription(prompt === "" ? "*(none)*" : prompt)
    .setFooter({ text: describeSource(effective) });
  await interaction.editReply({ content: describeChange(effective), embeds: [embed] });
}

function describeSource({ source }: EffectiveSystemPrompt): string {
  switch (source) {
    case "place":
      return "Set for this place.";
    case "parent":
      return "Set for the channel of this thread.";
    case "default":
      return "My owner's default.";
    default:
      return source satisfies never;
  }
}

function describeChange({ change: last }: EffectiveSystemPrompt): string {
  if (last === undefined) return "";
  const when = time(last.changedAt, TimestampStyles.RelativeTime);
  const what = last.prompt === undefined ? "Taken back" : "Set";
  return `${what} by <@${last.changedBy.id}> ${when}.`;
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
    .setLabel("Who am I, and how do I talk here?")
    .setTextInputComponent(input);
  await interaction.showModal(
    new ModalBuilder().setCustomId("system").setTitle("System prompt").addLabelComponents(label),
  );
}

async function readPresent(interaction: ChatInputCommandInteraction, familiar: Familiar) {
  const read = async (): Promise<string> => {
    const effective = await familiar.systemPrompt(await placeOf(interaction));
    return effective.change?.prompt ?? familiar.defaultSystemPrompt;
  };
  const tooLate = new Promise<undefined>((resolve) => {
    setTimeout(resolve, PREFILL_WAIT_MS, undefined);
  });
  return await Promise.race([read().catch(() => undefined), tooLate]);
}

async function reset(interaction: ChatInputCommandInteraction, familiar: Familiar): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const place = await change(interaction, familiar, undefined);
  const { source } = await familiar.systemPrompt(place);
  const now = source === "parent" ? "the channel's prompt" : "the default";
  await interaction.editReply(`Done: ${now} holds here from my next reply on.`);
}

async function change(
  interaction: ChatInputCommandInteraction | ModalSubmitInteraction,
  familiar: Familiar,
  prompt: string | undefined,
): Promise<Place> {
  const place = await placeOf(interaction);
  await assertMayManage(interaction, familiar, place);
  await familiar.changeSystemPrompt(place.id, prompt, invokerOf(interaction));
  return place;
}
