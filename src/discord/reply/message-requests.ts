import { type Client, Routes } from "discord.js";
import { type ChannelId, type MessageId, toMessageId } from "../../chat/ids.ts";
import type { Place } from "../../chat/place.ts";
import type { ReplyControls } from "../../chat/reply-surface.ts";
import { renderControls } from "../controls/render-controls.ts";
import { withDeadline } from "../rest/deadline.ts";
import { fieldOf } from "../../chat/field-of.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import type { LanguageOf } from "../texts/place-languages.ts";
import { ownWebhookOf } from "../webhooks/message-origins.ts";
import type { PersonaVoice, Voice } from "../webhooks/voices.ts";
import type { MessageOrigin } from "../webhooks/webhook.ts";

/** What replies need of a discord.js client. */
export type ReplyClient = Pick<Client, "application" | "channels" | "rest" | "user" | "ws">;

export interface NewMessage {
  readonly place: Place;
  readonly voice: Voice;
  readonly content: string;
  /** The same for every attempt at the same message. */
  readonly nonce: string;
  /** Messages of webhooks cannot refer to others. */
  readonly answering: MessageId | undefined;
  readonly controls?: ReplyControls | undefined;
}

/** A message of ours, and the only way to it. */
export interface MessageAddress {
  readonly place: Place;
  readonly id: MessageId;
  readonly origin: MessageOrigin;
}

export interface EditedMessage {
  readonly content: string;
  /** Undefined leaves those that are there. */
  readonly controls: ReplyControls | "none" | undefined;
}

/** A message of ours as it stands in the channel. */
export interface PostedMessage {
  readonly id: MessageId;
  readonly content: string;
  readonly nonce: string | undefined;
  readonly postedAt: number;
  /** Undefined where the bot posted it itself. */
  readonly webhookId: string | undefined;
}

/** Covers the wait in the REST client's queue as well as the request with its repetitions. */
const DEADLINE_MS = 20_000;
const TYPING_DEADLINE_MS = 5000;
const LOOK_BACK = "50";

/** Discord evaluates mentions anew at every edit, so this goes with every edit too. */
const NO_MENTIONS = { parse: [], replied_user: false };

/** The requests of replies: mentions are always off, and every one has a deadline. */
export class MessageRequests {
  readonly #client: ReplyClient;
  readonly #languageOf: LanguageOf;

  constructor(client: ReplyClient, languageOf: LanguageOf) {
    this.#client = client;
    this.#languageOf = languageOf;
  }

  async create(message: NewMessage): Promise<MessageId> {
    const { content, controls, place, voice } = message;
    const body = {
      content,
      allowed_mentions: NO_MENTIONS,
      ...(controls === undefined ? {} : this.#toComponents(controls, place)),
    };
    const posted = await withDeadline(DEADLINE_MS, (signal) =>
      voice === "bot"
        ? this.#postAsBot(message, { body, signal })
        : this.#postThrough(voice, message, { body, signal }),
    );
    return idOf(posted);
  }

  #postAsBot({ answering, nonce, place }: NewMessage, { body, signal }: Posting): Promise<unknown> {
    const reference = { message_id: answering, fail_if_not_exists: false };
    const asBot = {
      ...body,
      nonce,
      enforce_nonce: true,
      ...(answering === undefined ? {} : { message_reference: reference }),
    };
    return this.#client.rest.post(Routes.channelMessages(place.id), { body: asBot, signal });
  }

  #postThrough(
    { name, pictureUrl, webhook }: PersonaVoice,
    { place }: NewMessage,
    { body, signal }: Posting,
  ): Promise<unknown> {
    const query = toThreadQuery(place);
    query.set("wait", "true");
    const picture = pictureUrl === undefined ? {} : { avatar_url: pictureUrl };
    const asPersona = { ...body, username: name, ...picture };
    const route = Routes.webhook(webhook.id, webhook.token);
    return this.#client.rest.post(route, { auth: false, body: asPersona, query, signal });
  }

  async edit(address: MessageAddress, { content, controls }: EditedMessage): Promise<void> {
    const components = controls === undefined ? {} : this.#toComponents(controls, address.place);
    await this.#patch(address, { content, ...components, allowed_mentions: NO_MENTIONS });
  }

  async changeControls(address: MessageAddress, controls: ReplyControls | "none"): Promise<void> {
    const components = this.#toComponents(controls, address.place);
    await this.#patch(address, { ...components, allowed_mentions: NO_MENTIONS });
  }

  #toComponents(controls: ReplyControls | "none", place: Place) {
    const shown = controls === "none" ? undefined : controls;
    return { components: renderControls(shown, this.#languageOf(place)) };
  }

  async #patch(address: MessageAddress, body: object): Promise<void> {
    const { route, ...through } = toRequest(address);
    await withDeadline(DEADLINE_MS, (signal) =>
      this.#client.rest.patch(route, { ...through, body, signal }),
    );
  }

  async remove(address: MessageAddress): Promise<void> {
    const { route, ...through } = toRequest(address);
    await withDeadline(DEADLINE_MS, (signal) =>
      this.#client.rest.delete(route, { ...through, signal }),
    );
  }

  async unarchive(channelId: ChannelId): Promise<void> {
    const body = { archived: false };
    await withDeadline(DEADLINE_MS, (signal) =>
      this.#client.rest.patch(Routes.channel(channelId), { body, signal }),
    );
  }

  /** Also those of our webhooks. Newest first; none where the history may not be read. */
  async listOwn(channelId: ChannelId): Promise<readonly PostedMessage[]> {
    const query = new URLSearchParams({ limit: LOOK_BACK });
    try {
      const messages = await withDeadline(DEADLINE_MS, (signal) =>
        this.#client.rest.get(Routes.channelMessages(channelId), { query, signal }),
      );
      return Array.isArray(messages) ? messages.flatMap((one) => this.#toOwn(one)) : [];
    } catch (error) {
      if (decideRestFailure(error).kind === "gone") return [];
      throw error;
    }
  }

  #toOwn(message: unknown): PostedMessage[] {
    const { application, user } = this.#client;
    const webhookId = ownWebhookOf(message, application?.id);
    const isOwn = user !== null && fieldOf(fieldOf(message, "author"), "id") === user.id;
    if (!isOwn && webhookId === undefined) return [];
    const content = fieldOf(message, "content");
    const nonce = fieldOf(message, "nonce");
    return [
      {
        id: idOf(message),
        content: typeof content === "string" ? content : "",
        nonce: typeof nonce === "string" ? nonce : undefined,
        postedAt: Date.parse(String(fieldOf(message, "timestamp"))),
        webhookId,
      },
    ];
  }

  /** Nothing depends on the typing sign, so its failures are nobody's concern. */
  async showTyping(channelId: ChannelId, stop: AbortSignal): Promise<void> {
    const request = withDeadline(TYPING_DEADLINE_MS, (deadline) => {
      const signal = AbortSignal.any([deadline, stop]);
      return this.#client.rest.post(Routes.channelTyping(channelId), { signal });
    });
    await request.catch(() => undefined);
  }
}

interface Posting {
  readonly body: object;
  readonly signal: AbortSignal;
}

/** The token of a webhook is all that it takes, so the bot's own is not sent along. */
function toRequest({ id, origin, place }: MessageAddress) {
  if (origin === "bot") return { route: Routes.channelMessage(place.id, id) };
  const route = Routes.webhookMessage(origin.id, origin.token, id);
  return { route, auth: false as const, query: toThreadQuery(place) };
}

function toThreadQuery({ id, kind }: Place): URLSearchParams {
  return new URLSearchParams(kind === "thread" ? { thread_id: id } : {});
}

function idOf(message: unknown): MessageId {
  return toMessageId(String(fieldOf(message, "id")));
}
