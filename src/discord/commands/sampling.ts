import { MessageFlags, PermissionFlagsBits, SlashCommandBuilder } from "discord.js";
import type { ChatInputCommandInteraction, SlashCommandSubcommandBuilder } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { Place } from "../../chat/place.ts";
import {
  assertSampling,
  MAX_STOP_STRING_LENGTH,
  MAX_STOP_STRINGS,
  mergeSampling,
  SAMPLING_NUMBERS,
  SAMPLING_RANGES,
} from "../../chat/sampling.ts";
import type { Sampling, SamplingNumber } from "../../chat/sampling.ts";
import type { Command, CommandContext } from "./command.ts";
import { placeOf } from "./interaction-place.ts";
import { assertMayManage } from "./permissions.ts";

interface NumberOption {
  readonly name: string;
  readonly description: string;
}

const OPTIONS: Readonly<Record<SamplingNumber, NumberOption>> = {
  temperature: {
    name: "temperature",
    description: "How freely I choose words: 0 always takes the likeliest",
  },
  topP: { name: "top_p", description: "Choose among the likeliest that make up this share" },
  topK: { name: "top_k", description: "Choose among this many of the likeliest" },
  minP: {
    name: "min_p",
    description: "Leave out what is this much less likely than the likeliest",
  },
  repeatPenalty: {
    name: "repeat_penalty",
    description: "How much I avoid what I have just written; 1 is not at all",
  },
  seed: { name: "seed", description: "The same seed and history give the same text" },
};

/** Between stop strings. */
const SEPARATOR = "|";

const definition = new SlashCommandBuilder()
  .setName("sampling")
  .setDescription("How I choose my words in this thread or channel")
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) =>
    option.setName("show").setDescription("Show the values that hold here, and where they are set"),
  )
  .addSubcommand((option) =>
    addValues(option.setName("set").setDescription("Change one value or several in this place")),
  )
  .addSubcommand((option) =>
    option.setName("reset").setDescription("Go back to my owner's values, all of them"),
  )
  .toJSON();

export const sampling: Command = {
  definition,
  async run(interaction, context) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const place = await placeOf(interaction);
    switch (interaction.options.getSubcommand()) {
      case "show":
        await interaction.editReply(await describe(context, place));
        return;
      case "set":
        return await set(interaction, context, place);
      default:
        return await reset(interaction, context, place);
    }
  },
};

function addValues(subcommand: SlashCommandSubcommandBuilder): SlashCommandSubcommandBuilder {
  for (const value of SAMPLING_NUMBERS) {
    const { description, name } = OPTIONS[value];
    const { isWhole, max, min } = SAMPLING_RANGES[value];
    if (isWhole) {
      subcommand.addIntegerOption((option) =>
        option.setName(name).setDescription(description).setMinValue(min).setMaxValue(max),
      );
    } else {
      subcommand.addNumberOption((option) =>
        option.setName(name).setDescription(description).setMinValue(min).setMaxValue(max),
      );
    }
  }
  return subcommand.addStringOption((option) =>
    option
      .setName("stop")
      .setDescription(`I end before any of these, separated by ${SEPARATOR}; \\n is a new line`)
      .setMaxLength(MAX_STOP_STRINGS * (MAX_STOP_STRING_LENGTH + 1)),
  );
}

async function set(
  interaction: ChatInputCommandInteraction,
  context: CommandContext,
  place: Place,
): Promise<void> {
  const { familiar } = context;
  await assertMayManage(interaction, familiar, place);
  const given = readValues(interaction);
  if (Object.keys(given).length === 0) {
    throw new FamiliarError("input-invalid", "Name at least one value to set.");
  }
  assertSampling(given);
  const { overrides } = await familiar.sampling(place.id);
  await familiar.changeSampling(place.id, { ...overrides, ...given });
  const now = await describe(context, place);
  await interaction.editReply(`Done: this holds here from my next reply on.\n${now}`);
}

async function reset(
  interaction: ChatInputCommandInteraction,
  context: CommandContext,
  place: Place,
): Promise<void> {
  const { familiar } = context;
  await assertMayManage(interaction, familiar, place);
  await familiar.changeSampling(place.id, {});
  const now = await describe(context, place);
  await interaction.editReply(`Done: my owner's values hold here from my next reply on.\n${now}`);
}

type GivenValues = { -readonly [Name in keyof Sampling]?: NonNullable<Sampling[Name]> };

function readValues({ options }: ChatInputCommandInteraction): GivenValues {
  const given: GivenValues = {};
  for (const value of SAMPLING_NUMBERS) {
    const { name } = OPTIONS[value];
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

async function describe({ familiar, personas }: CommandContext, place: Place): Promise<string> {
  const [{ overrides, settings }, persona] = await Promise.all([
    familiar.sampling(place.id),
    personas.effective(place),
  ]);
  const preferred = persona?.content.sampling ?? {};
  const { stop, ...numbers } = mergeSampling(settings, { ...preferred, ...overrides });
  const sourceOf = (name: keyof Sampling): string => {
    if (overrides[name] !== undefined) return "set here";
    return preferred[name] === undefined ? "my owner's setting" : "the persona's";
  };
  const lines = SAMPLING_NUMBERS.map(
    (name) =>
      `${SAMPLING_RANGES[name].label}: ${numbers[name] ?? "a new one each time"} (${sourceOf(name)})`,
  );
  return [...lines, `stop: ${describeStop(stop)} (${sourceOf("stop")})`].join("\n");
}

function describeStop(stop: readonly string[]): string {
  return stop.length === 0 ? "nothing" : stop.map(toCode).join(", ");
}

function toCode(text: string): string {
  return `\`${text.replaceAll("\n", String.raw`\n`).replaceAll("`", "'")}\``;
}
