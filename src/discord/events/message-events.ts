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
import { isOwn, toSaidMessage, toText } from "../said-message.ts";
import type { MessagePayload } from "../said-message.ts";
import type { WithheldWords } from "./withheld-words.ts";

export interface EventDependencies {
  readonly client: Client<true>;
  readonly familiar: Familiar;
  readonly log: Log;
}

export interface MessageEventDependencies extends EventDependencies {
  readonly withheld: WithheldWords;
}

/**
 * Reports what is said, changed and taken back. The dispatches are read as they are sent: the
 * library drops those of channels that it has not cached, archived threads say.
 */
export function listenToMessages(dependencies: MessageEventDependencies): void {
  const { client, familiar, log } = dependencies;
  const events = new InOrder<string>();
  const inOrder = (channelId: string, task: () => Promise<void>): void => {
    events
      .run(channelId, task)
      .catch((error: unknown) => log.error({ error, channelId }, "A message event failed"));
  };

  client.ws.on(GatewayDispatchEvents.MessageCreate, (message: MessagePayload) =>
    inOrder(message.channel_id, () => hear(dependencies, message)),
  );
  client.ws.on(GatewayDispatchEvents.MessageUpdate, (message: Partial<MessagePayload>) => {
    const { channel_id: channelId } = message;
    if (channelId !== undefined) inOrder(channelId, () => revise(dependencies, message));
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

async function hear(
  { client, familiar, withheld }: MessageEventDependencies,
  message: MessagePayload,
): Promise<void> {
  if (message.author.bot === true || isOwn(client, message)) return;
  const place = await findPlace(client, message.channel_id);
  const said = toSaidMessage(client, message, place);
  await (withheld.areMissing(message, said.text) ? withheld.explain(said) : familiar.hear(said));
}

/** Discord also reports link previews, pins and threads as updates, which nobody has edited. */
async function revise(
  { client, familiar, withheld }: MessageEventDependencies,
  message: Partial<MessagePayload>,
): Promise<void> {
  const { channel_id: channelId, content, edited_timestamp: editedAt, id } = message;
  if (channelId === undefined || content === undefined || id === undefined) return;
  if (editedAt === null) return;
  const { author } = message;
  if (author === undefined || isOwn(client, { ...message, author })) return;
  const { readFiles, text } = toText(client, { ...message, content });
  if (withheld.areMissing(message, text)) return;
  for (const placeId of placesOf(channelId, [id])) {
    await familiar.revise(placeId, toMessageId(id), readFiles ?? (async () => text));
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
