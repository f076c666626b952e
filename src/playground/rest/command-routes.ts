import { type APIApplicationCommand, ApplicationCommandType } from "discord-api-types/v10";
import { ApiError, missingAccess, unknownApplication, unknownCommand } from "./api-error.ts";
import { type CommandInput, commandSchema, commandsSchema } from "./command-schema.ts";
import { parseForm } from "./forms.ts";
import type { CommandRecord } from "../world/records.ts";
import { type Call, created, noContent, ok, type Reply, type Route } from "./routing.ts";

export const commandRoutes: readonly Route[] = [
  "/applications/:applicationId/commands",
  "/applications/:applicationId/guilds/:guildId/commands",
].flatMap((path): Route[] => [
  { method: "GET", path, run: listCommands },
  { method: "POST", path, run: createCommand },
  { method: "PUT", path, run: replaceCommands },
  { method: "GET", path: `${path}/:commandId`, run: (call) => ok(findCommand(call).command) },
  { method: "PATCH", path: `${path}/:commandId`, run: editCommand },
  { method: "DELETE", path: `${path}/:commandId`, run: deleteCommand },
]);

function listCommands(call: Call): Reply {
  return ok(commandsIn(call, scopeOf(call)).map((record) => record.command));
}

/** A command with the same name and type is replaced, and keeps its id. */
function createCommand(call: Call): Reply {
  const guildId = scopeOf(call);
  const input = parseForm(commandSchema, call.body.json);
  const before = findTwin(commandsIn(call, guildId), input);
  const record = saveCommand(call, { input, guildId, before });
  return before === undefined ? created(record.command) : ok(record.command);
}

function replaceCommands(call: Call): Reply {
  const guildId = scopeOf(call);
  const inputs = parseForm(commandsSchema, call.body.json ?? []);
  const known = commandsIn(call, guildId);
  const saved = inputs.map((input) =>
    saveCommand(call, { input, guildId, before: findTwin(known, input) }),
  );
  const kept = new Set(saved.map((record) => record.id));
  for (const record of known)
    if (!kept.has(record.id)) call.backend.world.commands.remove(record.id);
  return ok(saved.map((record) => record.command));
}

function editCommand(call: Call): Reply {
  const before = findCommand(call);
  const change = typeof call.body.json === "object" ? call.body.json : {};
  const input = parseForm(commandSchema, { ...before.command, ...change });
  return ok(saveCommand(call, { input, guildId: before.guildId, before }).command);
}

function deleteCommand(call: Call): Reply {
  call.backend.world.commands.remove(findCommand(call).id);
  return noContent;
}

/** The guild of the path, or null for the global commands. Only the application's own bot may ask. */
function scopeOf(call: Call): string | null {
  const { world } = call.backend;
  if (call.id("applicationId") !== world.application.id) throw unknownApplication();
  if (call.user.id !== world.application.botUserId)
    throw new ApiError(
      403,
      20012,
      "You are not authorized to perform this action on this application",
    );
  if (!call.has("guildId")) return null;
  const guildId = call.id("guildId");
  if (world.findMember(guildId, call.user.id) === undefined) throw missingAccess();
  return guildId;
}

function commandsIn(call: Call, guildId: string | null): CommandRecord[] {
  return [...call.backend.world.commands.values()].filter((record) => record.guildId === guildId);
}

function findCommand(call: Call): CommandRecord {
  const id = call.id("commandId");
  const record = commandsIn(call, scopeOf(call)).find((candidate) => candidate.id === id);
  if (record === undefined) throw unknownCommand();
  return record;
}

function findTwin(
  records: readonly CommandRecord[],
  input: CommandInput,
): CommandRecord | undefined {
  const type = input.type ?? ApplicationCommandType.ChatInput;
  return records.find(({ command }) => command.name === input.name && command.type === type);
}

interface CommandChange {
  readonly input: CommandInput;
  readonly guildId: string | null;
  readonly before: CommandRecord | undefined;
}

/** The version changes only when the command does. */
function saveCommand(call: Call, { input, guildId, before }: CommandChange): CommandRecord {
  const { world } = call.backend;
  const id = before?.id ?? world.snowflakes.next();
  const draft = toCommand(input, { id, applicationId: world.application.id, guildId });
  const isSame =
    before !== undefined &&
    JSON.stringify({ ...draft, version: "" }) ===
      JSON.stringify({ ...before.command, version: "" });
  if (isSame) return before;
  const record = { id, guildId, command: { ...draft, version: world.snowflakes.next() } };
  world.commands.put(record);
  return record;
}

function toCommand(
  input: CommandInput,
  owner: { readonly id: string; readonly applicationId: string; readonly guildId: string | null },
): APIApplicationCommand {
  const command = {
    id: owner.id,
    application_id: owner.applicationId,
    version: "",
    default_member_permissions: input.default_member_permissions ?? null,
    type: input.type ?? ApplicationCommandType.ChatInput,
    name: input.name,
    name_localizations: input.name_localizations ?? null,
    description: input.description ?? "",
    description_localizations: input.description_localizations ?? null,
    nsfw: input.nsfw ?? false,
    options: input.options ?? [],
    ...(owner.guildId === null ? toReach(input) : { guild_id: owner.guildId }),
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the schema has checked it
  return command as unknown as APIApplicationCommand;
}

/** Where a global command is offered. */
function toReach(input: CommandInput): Record<string, unknown> {
  return {
    dm_permission: input.dm_permission ?? true,
    contexts: input.contexts ?? null,
    integration_types: input.integration_types ?? [0, 1],
  };
}
