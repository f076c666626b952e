import {
  ApplicationCommandType,
  GatewayDispatchEvents,
  InteractionType,
} from "discord-api-types/v10";
import { z } from "zod";
import {
  formError,
  missingAccess,
  unknownApplication,
  unknownChannel,
  unknownCommand,
  unknownInteraction,
  unknownMessage,
} from "./api-error.ts";
import { listUsableCommands, mayUseCommand } from "./command-access.ts";
import { requireFittingOptions, submittedOptionSchema } from "./command-options.ts";
import { submittedComponentsSchema } from "./component-schema.ts";
import { parseForm, snowflake } from "./forms.ts";
import { notify } from "../interactions/interaction-notices.ts";
import {
  findAnyMessage,
  idsInOptions,
  resolveIds,
  toInteractionEvent,
} from "../interactions/interaction-payload.ts";
import type { Interaction } from "../interactions/interactions.ts";
import { findChannel, findGuild } from "../world/lookups.ts";
import { mayView } from "../world/permissions.ts";
import { toMessage } from "../world/present-message.ts";
import { toUser } from "../world/present.ts";
import type { ChannelRecord, CommandRecord } from "../world/records.ts";
import { type Call, noContent, ok, type Reply, type Route } from "./routing.ts";

/** The side of the people: what Discord's own clients send and read. */
export const interactionRoutes: readonly Route[] = [
  { method: "POST", path: "/interactions", run: interact },
  {
    method: "GET",
    path: "/channels/:channelId/application-command-index",
    run: (call) => showCommandIndex(call, findChannel(call)),
  },
  {
    method: "GET",
    path: "/guilds/:guildId/application-command-index",
    run: showGuildCommandIndex,
  },
];

const common = {
  application_id: snowflake,
  guild_id: snowflake.nullish(),
  channel_id: snowflake,
  session_id: z.string().nullish(),
  nonce: z.union([z.string(), z.number()]).transform(String).nullish(),
};

const envelopeSchema = z.object({ ...common, type: z.custom<InteractionType>(Number.isInteger) });
type Envelope = z.infer<typeof envelopeSchema>;

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

const componentSchema = z.object({
  message_id: snowflake,
  data: z.object({
    component_type: z.number().int(),
    custom_id: z.string(),
    values: z.array(z.string()).nullish(),
  }),
});

const modalSubmitSchema = z.object({
  data: z.object({
    id: snowflake,
    custom_id: z.string(),
    components: submittedComponentsSchema,
  }),
});

interface Prepared {
  readonly data: Record<string, unknown>;
  readonly commandName?: string;
  readonly sourceMessageId?: string | null;
}

function interact(call: Call): Reply {
  const envelope = parseForm(envelopeSchema, call.body.json);
  const { backend, user } = call;
  if (envelope.application_id !== backend.world.application.id) throw unknownApplication();
  const channel = backend.world.channels.find(envelope.channel_id);
  if (channel === undefined) throw unknownChannel();
  if (!mayView(backend.world, channel, user.id)) throw missingAccess();
  const prepared = prepare(call, envelope, channel);
  const interaction = backend.interactions.open(
    {
      id: backend.world.snowflakes.next(),
      type: envelope.type,
      userId: user.id,
      channelId: channel.id,
      guildId: channel.guildId,
      nonce: envelope.nonce ?? null,
      sessionId: envelope.session_id ?? null,
      commandName: prepared.commandName ?? null,
      sourceMessageId: prepared.sourceMessageId ?? null,
    },
    (failed) =>
      notify(backend, failed, { type: "INTERACTION_FAILURE", details: { reason_code: 2 } }),
  );
  notify(backend, interaction, { type: "INTERACTION_CREATE" });
  deliver(call, interaction, prepared.data);
  return noContent;
}

function prepare(call: Call, envelope: Envelope, channel: ChannelRecord): Prepared {
  if (
    envelope.type === InteractionType.ApplicationCommand ||
    envelope.type === InteractionType.ApplicationCommandAutocomplete
  )
    return prepareCommand(call, envelope, channel);
  if (envelope.type === InteractionType.MessageComponent) return prepareComponent(call, channel);
  if (envelope.type === InteractionType.ModalSubmit) return prepareModalSubmit(call);
  throw formError(["type"], {
    code: "BASE_TYPE_CHOICES",
    message: "Value must be one of {2, 3, 4, 5}.",
  });
}

function prepareCommand(call: Call, envelope: Envelope, channel: ChannelRecord): Prepared {
  const { data } = parseForm(commandSchema, call.body.json);
  const record = requireCommand(call, data, channel);
  const options = data.options ?? [];
  // A half-typed command is completed as it stands.
  if (envelope.type === InteractionType.ApplicationCommand)
    requireFittingOptions(record.command.options ?? [], options);
  const isSlash = record.command.type === ApplicationCommandType.ChatInput;
  return {
    commandName: commandPath(record.command.name, options),
    data: {
      id: record.id,
      name: record.command.name,
      type: record.command.type,
      ...(isSlash ? { options } : { target_id: data.target_id }),
      ...(record.guildId === null ? {} : { guild_id: record.guildId }),
      ...toResolved(call, data, channel),
    },
  };
}

function requireCommand(call: Call, data: CommandData, channel: ChannelRecord): CommandRecord {
  const record = call.backend.world.commands.find(data.id);
  if (record === undefined) throw unknownCommand();
  if (!mayUseCommand(call.backend, record, { userId: call.user.id, channel }))
    throw missingAccess();
  if (data.version == null || data.version === record.command.version) return record;
  throw formError(["data"], {
    code: "INTERACTION_APPLICATION_COMMAND_INVALID_VERSION",
    message: "This command is outdated, please try again in a few minutes",
  });
}

function toResolved(
  call: Call,
  data: CommandData,
  channel: ChannelRecord,
): Record<string, unknown> {
  const ids = idsInOptions(data.options ?? []);
  if (data.target_id != null) ids.push(data.target_id);
  const resolved = {
    ...resolveIds(call.backend, channel, ids),
    ...targetMessage(call, data, channel),
  };
  return Object.keys(resolved).length === 0 ? {} : { resolved };
}

/** A message command's target is readable whatever the intents. */
function targetMessage(
  call: Call,
  data: CommandData,
  channel: ChannelRecord,
): Record<string, unknown> {
  if (data.type !== ApplicationCommandType.Message || data.target_id == null) return {};
  const message = call.backend.world.messages.find(channel.id, data.target_id);
  if (message === undefined) throw unknownMessage();
  const viewer = { userId: call.backend.world.application.botUserId, readsContent: true };
  return { messages: { [message.id]: toMessage(call.backend.world, message, viewer) } };
}

function commandPath(name: string, options: NonNullable<CommandData["options"]>): string {
  const nested = options.find((option) => option.options !== undefined);
  return nested === undefined ? name : commandPath(`${name} ${nested.name}`, nested.options ?? []);
}

function prepareComponent(call: Call, channel: ChannelRecord): Prepared {
  const { message_id: messageId, data } = parseForm(componentSchema, call.body.json);
  const message = findAnyMessage(call.backend, channel.id, messageId);
  if (message === undefined) throw unknownMessage();
  if (!JSON.stringify(message.components).includes(JSON.stringify(data.custom_id)))
    throw formError(["data", "custom_id"], {
      code: "COMPONENT_VALIDATION_FAILED",
      message: "Component validation failed",
    });
  const resolved = resolveIds(call.backend, channel, data.values ?? []);
  return {
    sourceMessageId: messageId,
    data: {
      component_type: data.component_type,
      custom_id: data.custom_id,
      ...(data.values == null ? {} : { values: data.values }),
      ...(Object.keys(resolved).length === 0 ? {} : { resolved }),
    },
  };
}

/** `data.id` names the interaction that showed the modal. */
function prepareModalSubmit(call: Call): Prepared {
  const { data } = parseForm(modalSubmitSchema, call.body.json);
  const shown = call.backend.interactions.find(data.id);
  if (shown?.modal?.custom_id !== data.custom_id || shown.userId !== call.user.id)
    throw unknownInteraction();
  shown.modal = null;
  return {
    sourceMessageId: shown.sourceMessageId,
    ...(shown.commandName === null ? {} : { commandName: shown.commandName }),
    data: { custom_id: data.custom_id, components: data.components },
  };
}

function deliver(call: Call, interaction: Interaction, data: Record<string, unknown>): void {
  const { backend } = call;
  const event = toInteractionEvent(backend, interaction, data);
  backend.gateway.emit({
    type: GatewayDispatchEvents.InteractionCreate,
    guildId: interaction.guildId,
    intents: 0,
    isFor: (userId) => userId === backend.world.application.botUserId,
    payload: () => event,
  });
}

function showGuildCommandIndex(call: Call): Reply {
  const guild = findGuild(call);
  const channel = call.backend.world
    .channelsOf(guild.id)
    .find((candidate) => mayView(call.backend.world, candidate, call.user.id));
  if (channel === undefined) throw missingAccess();
  return showCommandIndex(call, channel);
}

function showCommandIndex(call: Call, channel: ChannelRecord): Reply {
  const { backend, user } = call;
  const { application } = backend.world;
  const records: CommandRecord[] = listUsableCommands(backend, { userId: user.id, channel });
  return ok({
    applications: [
      {
        id: application.id,
        name: application.name,
        icon: null,
        description: "",
        flags: 0,
        bot: toUser(backend.world.user(application.botUserId)),
      },
    ],
    application_commands: records.map((record) => record.command),
    version: records.at(-1)?.command.version ?? "0",
  });
}
