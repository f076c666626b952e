import type { ButtonInteraction } from "discord.js";
import type { Learning } from "../../chat/learning/learning.ts";
import { requestOf } from "../controls/controller.ts";
import type { ProposalPress } from "./proposal-id.ts";

/** Keeps or discards. The message then says so; whoever may not is told, alone. */
export async function pressProposal(
  interaction: ButtonInteraction,
  learning: Learning,
  { action, id }: ProposalPress,
): Promise<void> {
  await interaction.deferUpdate();
  const decision = { id, ...(await requestOf(interaction)) };
  try {
    if (action === "keep") await learning.keep(decision);
    else await learning.discard(decision);
  } catch (error) {
    // A crash left the message behind.
    if (!(await learning.isKnown(id))) await interaction.deleteReply();
    throw error;
  }
}
