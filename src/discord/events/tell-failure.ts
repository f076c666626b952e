import { MessageFlags } from "discord.js";
import type {
  ChatInputCommandInteraction,
  MessageComponentInteraction,
  Interaction,
  MessageContextMenuCommandInteraction,
  ModalSubmitInteraction,
} from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { Log } from "../../chat/ports.ts";
import { InvalidInput } from "../../chat/problem.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import { failureTexts } from "../texts/failures.ts";
import { Mistake } from "../texts/mistake.ts";
import { toProblemText } from "../texts/problems.ts";
import { translate } from "../texts/text.ts";
import type { Text } from "../texts/text.ts";

export type Answerable =
  | ChatInputCommandInteraction
  | Extract<Interaction, MessageComponentInteraction>
  | MessageContextMenuCommandInteraction
  | ModalSubmitInteraction;

/** In one sentence to the person alone, in their language. */
export async function tellFailure(
  interaction: Answerable,
  error: unknown,
  log: Log,
): Promise<void> {
  const text = toFailureText(error);
  if (text === undefined) log.error({ error }, "A command failed");
  const content = translate(text ?? failureTexts.unexpected, interaction);
  const isAnswered = interaction.deferred || interaction.replied;
  if (isAnswered && isOnMessage(interaction)) {
    await interaction.followUp({ content, flags: MessageFlags.Ephemeral });
  } else if (isAnswered) await interaction.editReply({ content });
  else await interaction.reply({ content, flags: MessageFlags.Ephemeral });
}

/** The reply to a component that was acknowledged is the message that it is in. */
function isOnMessage(interaction: Answerable): boolean {
  return interaction.isModalSubmit()
    ? interaction.isFromMessage()
    : interaction.isMessageComponent();
}

/** What the person can mend; undefined for everything else. */
export function toFailureText(error: unknown): Text | undefined {
  if (error instanceof Mistake) return error.text;
  if (error instanceof InvalidInput) return toProblemText(error.problem);
  if (error instanceof FamiliarError) {
    return error.code === "store-unreachable" ? failureTexts.databaseAway : undefined;
  }
  return decideRestFailure(error).kind === "gone" ? failureTexts.discordRefuses : undefined;
}
