import {
  ActionRowBuilder,
  ButtonBuilder,
  ButtonStyle,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
} from "discord.js";
import type { ChatInputCommandInteraction, MessageComponentInteraction } from "discord.js";
import { MAX_ADOPTED_MESSAGES } from "../../chat/adopt/adoptions.ts";
import type { AdoptionOutcome, AdoptionProgress } from "../../chat/adopt/adoptions.ts";
import { toMessageId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import { InvalidInput } from "../../chat/problem.ts";
import { adoptionEndings, adoptTexts } from "../texts/adopt.ts";
import { translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";
import type { Command, CommandContext } from "./command.ts";
import { describe } from "./describe.ts";
import { placeOf } from "./interaction-place.ts";

const STOP_ID = "adopt:stop";

const MAX_DAYS = 3_650;
const DAY_MS = 86_400_000;

/** Discord allows five changes of an answer in five seconds. */
const PROGRESS_MS = 2_500;

/** An answer can be changed for a quarter of an hour; before that ends, its last words are said. */
const LAST_WORDS_MS = 13 * 60_000;
const TOKEN_MS = 14 * 60_000;

const definition = describe(new SlashCommandBuilder().setName("adopt"), adoptTexts.description)
  .addIntegerOption((option) =>
    describe(option.setName("messages"), adoptTexts.messages)
      .setMinValue(1)
      .setMaxValue(MAX_ADOPTED_MESSAGES),
  )
  .addIntegerOption((option) =>
    describe(option.setName("days"), adoptTexts.days).setMinValue(1).setMaxValue(MAX_DAYS),
  )
  .toJSON();

export const adopt: Command = {
  definition,
  requires: () => "manage-place",
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const place = await placeOf(interaction);
    assertReadable(interaction, place);
    const days = interaction.options.getInteger("days");
    const progress = new ProgressLine(interaction);
    const outcome = await familiar.adoptions.adopt({
      place,
      // What comes later than the command is heard as it comes.
      before: toMessageId(interaction.id),
      maxMessages: interaction.options.getInteger("messages") ?? MAX_ADOPTED_MESSAGES,
      since: days === null ? undefined : new Date(interaction.createdTimestamp - days * DAY_MS),
      onProgress: (read) => progress.show(read),
    });
    await progress.end(outcome);
  },
  press: stopReading,
};

/** Without the permission Discord answers as if nothing had ever been said. */
function assertReadable({ appPermissions }: ChatInputCommandInteraction, place: Place): void {
  const { ReadMessageHistory, ViewChannel } = PermissionFlagsBits;
  if (place.kind === "direct" || appPermissions.has([ViewChannel, ReadMessageHistory])) return;
  throw new InvalidInput({ kind: "messages-unreadable" });
}

async function stopReading(
  interaction: MessageComponentInteraction,
  { familiar }: CommandContext,
): Promise<void> {
  const place = await placeOf(interaction);
  const isReading = familiar.adoptions.stop(place.id);
  const text = isReading ? adoptTexts.stopping : adoptTexts.notRunning;
  await interaction.update({ content: translate(text, interaction), components: [] });
}

/** The answer to the command, as it grows. Reading goes on where it cannot be changed any more. */
class ProgressLine {
  readonly #interaction: ChatInputCommandInteraction;
  #edit: Promise<unknown> = Promise.resolve();
  #shownAt = 0;

  constructor(interaction: ChatInputCommandInteraction) {
    this.#interaction = interaction;
  }

  show(progress: AdoptionProgress): void {
    const now = Date.now();
    if (now - this.#shownAt < PROGRESS_MS || this.#isTooLate(now)) return;
    this.#shownAt = now;
    const isLast = now - this.#interaction.createdTimestamp > LAST_WORDS_MS;
    const reply = this.#withStop(
      (isLast ? adoptTexts.lastProgress : adoptTexts.progress)(progress),
    );
    // One that is lost is made good by the next.
    this.#edit = this.#interaction.editReply(reply).catch(() => {});
  }

  async end(outcome: AdoptionOutcome): Promise<void> {
    await this.#edit;
    if (this.#isTooLate(Date.now())) return;
    const content = describeOutcome(outcome)
      .map((text) => translate(text, this.#interaction))
      .join(" ");
    await this.#interaction.editReply({ content, components: [] });
  }

  #isTooLate(now: number): boolean {
    return now - this.#interaction.createdTimestamp > TOKEN_MS;
  }

  #withStop(text: Text) {
    const button = new ButtonBuilder()
      .setCustomId(STOP_ID)
      .setLabel(translate(adoptTexts.stop, this.#interaction))
      .setStyle(ButtonStyle.Secondary);
    const content = translate(text, this.#interaction);
    return { content, components: [new ActionRowBuilder<ButtonBuilder>().addComponents(button)] };
  }
}

function describeOutcome(outcome: AdoptionOutcome): readonly Text[] {
  const { adoptedTurns, ending, readMessages, withheldMessages } = outcome;
  const withheld = withheldMessages === 0 ? [] : [adoptTexts.withheld(withheldMessages)];
  if (readMessages === 0 && ending === "beginning") return [adoptTexts.nothing];
  const told = [adoptTexts.read(outcome), adoptTexts.adopted(adoptedTurns)];
  return [...told, adoptionEndings[ending], ...withheld];
}
