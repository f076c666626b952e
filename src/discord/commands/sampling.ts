import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import type { ChatInputCommandInteraction, SlashCommandSubcommandBuilder } from "discord.js";
import type { Place } from "../../chat/place.ts";
import {
  assertSampling,
  MAX_STOP_STRING_LENGTH,
  MAX_STOP_STRINGS,
  SAMPLING_NUMBERS,
  SAMPLING_RANGES,
} from "../../chat/sampling.ts";
import type { Sampling, SamplingNumber } from "../../chat/sampling.ts";
import { findSamplingSource, toSampling } from "../../chat/settings/effective-sampling.ts";
import { Mistake } from "../texts/mistake.ts";
import { samplingOptionTexts, samplingSourceTexts, samplingTexts } from "../texts/sampling.ts";
import { toLanguage, translate } from "../texts/text.ts";
import type { Command, CommandContext } from "./command.ts";
import { describe } from "./describe.ts";
import { placeOf } from "./interaction-place.ts";

const OPTIONS: Readonly<Record<SamplingNumber, string>> = {
  temperature: "temperature",
  topP: "top_p",
  topK: "top_k",
  minP: "min_p",
  repeatPenalty: "repeat_penalty",
  seed: "seed",
};

/** Between stop strings. */
const SEPARATOR = "|";

const definition = describe(
  new SlashCommandBuilder().setName("sampling"),
  samplingTexts.description,
)
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) => describe(option.setName("show"), samplingTexts.show))
  .addSubcommand((option) => addValues(describe(option.setName("set"), samplingTexts.set)))
  .addSubcommand((option) => describe(option.setName("reset"), samplingTexts.reset))
  .toJSON();

export const sampling: Command = {
  definition,
  requires: (interaction) =>
    interaction.isChatInputCommand() && interaction.options.getSubcommand() === "show"
      ? undefined
      : "manage-place",
  async run(interaction, context) {
    switch (interaction.options.getSubcommand()) {
      case "show":
        return await show(interaction, context);
      case "set":
        return await set(interaction, context);
      default:
        return await reset(interaction, context);
    }
  },
};

function addValues(subcommand: SlashCommandSubcommandBuilder): SlashCommandSubcommandBuilder {
  for (const value of SAMPLING_NUMBERS) {
    const name = OPTIONS[value];
    const text = samplingOptionTexts[value];
    const { isWhole, max, min } = SAMPLING_RANGES[value];
    if (isWhole) {
      subcommand.addIntegerOption((option) =>
        describe(option.setName(name), text).setMinValue(min).setMaxValue(max),
      );
    } else {
      subcommand.addNumberOption((option) =>
        describe(option.setName(name), text).setMinValue(min).setMaxValue(max),
      );
    }
  }
  return subcommand.addStringOption((option) =>
    describe(option.setName("stop"), samplingTexts.stop(SEPARATOR)).setMaxLength(
      MAX_STOP_STRINGS * (MAX_STOP_STRING_LENGTH + 1),
    ),
  );
}

async function show(
  interaction: ChatInputCommandInteraction,
  context: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const place = await placeOf(interaction);
  await interaction.editReply(await describeValues(interaction, context, place));
}

async function set(
  interaction: ChatInputCommandInteraction,
  context: CommandContext,
): Promise<void> {
  const given = readValues(interaction);
  if (Object.keys(given).length === 0) throw new Mistake(samplingTexts.nothingGiven);
  assertSampling(given);
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const place = await placeOf(interaction);
  await context.settings.change({ kind: "place", id: place.id }, { sampling: given });
  const now = await describeValues(interaction, context, place);
  await interaction.editReply(`${translate(samplingTexts.changed, interaction)}\n${now}`);
}

async function reset(
  interaction: ChatInputCommandInteraction,
  context: CommandContext,
): Promise<void> {
  await interaction.deferReply({ flags: MessageFlags.Ephemeral });
  const place = await placeOf(interaction);
  await context.settings.change({ kind: "place", id: place.id }, { sampling: undefined });
  const now = await describeValues(interaction, context, place);
  await interaction.editReply(`${translate(samplingTexts.changedBack, interaction)}\n${now}`);
}

type GivenValues = { -readonly [Name in keyof Sampling]?: NonNullable<Sampling[Name]> };

function readValues({ options }: ChatInputCommandInteraction): GivenValues {
  const given: GivenValues = {};
  for (const value of SAMPLING_NUMBERS) {
    const name = OPTIONS[value];
    const { isWhole } = SAMPLING_RANGES[value];
    const number = isWhole ? options.getInteger(name) : options.getNumber(name);
    if (number !== null) given[value] = number;
  }
  const stop = options.getString("stop");
  if (stop !== null) given.stop = toStopStrings(stop);
  return given;
}

/** Spaces around a stop string are there for the eye. */
function toStopStrings(text: string): string[] {
  return text.split(SEPARATOR).map((piece) => piece.trim().replaceAll(String.raw`\n`, "\n"));
}

async function describeValues(
  { locale }: ChatInputCommandInteraction,
  { familiar, personas, settings }: CommandContext,
  place: Place,
): Promise<string> {
  const [effective, persona] = await Promise.all([
    settings.effective(place),
    personas.effective(place),
  ]);
  const parts = { layers: effective.sampling, persona: persona?.content.sampling ?? {} };
  const { stop, ...numbers } = toSampling({ ...parts, defaults: familiar.defaultSampling });
  const language = toLanguage(locale);
  const sourceOf = (name: keyof Sampling): string =>
    samplingSourceTexts[findSamplingSource(name, parts)][language];
  const lines = SAMPLING_NUMBERS.map((name) => {
    const value = numbers[name] ?? samplingTexts.newEachTime[language];
    return `${SAMPLING_RANGES[name].label}: ${value} (${sourceOf(name)})`;
  });
  const stops = stop.length === 0 ? samplingTexts.nothing[language] : stop.map(toCode).join(", ");
  return [...lines, `stop: ${stops} (${sourceOf("stop")})`].join("\n");
}

function toCode(text: string): string {
  return `\`${text.replaceAll("\n", String.raw`\n`).replaceAll("`", "'")}\``;
}
