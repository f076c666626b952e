import { Routes } from "discord.js";
import type { Client } from "discord.js";
import type { MessageId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import { withDeadline } from "../rest/deadline.ts";
import { fieldOf } from "../../chat/field-of.ts";
import type { ChannelWebhooks } from "./channel-webhooks.ts";
import type { MessageOrigin } from "./webhook.ts";

const DEADLINE_MS = 10_000;
const MESSAGES_REMEMBERED = 2000;

/** How each message of ours was posted: known of those of this process, else read from the message. */
export class MessageOrigins {
  readonly #client: Pick<Client, "application" | "rest">;
  readonly #webhooks: Pick<ChannelWebhooks, "findById">;
  readonly #known = new Map<MessageId, MessageOrigin>();
  readonly #lookUps = new Map<MessageId, Promise<MessageOrigin>>();

  constructor(
    client: Pick<Client, "application" | "rest">,
    webhooks: Pick<ChannelWebhooks, "findById">,
  ) {
    this.#client = client;
    this.#webhooks = webhooks;
  }

  known(messageId: MessageId): MessageOrigin | undefined {
    return this.#known.get(messageId);
  }

  learn(messageId: MessageId, origin: MessageOrigin): void {
    this.#known.delete(messageId);
    this.#known.set(messageId, origin);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MESSAGES_REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
  }

  /** In the order of the calls. Never rejects: what cannot be read counts as the bot's. */
  find(place: Place, messageId: MessageId): Promise<MessageOrigin> {
    const underWay = this.#lookUps.get(messageId);
    if (underWay !== undefined) return underWay;
    const lookUp = this.#lookUp(place, messageId).finally(() => this.#lookUps.delete(messageId));
    this.#lookUps.set(messageId, lookUp);
    return lookUp;
  }

  async #lookUp(place: Place, messageId: MessageId): Promise<MessageOrigin> {
    const known = place.kind === "direct" ? "bot" : this.#known.get(messageId);
    if (known !== undefined) return known;
    try {
      const webhookId = await this.#readWebhookId(place, messageId);
      const webhook =
        webhookId === undefined ? undefined : await this.#webhooks.findById(webhookId);
      const origin = webhook ?? "bot";
      this.learn(messageId, origin);
      return origin;
    } catch {
      // The message is gone or cannot be read: the change that follows will tell.
      return "bot";
    }
  }

  /** Undefined for one that the bot posted itself, also in answer to a command. */
  async #readWebhookId({ id }: Place, messageId: MessageId): Promise<string | undefined> {
    const route = Routes.channelMessage(id, messageId);
    const message = await withDeadline(DEADLINE_MS, (signal) =>
      this.#client.rest.get(route, { signal }),
    );
    return ownWebhookOf(message, this.#client.application?.id);
  }
}

/** The webhook that posted a message, where it is this application's. */
export function ownWebhookOf(
  message: unknown,
  applicationId: string | undefined,
): string | undefined {
  const webhookId = fieldOf(message, "webhook_id");
  const isOurs =
    applicationId !== undefined &&
    fieldOf(message, "application_id") === applicationId &&
    fieldOf(fieldOf(message, "author"), "id") === webhookId;
  return isOurs && typeof webhookId === "string" ? webhookId : undefined;
}
