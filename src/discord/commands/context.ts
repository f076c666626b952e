import {
  AttachmentBuilder,
  MessageFlags,
  PermissionFlagsBits,
  SlashCommandBuilder,
  messageLink,
} from "discord.js";
import type { ChatInputCommandInteraction } from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { Familiar } from "../../chat/familiar.ts";
import type { MessageId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import { renderRawPrompt } from "../../chat/prompt/describe-context.ts";
import type { ContextDescription } from "../../chat/prompt/describe-context.ts";
import type { Command } from "./command.ts";
import { describeContextBar } from "./context-bar.ts";
import { placeOf } from "./interaction-place.ts";
import { assertMayManage } from "./permissions.ts";

const definition = new SlashCommandBuilder()
  .setName("context")
  .setDescription("What I see of this conversation when I write my next reply")
  .setDefaultMemberPermissions(PermissionFlagsBits.SendMessages)
  .addSubcommand((option) =>
    option.setName("show").setDescription("What fills my context, and where it begins"),
  )
  .addSubcommand((option) =>
    option.setName("raw").setDescription("The exact prompt as a file, for you alone"),
  )
  .toJSON();

export const context: Command = {
  definition,
  async run(interaction, { familiar }) {
    await interaction.deferReply({ flags: MessageFlags.Ephemeral });
    const place = await placeOf(interaction);
    if (interaction.options.getSubcommand() === "raw") await sendRaw(interaction, familiar, place);
    else await interaction.editReply(describe(await read(familiar, place)));
  },
};

async function read(familiar: Familiar, place: Place): Promise<ContextDescription> {
  const description = await familiar.context(place.id);
  if (description !== undefined) return description;
  throw new FamiliarError("input-invalid", "There is nothing to see: we have not talked here.");
}

function describe(description: ContextDescription): string {
  const bar = ["```", describeContextBar(description), "```"].join("\n");
  const sentences = [describeBeginning(description), describeLeftOut(description)];
  return ["What I see here, in tokens:", bar, ...sentences].join("\n");
}

function describeBeginning({ edge, parts }: ContextDescription): string {
  const hasHistory = parts.some(({ name, tokens }) => name === "history" && tokens > 0);
  if (!hasHistory) return "No message is in view.";
  if (edge.message === undefined) return "What I see first was not said in a message here.";
  return `First message in view: ${toLink(edge.message.place, edge.message.id)}`;
}

function describeLeftOut({ edge: { earlierTurns } }: ContextDescription): string {
  if (earlierTurns === 0) return "Nothing is left out.";
  const turns = earlierTurns === 1 ? "1 earlier turn is" : `${earlierTurns} earlier turns are`;
  return `${turns} left out: stored, but trimmed or reset away.`;
}

/** The message that a thread was started from is in the parent channel, and has the thread's id. */
function toLink(place: Place, messageId: MessageId): string {
  if (place.kind === "direct") return messageLink(place.id, messageId);
  const isStarter = place.kind === "thread" && String(messageId) === String(place.id);
  return messageLink(isStarter ? place.parentId : place.id, messageId, place.guildId);
}

async function sendRaw(
  interaction: ChatInputCommandInteraction,
  familiar: Familiar,
  place: Place,
): Promise<void> {
  await assertMayManage(interaction, familiar, place);
  const { lookalikes, text } = renderRawPrompt((await read(familiar, place)).messages);
  const file = new AttachmentBuilder(Buffer.from(text), { name: `prompt-${place.id}.txt` });
  const content = `My next prompt, written as ChatML.${describeLookalikes(lookalikes)}`;
  await interaction.editReply({ content, files: [file] });
}

function describeLookalikes(count: number): string {
  if (count === 0) return "";
  const what = count === 1 ? "1 control token in it is" : `${count} control tokens in it are`;
  return ` ${what} only text that someone wrote, and I read text there.`;
}
