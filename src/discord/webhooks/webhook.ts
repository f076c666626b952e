import type { ChannelId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";

/** A webhook of Familiar's own. Whoever has the token can speak through it: it is never logged. */
export interface Webhook {
  readonly id: string;
  readonly token: string;
}

/** How a message of Familiar's was posted. It can be changed in the same way alone. */
export type MessageOrigin = Webhook | "bot";

/** Discord counts the requests of a webhook apart from those of its channel. */
export function limitedBy(origin: MessageOrigin, { id }: Place): string {
  return origin === "bot" ? id : origin.id;
}

/** A thread has none of its own: its channel's speaks there too. Direct messages have none at all. */
export function webhookChannelOf(place: Place): ChannelId | undefined {
  if (place.kind === "direct") return undefined;
  return place.kind === "thread" ? place.parentId : place.id;
}
