import { Events, MessageFlags } from "discord.js";
import type {
  AutocompleteInteraction,
  ButtonInteraction,
  ChatInputCommandInteraction,
  Interaction,
  MessageContextMenuCommandInteraction,
  ModalSubmitInteraction,
} from "discord.js";
import { FamiliarError } from "../../chat/errors.ts";
import type { Log } from "../../chat/ports.ts";
import type { CommandContext } from "../commands/command.ts";
import { commands, messageCommands } from "../commands/commands.ts";
import { parseControlId } from "../controls/control-id.ts";
import { pressControl } from "../controls/press-control.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import type { EventDependencies } from "./message-events.ts";

type Answerable =
  | ButtonInteraction
  | ChatInputCommandInteraction
  | MessageContextMenuCommandInteraction
  | ModalSubmitInteraction;

const byName = new Map(commands.map((command) => [command.definition.name, command]));

const messageCommandsByName = new Map(
  messageCommands.map((command) => [command.definition.name, command]),
);

/** Runs commands and takes their forms; whatever fails is told to the person in one sentence. */
export function listenToInteractions(
  { client, log }: Pick<EventDependencies, "client" | "log">,
  context: CommandContext,
): void {
  client.on(Events.InteractionCreate, (interaction) => {
    if (interaction.isAutocomplete()) {
      suggest(interaction, context).catch((error: unknown) =>
        log.warn({ error }, "Nothing could be proposed for an option"),
      );
      return;
    }
    if (!isAnswerable(interaction)) return;
    dispatch(interaction, context)
      .catch((error: unknown) => tell(interaction, error, log))
      .catch((error: unknown) => log.warn({ error }, "An interaction could not be answered"));
  });
}

function isAnswerable(interaction: Interaction): interaction is Answerable {
  return (
    interaction.isButton() ||
    interaction.isChatInputCommand() ||
    interaction.isMessageContextMenuCommand() ||
    interaction.isModalSubmit()
  );
}

async function dispatch(interaction: Answerable, context: CommandContext): Promise<void> {
  if (interaction.isChatInputCommand()) {
    await byName.get(interaction.commandName)?.run(interaction, context);
  } else if (interaction.isMessageContextMenuCommand()) {
    await messageCommandsByName.get(interaction.commandName)?.run(interaction, context);
  } else if (interaction.isButton()) {
    const control = parseControlId(interaction.customId);
    if (control !== undefined) await pressControl(interaction, context.familiar, control);
  } else {
    const [name = ""] = interaction.customId.split(":");
    await byName.get(name)?.submit?.(interaction, context);
  }
}

async function suggest(
  interaction: AutocompleteInteraction,
  context: CommandContext,
): Promise<void> {
  await byName.get(interaction.commandName)?.autocomplete?.(interaction, context);
}

async function tell(interaction: Answerable, error: unknown, log: Log): Promise<void> {
  const sentence = toSentence(error);
  if (sentence === undefined) log.error({ error }, "A command failed");
  const content = sentence ?? "Something went wrong on my side; my owner's log says why.";
  const isAnswered = interaction.deferred || interaction.replied;
  // The reply to a button that was acknowledged is the message that it is under.
  if (isAnswered && interaction.isButton()) {
    await interaction.followUp({ content, flags: MessageFlags.Ephemeral });
  } else if (isAnswered) await interaction.editReply({ content });
  else await interaction.reply({ content, flags: MessageFlags.Ephemeral });
}

/** What the person can mend; undefined for everything else. */
function toSentence(error: unknown): string | undefined {
  if (error instanceof FamiliarError) {
    if (error.code === "input-invalid") return error.message;
    if (error.code === "store-unreachable") return "My database is away. Try again in a minute.";
    return undefined;
  }
  return decideRestFailure(error).kind === "gone"
    ? "Discord does not let me do that here: I lack a permission, or it is no longer there."
    : undefined;
}
