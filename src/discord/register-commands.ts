import { Routes } from "discord.js";
import type { Client } from "discord.js";
import type { Log } from "../chat/ports.ts";
import { commands, messageCommands } from "./commands/commands.ts";
import { decideRestFailure } from "./rest/rest-failure.ts";

/** Replaces the registered commands by ours. A refusal is told; messages work all the same. */
export async function registerCommands(client: Client<true>, log: Log): Promise<void> {
  const body = [...commands, ...messageCommands].map((command) => command.definition);
  try {
    await client.rest.put(Routes.applicationCommands(client.application.id), { body });
  } catch (error) {
    const { reason } = decideRestFailure(error);
    log.warn({ reason }, "Commands could not be registered; I answer messages all the same");
  }
}
