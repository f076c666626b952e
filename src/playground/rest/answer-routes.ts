import {
  type APIMessage,
  InteractionResponseType,
  InteractionType,
  MessageFlags,
} from "discord-api-types/v10";
import { z } from "zod";
import { formError, unknownMessage, unknownWebhook } from "./api-error.ts";
import type { Backend } from "../backend.ts";
import { modalSchema } from "./component-schema.ts";
import { list, parseForm, text } from "./forms.ts";
import { notify } from "../interactions/interaction-notices.ts";
import { findAnyMessage } from "../interactions/interaction-payload.ts";
import type { Interaction } from "../interactions/interactions.ts";
import { messageCreateSchema, messageEditSchema } from "./message-schema.ts";
import { toMessage } from "../world/present-message.ts";
import type { MessageRecord } from "../world/records.ts";
import { deleteResponse, editResponse, sendResponse } from "./responses.ts";
import { type Call, noContent, ok, type Reply, type Route } from "./routing.ts";

/** The side of the bot. The token in the path is the permission. */
export const answerRoutes: readonly Route[] = [
  {
    method: "POST",
    path: "/interactions/:interactionId/:token/callback",
    access: "open",
    run: answer,
  },
];

const callbackSchema = z.object({
  type: z.custom<InteractionResponseType>(Number.isInteger),
  data: z.unknown().optional(),
});

const choicesSchema = z.object({
  choices: list(
    z.object({
      name: text({ min: 1, max: 100 }),
      name_localizations: z.unknown().optional(),
      value: z.union([z.string().max(100), z.number()]),
    }),
    { max: 25 },
  ),
});

const flagsSchema = z.object({ flags: z.number().int().nullish() });

/** Which answers fit which kind of interaction. */
const fitting: Readonly<Record<number, readonly number[]>> = {
  [InteractionType.ApplicationCommand]: [4, 5, 9],
  [InteractionType.MessageComponent]: [4, 5, 6, 7, 9],
  [InteractionType.ApplicationCommandAutocomplete]: [8],
  [InteractionType.ModalSubmit]: [4, 5, 6, 7],
};

async function answer(call: Call): Promise<Reply> {
  const { interactions } = call.backend;
  const [id, token] = [call.id("interactionId"), call.text("token")];
  const interaction = interactions.requireWaiting(id, token);
  const { type } = parseForm(callbackSchema, call.body.json);
  if (fitting[interaction.type]?.includes(type) !== true)
    throw formError(["type"], {
      code: "INTERACTION_RESPONSE_TYPE_INVALID",
      message: "Response type is not valid for this interaction",
    });
  const message = await perform(call, interaction, type);
  return call.query.get("with_response") === "true"
    ? ok(toCallbackResponse(call.backend, interaction, { type, message }))
    : noContent;
}

/** Checks the answer first: a refused one leaves the interaction waiting. */
async function perform(
  call: Call,
  interaction: Interaction,
  type: InteractionResponseType,
): Promise<MessageRecord | undefined> {
  const { backend } = call;
  const data = dataOf(call);
  const acknowledge = (): void =>
    void backend.interactions.acknowledge(interaction.id, interaction.token);
  if (type === InteractionResponseType.ApplicationCommandAutocompleteResult) {
    const { choices } = parseForm(choicesSchema, data);
    acknowledge();
    notify(backend, interaction, {
      type: "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE",
      details: { choices },
    });
    return undefined;
  }
  if (type === InteractionResponseType.Modal) {
    interaction.modal = parseForm(modalSchema, data);
    acknowledge();
    showModal(backend, interaction);
    return undefined;
  }
  const message = await respond(call, { interaction, type, data, acknowledge });
  notify(backend, interaction, { type: "INTERACTION_SUCCESS" });
  return message;
}

interface Response {
  readonly interaction: Interaction;
  readonly type: InteractionResponseType;
  readonly data: unknown;
  readonly acknowledge: () => void;
}

async function respond(call: Call, response: Response): Promise<MessageRecord | undefined> {
  const { backend } = call;
  const { interaction, data, acknowledge } = response;
  const { files } = call.body;
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- the other kinds carry no message
  switch (response.type) {
    case InteractionResponseType.ChannelMessageWithSource:
      return sendResponse(backend, interaction, {
        input: parseForm(messageCreateSchema, data),
        files,
        kind: "original",
        acknowledge,
      });
    case InteractionResponseType.DeferredChannelMessageWithSource: {
      const ephemeral = (parseForm(flagsSchema, data).flags ?? 0) & MessageFlags.Ephemeral;
      return sendResponse(backend, interaction, {
        input: {},
        files: [],
        kind: "original",
        flags: MessageFlags.Loading | ephemeral,
        acknowledge,
      });
    }
    case InteractionResponseType.UpdateMessage: {
      const input = parseForm(messageEditSchema, data ?? {});
      const source = findSource(backend, interaction);
      acknowledge();
      interaction.responseMessageId = source.id;
      return editResponse(backend, source, { input, files });
    }
    default:
      interaction.responseMessageId = findSource(backend, interaction).id;
      acknowledge();
      return undefined;
  }
}

function showModal(backend: Backend, interaction: Interaction): void {
  const { modal } = interaction;
  const { application } = backend.world;
  const details = {
    channel_id: interaction.channelId,
    ...modal,
    application: { id: application.id, name: application.name, icon: null },
  };
  notify(backend, interaction, { type: "INTERACTION_MODAL_CREATE", details });
}

export async function followUp(call: Call): Promise<Reply> {
  const { backend } = call;
  const interaction = call.backend.interactions.requireAnswered(call.text("token"));
  const input = parseForm(messageCreateSchema, call.body.json);
  const { files } = call.body;
  const original = interaction.responseMessageId;
  const pending = original && findAnyMessage(backend, interaction.channelId, original);
  // The first follow-up to "thinking" takes its place.
  const message =
    pending && (pending.flags & MessageFlags.Loading) !== 0
      ? await editResponse(backend, pending, { input, files })
      : await sendResponse(backend, interaction, { input, files, kind: "follow-up" });
  return ok(show(backend, message));
}

export function readResponse(call: Call): Reply {
  return ok(show(call.backend, findResponse(call)));
}

export async function changeResponse(call: Call): Promise<Reply> {
  const message = findResponse(call);
  const input = parseForm(messageEditSchema, call.body.json);
  const { files } = call.body;
  return ok(show(call.backend, await editResponse(call.backend, message, { input, files })));
}

export async function removeResponse(call: Call): Promise<Reply> {
  await deleteResponse(call.backend, findResponse(call));
  return noContent;
}

function findResponse(call: Call): MessageRecord {
  const interaction = call.backend.interactions.requireAnswered(call.text("token"));
  const name = call.text("messageId");
  const id = name === "@original" ? interaction.responseMessageId : name;
  const message = id && findAnyMessage(call.backend, interaction.channelId, id);
  if (!message || !isReachable(interaction, message)) throw unknownMessage();
  return message;
}

/** What an interaction brought forth, and the message whose component was used once it is acknowledged. */
function isReachable(interaction: Interaction, message: MessageRecord): boolean {
  return message.interaction?.id === interaction.id || message.id === interaction.responseMessageId;
}

function findSource(backend: Backend, interaction: Interaction): MessageRecord {
  const id = interaction.sourceMessageId;
  const message = id === null ? undefined : findAnyMessage(backend, interaction.channelId, id);
  if (message === undefined) throw unknownWebhook();
  return message;
}

function toCallbackResponse(
  backend: Backend,
  interaction: Interaction,
  given: { readonly type: number; readonly message: MessageRecord | undefined },
): Record<string, unknown> {
  const { type, message } = given;
  const flags = message?.flags ?? 0;
  return {
    interaction: {
      id: interaction.id,
      type: interaction.type,
      channel_id: interaction.channelId,
      ...(interaction.guildId === null ? {} : { guild_id: interaction.guildId }),
      ...(message === undefined
        ? {}
        : {
            response_message_id: message.id,
            response_message_loading: (flags & MessageFlags.Loading) !== 0,
            response_message_ephemeral: (flags & MessageFlags.Ephemeral) !== 0,
          }),
    },
    resource: { type, ...(message === undefined ? {} : { message: show(backend, message) }) },
  };
}

function show(backend: Backend, message: MessageRecord): APIMessage {
  const viewer = { userId: backend.world.application.botUserId, readsContent: true };
  return toMessage(backend.world, message, viewer);
}

function dataOf(call: Call): unknown {
  return parseForm(callbackSchema, call.body.json).data ?? {};
}
