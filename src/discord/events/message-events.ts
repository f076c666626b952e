import { GatewayDispatchEvents } from "discord.js";
import type {
  Client,
  GatewayMessageDeleteBulkDispatchData,
  GatewayMessageDeleteDispatchData,
} from "discord.js";
import type { Familiar } from "../../chat/familiar.ts";
import { toChannelId, toMessageId } from "../../chat/ids.ts";
import { InOrder } from "../../chat/in-order.ts";
import type { Log } from "../../chat/ports.ts";
import { findPlace } from "../find-place.ts";
import { toSaidMessage, toSaidText } from "../said-message.ts";
import type { MessagePayload } from "../said-message.ts";

export interface EventDependencies {
  readonly client: Client<true>;
  readonly familiar: Familiar;
  readonly log: Log;
}

/**
 * Reports what is said, changed and taken back. The dispatches are read as they are sent: the
 * library drops those of channels that it has not cached, archived threads say.
 */
export function listenToMessages({ client, familiar, log }: EventDependencies): void {
  const events = new InOrder<string>();
  const inOrder = (channelId: string, task: () => Promise<void>): void => {
    events
      .run(channelId, task)
      .catch((error: unknown) => log.error({ error, channelId }, "A message event failed"));
  };

  client.ws.on(GatewayDispatchEvents.MessageCreate, (message: MessagePayload) =>
    inOrder(message.channel_id, () => hear(client, familiar, message)),
  );
  client.ws.on(GatewayDispatchEvents.MessageUpdate, (message: Partial<MessagePayload>) => {
    const { channel_id: channelId } = message;
    if (channelId !== undefined) inOrder(channelId, () => revise(client, familiar, message));
  });
  client.ws.on(GatewayDispatchEvents.MessageDelete, (deleted: GatewayMessageDeleteDispatchData) =>
    inOrder(deleted.channel_id, () => forget(familiar, deleted.channel_id, [deleted.id])),
  );
  client.ws.on(
    GatewayDispatchEvents.MessageDeleteBulk,
    (deleted: GatewayMessageDeleteBulkDispatchData) =>
      inOrder(deleted.channel_id, () => forget(familiar, deleted.channel_id, deleted.ids)),
  );
}

async function hear(client: Client<true>, familiar: Familiar, message: MessagePayload) {
  if (message.author.bot === true || message.author.id === client.user.id) return;
  const place = await findPlace(client, message.channel_id);
  await familiar.hear(toSaidMessage(client, message, place));
}

/** Discord also reports link previews as updates; those bring no content, or the same. */
async function revise(client: Client<true>, familiar: Familiar, message: Partial<MessagePayload>) {
  const { channel_id: channelId, content, id } = message;
  if (channelId === undefined || content === undefined || id === undefined) return;
  if (message.author === undefined || message.author.id === client.user.id) return;
  const { attachments = [], mentions = [] } = message;
  const text = toSaidText(client, { attachments, content, mentions });
  for (const placeId of placesOf(channelId, [id])) {
    await familiar.revise(placeId, toMessageId(id), text);
  }
}

async function forget(familiar: Familiar, channelId: string, ids: readonly string[]) {
  for (const placeId of placesOf(channelId, ids)) {
    await familiar.forgetMessages(placeId, ids.map(toMessageId));
  }
}

/** A message that started a thread is a turn of that thread, which bears the message's id. */
function placesOf(channelId: string, messageIds: readonly string[]) {
  return [channelId, ...messageIds].map(toChannelId);
}
