import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionType,
} from "discord-api-types/v10";
import { z } from "zod";
import {
  formError,
  missingAccess,
  unknownCommand,
  unknownMessage,
  unknownUser,
} from "./api-error.ts";
import { authorizeCommand } from "./command-access.ts";
import { flattenOptions, requireFittingOptions, submittedOptionSchema } from "./command-options.ts";
import { parseForm, snowflake } from "./forms.ts";
import { saveFiles } from "./messages.ts";
import type { Call } from "./routing.ts";
import type { Owners } from "../interactions/installation.ts";
import { idsInOptions, type Resolved, resolveIds } from "../interactions/interaction-payload.ts";
import type { PreparedInteraction } from "../interactions/interactions.ts";
import { isSystemMessage, toAttachment, toMessage } from "../world/present-message.ts";
import type { ChannelRecord, CommandRecord } from "../world/records.ts";

const commandSchema = z.object({
  data: z.object({
    id: snowflake,
    version: snowflake.nullish(),
    name: z.string(),
    type: z
      .custom<ApplicationCommandType>(Number.isInteger)
      .default(ApplicationCommandType.ChatInput),
    options: z.array(submittedOptionSchema).nullish(),
    target_id: snowflake.nullish(),
  }),
});
type CommandData = z.infer<typeof commandSchema>["data"];

/** A slash command, one of the context menus, or a command that is being typed. */
export async function prepareCommand(
  call: Call,
  type: InteractionType,
  channel: ChannelRecord,
): Promise<PreparedInteraction> {
  const { data } = parseForm(commandSchema, call.body.json);
  const { record, owners } = requireCommand(call, data, channel);
  const { command } = record;
  const guild = record.guildId === null ? {} : { guild_id: record.guildId };
  const common = { id: record.id, name: command.name, type: command.type, ...guild };
  if (command.type !== ApplicationCommandType.ChatInput) {
    const resolved = resolveTarget(call, data, channel);
    return {
      owners,
      commandName: command.name,
      commandType: command.type,
      targetId: data.target_id ?? null,
      data: { ...common, target_id: data.target_id, resolved },
    };
  }
  const options = data.options ?? [];
  // A half-typed command is completed as it stands.
  if (type === InteractionType.ApplicationCommand)
    requireFittingOptions(command.options ?? [], options);
  const uploads = await saveUploads(call, channel, options);
  const resolved = { ...resolveIds(call.backend, channel, idsInOptions(options)), ...uploads };
  return {
    owners,
    commandName: commandPath(command.name, options),
    commandType: command.type,
    data: { ...common, options, ...(Object.keys(resolved).length === 0 ? {} : { resolved }) },
  };
}

function requireCommand(
  call: Call,
  data: CommandData,
  channel: ChannelRecord,
): { readonly record: CommandRecord; readonly owners: Owners } {
  const record = call.backend.world.commands.find(data.id);
  if (record === undefined || record.command.type !== data.type) throw unknownCommand();
  const owners = authorizeCommand(call.backend, record, { userId: call.user.id, channel });
  if (owners === undefined) throw missingAccess();
  if (data.version == null || data.version === record.command.version) return { record, owners };
  throw formError(["data"], {
    code: "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION",
    message: "This command is outdated, please try again in a few minutes",
  });
}

/** The message or the user that the command was used on; a message is readable whatever the intents. */
function resolveTarget(
  call: Call,
  { type, target_id: targetId }: CommandData,
  channel: ChannelRecord,
): Resolved {
  const { world } = call.backend;
  const id = targetId ?? "";
  if (type === ApplicationCommandType.User) {
    if (world.users.find(id) === undefined) throw unknownUser();
    return resolveIds(call.backend, channel, { users: [id] });
  }
  const message = world.messages.find(channel.id, id);
  if (message === undefined || isSystemMessage(message)) throw unknownMessage();
  const viewer = { userId: world.application.botUserId, readsContent: true };
  return { messages: { [id]: toMessage(world, message, viewer) } };
}

/** An attachment option names its file by number; from here on it has an id, as messages' files have. */
async function saveUploads(
  call: Call,
  channel: ChannelRecord,
  options: Parameters<typeof flattenOptions>[0],
): Promise<Resolved> {
  const attachments: Record<string, unknown> = {};
  for (const option of flattenOptions(options)) {
    if (option.type !== ApplicationCommandOptionType.Attachment) continue;
    const files = call.body.files.filter(({ key }) => key === String(option.value));
    const [saved] = await saveFiles(call.backend, files, []);
    if (saved === undefined)
      throw formError(["data", "options"], {
        code: "INTERACTION_APPLICATION_COMMAND_ATTACHMENT_MISSING",
        message: "The file of an attachment option is missing.",
      });
    option.value = saved.id;
    attachments[saved.id] = toAttachment(call.backend.world, channel.id, saved);
  }
  return Object.keys(attachments).length === 0 ? {} : { attachments };
}

function commandPath(name: string, options: NonNullable<CommandData["options"]>): string {
  const nested = options.find((option) => option.options !== undefined);
  return nested === undefined ? name : commandPath(`${name} ${nested.name}`, nested.options ?? []);
}
