import type { ChannelId, MessageId } from "../ids.ts";
import type { Place } from "../place.ts";
import type { ConversationStore, ReplyStore } from "../ports.ts";
import type { ReplySurface } from "../reply-surface.ts";
import { activeOf, toControls } from "../reply/shown-reply.ts";

export interface ControlPorts {
  readonly conversations: Pick<ConversationStore, "find" | "moveControls">;
  readonly replies: Pick<ReplyStore, "last">;
  readonly surface: Pick<ReplySurface, "showControls">;
}

export interface MovePorts {
  readonly conversations: Pick<ConversationStore, "moveControls">;
  readonly surface: Pick<ReplySurface, "showControls">;
}

/** A message has got the controls of its place: the one that had them before loses them. */
export async function moveControls(
  { conversations, surface }: MovePorts,
  place: Place,
  messageId: MessageId | undefined,
): Promise<void> {
  const former = await conversations.moveControls(place.id, messageId);
  if (former === undefined || former === messageId) return;
  surface.showControls(place, former, undefined);
}

/** The reply that is the last now gets the controls, after the one that had them is gone. */
export async function restoreControls(ports: ControlPorts, place: Place): Promise<void> {
  const last = await findLast(ports, place.id);
  const messageId = last?.parts.at(-1)?.messageId;
  await moveControls(ports, place, messageId);
  if (last === undefined || messageId === undefined) return;
  ports.surface.showControls(place, messageId, toControls(activeOf(last)));
}

/** Someone changed what the last reply answers: it offers to be written again. */
export async function offerAgain(
  ports: ControlPorts,
  placeId: ChannelId,
  messageId: MessageId,
): Promise<void> {
  const conversation = await ports.conversations.find(placeId);
  if (conversation === undefined) return;
  const last = await ports.replies.last(conversation.id);
  if (last?.controlsMessageId === undefined || !last.answered.includes(messageId)) return;
  const controls = toControls(activeOf(last), true);
  ports.surface.showControls(conversation.place, last.controlsMessageId, controls);
}

async function findLast({ conversations, replies }: ControlPorts, placeId: ChannelId) {
  const conversation = await conversations.find(placeId);
  return conversation === undefined ? undefined : await replies.last(conversation.id);
}
