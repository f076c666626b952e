import { RESTJSONErrorCodes } from "discord.js";
import type { MessageId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import type { MessageOrigins } from "../webhooks/message-origins.ts";
import { isLostWebhook } from "../webhooks/voices.ts";
import type { MessageRequests } from "./message-requests.ts";

interface RemovalResources {
  readonly origins: MessageOrigins;
  readonly requests: MessageRequests;
}

/**
 * Deletes a message of ours, unless somebody did. Where its webhook is gone, only the bot still can, if
 * it may manage messages.
 */
export async function removeMessage(
  resources: RemovalResources,
  place: Place,
  id: MessageId,
): Promise<void> {
  try {
    await removeThere(resources, place, id);
  } catch (error) {
    if (decideRestFailure(error).code !== RESTJSONErrorCodes.UnknownMessage) throw error;
  }
}

async function removeThere(
  { origins, requests }: RemovalResources,
  place: Place,
  id: MessageId,
): Promise<void> {
  const origin = await origins.find(place, id);
  try {
    await requests.remove({ place, id, origin });
  } catch (error) {
    if (origin === "bot" || !isLostWebhook(decideRestFailure(error))) throw error;
    await requests.remove({ place, id, origin: "bot" });
  }
}
