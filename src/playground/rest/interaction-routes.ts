import { GatewayDispatchEvents, InteractionType } from "discord-api-types/v10";
import { z } from "zod";
import { formError, missingAccess, unknownApplication, unknownChannel } from "./api-error.ts";
import { listUsableCommands } from "./command-access.ts";
import { prepareCommand } from "./command-use.ts";
import { prepareComponent, prepareModalSubmit } from "./component-use.ts";
import { parseForm, snowflake } from "./forms.ts";
import { notify } from "../interactions/interaction-notices.ts";
import { toInteractionEvent } from "../interactions/interaction-payload.ts";
import type { Interaction, PreparedInteraction } from "../interactions/interactions.ts";
import { findChannel, findGuild } from "../world/lookups.ts";
import { mayView } from "../world/permissions.ts";
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

async function interact(call: Call): Promise<Reply> {
  const envelope = parseForm(envelopeSchema, call.body.json);
  const { backend, user } = call;
  if (envelope.application_id !== backend.world.application.id) throw unknownApplication();
  const channel = backend.world.channels.find(envelope.channel_id);
  if (channel === undefined) throw unknownChannel();
  if (!mayView(backend.world, channel, user.id)) throw missingAccess();
  const prepared = await prepare(call, envelope, channel);
  const interaction = backend.interactions.open(
    {
      id: backend.world.snowflakes.next(),
      type: envelope.type,
      userId: user.id,
      channelId: channel.id,
      guildId: channel.guildId,
      locale: call.locale,
      nonce: envelope.nonce ?? null,
      sessionId: envelope.session_id ?? null,
      commandName: prepared.commandName ?? null,
      commandType: prepared.commandType ?? null,
      targetId: prepared.targetId ?? null,
      owners: prepared.owners,
      sourceMessageId: prepared.sourceMessageId ?? null,
    },
    (failed) =>
      notify(backend, failed, { type: "INTERACTION_FAILURE", details: { reason_code: 2 } }),
  );
  notify(backend, interaction, { type: "INTERACTION_CREATE" });
  deliver(call, interaction, prepared.data);
  return noContent;
}

function prepare(
  call: Call,
  { type }: Envelope,
  channel: ChannelRecord,
): PreparedInteraction | Promise<PreparedInteraction> {
  if (
    type === InteractionType.ApplicationCommand ||
    type === InteractionType.ApplicationCommandAutocomplete
  )
    return prepareCommand(call, type, channel);
  if (type === InteractionType.MessageComponent) return prepareComponent(call, channel);
  if (type === InteractionType.ModalSubmit) return prepareModalSubmit(call);
  throw formError(["type"], {
    code: "BASE_TYPE_CHOICES",
    message: "Value must be one of {2, 3, 4, 5}.",
  });
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
