import { PermissionFlagsBits, Routes } from "discord.js";
import type { Client } from "discord.js";
import type { ChannelId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import type { Clock, Log } from "../../chat/ports.ts";
import { withDeadline } from "../rest/deadline.ts";
import { fieldOf } from "../../chat/field-of.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import { webhookChannelOf } from "./webhook.ts";
import type { Webhook } from "./webhook.ts";

export interface ChannelWebhooksOptions {
  readonly client: Pick<Client, "application" | "channels" | "rest" | "user">;
  readonly clock: Pick<Clock, "now">;
  readonly log: Log;
}

/** A reply waits no longer than this, and then goes out as the bot. */
const DEADLINE_MS = 5000;
const REFUSED_PAUSE_MS = 600_000;
const FAILED_PAUSE_MS = 30_000;

/** What people see in the channel's settings; each message has a name of its own. */
const NAME = "Familiar";

/**
 * One webhook of ours for each channel: found again, or made. Look-ups resolve with undefined where
 * there can be none; calls may overlap.
 *
 * @see https://docs.discord.com/developers/resources/webhook
 */
export class ChannelWebhooks {
  readonly #options: ChannelWebhooksOptions;
  readonly #ofChannels = new Map<ChannelId, Promise<Webhook | undefined>>();
  /** Those of them that are there by now. */
  readonly #current = new Map<ChannelId, Webhook>();
  readonly #byId = new Map<string, Webhook>();
  readonly #refusedUntil = new Map<ChannelId, number>();

  constructor(options: ChannelWebhooksOptions) {
    this.#options = options;
  }

  /** The one for new messages in a place, while Familiar may manage webhooks and speak there. */
  async find(place: Place): Promise<Webhook | undefined> {
    const channelId = webhookChannelOf(place);
    if (channelId === undefined || !this.#mayHave(channelId, place.kind)) return undefined;
    const finding = this.#ofChannels.get(channelId) ?? this.#obtain(channelId);
    this.#ofChannels.set(channelId, finding);
    const found = await finding;
    if (found !== undefined) this.#current.set(channelId, found);
    return found;
  }

  /** Whether it is the one that `find` has given last, and nothing was heard of a change since. */
  isCurrent(webhook: Webhook, place: Place): boolean {
    const channelId = webhookChannelOf(place);
    return channelId !== undefined && this.#current.get(channelId)?.id === webhook.id;
  }

  /** The one that posted a message, perhaps before a restart. Needs no permission any more. */
  async findById(id: string): Promise<Webhook | undefined> {
    const known = this.#byId.get(id);
    if (known !== undefined) return known;
    try {
      return this.#remember(await this.#request("get", Routes.webhook(id)));
    } catch (error) {
      this.#options.log.info({ ...decideRestFailure(error) }, "A webhook cannot be read");
      return undefined;
    }
  }

  /** Someone made, changed, moved or deleted one: a moved one would speak elsewhere. */
  lookAgain(channelId: ChannelId): void {
    this.#ofChannels.delete(channelId);
    this.#current.delete(channelId);
  }

  /** Nobody knows what happened to webhooks meanwhile. */
  lookAgainEverywhere(): void {
    this.#ofChannels.clear();
    this.#current.clear();
  }

  /** It is no more: the next look-up finds or makes another. */
  forget({ id }: Webhook, channelId: ChannelId): void {
    this.#byId.delete(id);
    this.lookAgain(channelId);
  }

  /** There is none for a while, whatever the permissions say. */
  refuse(channelId: ChannelId, pauseMs = REFUSED_PAUSE_MS): void {
    this.lookAgain(channelId);
    this.#refusedUntil.set(channelId, this.#options.clock.now() + pauseMs);
  }

  /**
   * True also where nothing is known of the permissions: Discord says then. A webhook may speak where
   * Familiar itself may not, and is not to.
   */
  #mayHave(channelId: ChannelId, kind: Place["kind"]): boolean {
    const { client, clock } = this.#options;
    if (clock.now() < (this.#refusedUntil.get(channelId) ?? Number.NEGATIVE_INFINITY)) return false;
    this.#refusedUntil.delete(channelId);
    const channel = client.channels.cache.get(channelId);
    if (channel === undefined || channel.isDMBased() || client.user === null) return true;
    const { ManageWebhooks, SendMessages, SendMessagesInThreads } = PermissionFlagsBits;
    const speaking = kind === "thread" ? SendMessagesInThreads : SendMessages;
    const permissions = channel.permissionsFor(client.user);
    return permissions?.has([ManageWebhooks, speaking]) !== false;
  }

  async #obtain(channelId: ChannelId): Promise<Webhook | undefined> {
    const route = Routes.channelWebhooks(channelId);
    try {
      const listed = await this.#request("get", route);
      const ours = Array.isArray(listed) ? listed.find((one) => this.#isOurs(one)) : undefined;
      return this.#remember(ours ?? (await this.#request("post", route, { name: NAME })));
    } catch (error) {
      const failure = decideRestFailure(error);
      this.#options.log.info({ channelId, ...failure }, "No webhook: personas speak as the bot");
      const isPassing = failure.kind === "unknown-outcome" || failure.kind === "limited";
      this.refuse(channelId, isPassing ? FAILED_PAUSE_MS : REFUSED_PAUSE_MS);
      return undefined;
    }
  }

  #isOurs(given: unknown): boolean {
    const { application, user } = this.#options.client;
    const owner = fieldOf(given, "application_id") ?? undefined;
    const isOurs =
      owner === undefined
        ? fieldOf(fieldOf(given, "user"), "id") === user?.id
        : owner === application?.id;
    return isOurs && toWebhook(given) !== undefined;
  }

  #remember(given: unknown): Webhook | undefined {
    const webhook = toWebhook(given);
    if (webhook !== undefined) this.#byId.set(webhook.id, webhook);
    return webhook;
  }

  #request(method: "get" | "post", route: `/${string}`, body?: object): Promise<unknown> {
    return withDeadline(DEADLINE_MS, (signal) =>
      this.#options.client.rest[method](route, body === undefined ? { signal } : { body, signal }),
    );
  }
}

/** Undefined without a token: those of other applications come without theirs. */
function toWebhook(given: unknown): Webhook | undefined {
  const id = fieldOf(given, "id");
  const token = fieldOf(given, "token");
  return typeof id === "string" && typeof token === "string" ? { id, token } : undefined;
}
