import { ApplicationIntegrationType, InteractionContextType, Routes } from "discord.js";
import type { Client } from "discord.js";
import type { Log } from "../chat/ports.ts";
import type { Command, MessageCommand } from "./commands/command.ts";
import { commands, messageCommands } from "./commands/commands.ts";
import { decideRestFailure } from "./rest/rest-failure.ts";

/** Where a command works that says nothing else: where Familiar is, and in messages to it. */
const WHERE = {
  integration_types: [ApplicationIntegrationType.GuildInstall],
  contexts: [InteractionContextType.Guild, InteractionContextType.BotDM],
} as const;

function withPlaces<Definition extends (Command | MessageCommand)["definition"]>(
  definition: Definition,
) {
  const { contexts = WHERE.contexts, integration_types: types = WHERE.integration_types } =
    definition;
  return { ...definition, contexts, integration_types: types };
}

/** Replaces the registered commands by ours. A refusal is told; messages work all the same. */
export async function registerCommands(client: Client<true>, log: Log): Promise<void> {
  const body = [...commands, ...messageCommands].map(({ definition }) => withPlaces(definition));
  try {
    await client.rest.put(Routes.applicationCommands(client.application.id), { body });
  } catch (error) {
    const { reason } = decideRestFailure(error);
    log.warn({ reason }, "Commands could not be registered; I answer messages all the same");
  }
}
