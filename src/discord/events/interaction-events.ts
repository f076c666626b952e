import { Events } from "discord.js";
import type {
  AutocompleteInteraction,
  Interaction,
  MessageContextMenuCommandInteraction,
} from "discord.js";
import { assertAllowed } from "../commands/access.ts";
import type { Requirement } from "../commands/access.ts";
import { assertMayUse } from "../commands/assert-may-use.ts";
import type { Command, CommandContext } from "../commands/command.ts";
import { commands, messageCommands } from "../commands/commands.ts";
import { inTime } from "../commands/in-time.ts";
import { parseProposalId } from "../learning/proposal-id.ts";
import { pressProposal } from "../learning/press-proposal.ts";
import { parseControlId } from "../controls/control-id.ts";
import { pressControl } from "../controls/press-control.ts";
import type { EventDependencies } from "./message-events.ts";
import { tellFailure } from "./tell-failure.ts";
import type { Answerable } from "./tell-failure.ts";

/** Of the three seconds that Discord gives, so that half of them are left for the command itself. */
const ADMISSION_MS = 1_500;

const byName = new Map(commands.map((command) => [command.definition.name, command]));

const messageCommandsByName = new Map(
  messageCommands.map((command) => [command.definition.name, command]),
);

/** Runs commands, takes their forms and what is pressed; what fails is told in one sentence. */
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
      .catch((error: unknown) => tellFailure(interaction, error, log))
      .catch((error: unknown) => log.warn({ error }, "An interaction could not be answered"));
  });
}

function isAnswerable(interaction: Interaction): interaction is Answerable {
  return (
    interaction.isChatInputCommand() ||
    interaction.isMessageComponent() ||
    interaction.isMessageContextMenuCommand() ||
    interaction.isModalSubmit()
  );
}

/** Refuses whom it must before anything is acknowledged, so that nobody else sees that. */
async function dispatch(interaction: Answerable, context: CommandContext): Promise<void> {
  const task = findTask(interaction);
  if (task === undefined) return;
  await inTime(admit(interaction, task, context), ADMISSION_MS);
  await task.run(context);
}

interface Task {
  readonly isForEveryone?: boolean | undefined;
  readonly requirement: Requirement | undefined;
  readonly run: (context: CommandContext) => Promise<void> | undefined;
}

async function admit(
  interaction: Answerable,
  { isForEveryone, requirement }: Task,
  { familiar, settings }: CommandContext,
): Promise<void> {
  if (isForEveryone !== true) await assertMayUse(interaction, settings);
  if (requirement !== undefined) await assertAllowed(interaction, requirement, familiar);
}

function findTask(interaction: Answerable): Task | undefined {
  if (interaction.isMessageContextMenuCommand()) {
    const command = messageCommandsByName.get(interaction.commandName);
    if (command === undefined) return undefined;
    return {
      requirement: command.requires,
      run: (context) => command.run(interaction, context),
    };
  }
  const control = interaction.isButton() ? parseControlId(interaction.customId) : undefined;
  if (interaction.isButton() && control !== undefined) {
    const run: Task["run"] = ({ familiar }) => pressControl(interaction, familiar, control);
    return { requirement: "write", run };
  }
  const proposal = interaction.isButton() ? parseProposalId(interaction.customId) : undefined;
  if (interaction.isButton() && proposal !== undefined) {
    const run: Task["run"] = ({ learning }) => pressProposal(interaction, learning, proposal);
    // People decide about themselves, also where Familiar no longer answers them.
    return { isForEveryone: true, requirement: undefined, run };
  }
  const command = byName.get(toCommandName(interaction));
  return command === undefined ? undefined : toTask(interaction, command);
}

type CommandUse = Exclude<Answerable, MessageContextMenuCommandInteraction>;

/** Custom ids of components and forms begin with their command's name. */
function toCommandName(interaction: CommandUse): string {
  if (interaction.isChatInputCommand()) return interaction.commandName;
  return interaction.customId.split(":")[0] ?? "";
}

function toTask(interaction: CommandUse, command: Command): Task {
  const { isForEveryone } = command;
  if (interaction.isMessageComponent()) {
    const run: Task["run"] = (context) => command.press?.(interaction, context);
    return { isForEveryone, requirement: undefined, run };
  }
  return {
    isForEveryone,
    requirement: command.requires?.(interaction),
    run: (context) =>
      interaction.isModalSubmit()
        ? command.submit?.(interaction, context)
        : command.run(interaction, context),
  };
}

async function suggest(
  interaction: AutocompleteInteraction,
  context: CommandContext,
): Promise<void> {
  await byName.get(interaction.commandName)?.autocomplete?.(interaction, context);
}
