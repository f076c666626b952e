import { type REST, Routes } from "discord.js";
import { type ChannelId, type MessageId, toMessageId } from "../../chat/ids.ts";
import type { ReplyControls } from "../../chat/reply-surface.ts";
import { renderControls } from "../controls/render-controls.ts";
import { withDeadline } from "../rest/deadline.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";

/** What replies need of a discord.js client. */
export interface ReplyClient {
  readonly rest: Pick<REST, "delete" | "get" | "on" | "patch" | "post">;
  readonly user: { readonly id: string } | null;
}

export interface NewMessage {
  readonly channelId: ChannelId;
  readonly content: string;
  /** The same for every attempt at the same message. */
  readonly nonce: string;
  readonly answering: MessageId | undefined;
  readonly controls?: ReplyControls | undefined;
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

  constructor(client: ReplyClient) {
    this.#client = client;
  }

  async create({ channelId, content, nonce, answering, controls }: NewMessage): Promise<MessageId> {
    const reference = { message_id: answering, fail_if_not_exists: false };
    const body = {
      content,
      nonce,
      enforce_nonce: true,
      allowed_mentions: NO_MENTIONS,
      ...(answering === undefined ? {} : { message_reference: reference }),
      ...(controls === undefined ? {} : { components: renderControls(controls) }),
    };
    const route = Routes.channelMessages(channelId);
    const message = await withDeadline(DEADLINE_MS, (signal) =>
      this.#client.rest.post(route, { body, signal }),
    );
    return idOf(message);
  }

  async edit(
    channelId: ChannelId,
    messageId: MessageId,
    { content, controls }: EditedMessage,
  ): Promise<void> {
    const components = controls === undefined ? {} : toComponents(controls);
    const body = { content, ...components, allowed_mentions: NO_MENTIONS };
    await this.#patch(channelId, messageId, body);
  }

  async changeControls(
    channelId: ChannelId,
    messageId: MessageId,
    controls: ReplyControls | "none",
  ): Promise<void> {
    const body = { ...toComponents(controls), allowed_mentions: NO_MENTIONS };
    await this.#patch(channelId, messageId, body);
  }

  async #patch(channelId: ChannelId, messageId: MessageId, body: object): Promise<void> {
    const route = Routes.channelMessage(channelId, messageId);
    await withDeadline(DEADLINE_MS, (signal) => this.#client.rest.patch(route, { body, signal }));
  }

  async remove(channelId: ChannelId, messageId: MessageId): Promise<void> {
    const route = Routes.channelMessage(channelId, messageId);
    await withDeadline(DEADLINE_MS, (signal) => this.#client.rest.delete(route, { signal }));
  }

  async unarchive(channelId: ChannelId): Promise<void> {
    const body = { archived: false };
    await withDeadline(DEADLINE_MS, (signal) =>
      this.#client.rest.patch(Routes.channel(channelId), { body, signal }),
    );
  }

  /** Newest first; none where the history may not be read. */
  async listOwn(channelId: ChannelId): Promise<readonly PostedMessage[]> {
    const query = new URLSearchParams({ limit: LOOK_BACK });
    try {
      const messages = await withDeadline(DEADLINE_MS, (signal) =>
        this.#client.rest.get(Routes.channelMessages(channelId), { query, signal }),
      );
      const ownId = this.#client.user?.id;
      return Array.isArray(messages) ? messages.flatMap((one) => toPosted(one, ownId)) : [];
    } catch (error) {
      if (decideRestFailure(error).kind === "gone") return [];
      throw error;
    }
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

function toComponents(controls: ReplyControls | "none") {
  return { components: renderControls(controls === "none" ? undefined : controls) };
}

function toPosted(message: unknown, ownId: string | undefined): PostedMessage[] {
  const author: unknown = fieldOf(message, "author");
  if (ownId === undefined || fieldOf(author, "id") !== ownId) return [];
  const content = fieldOf(message, "content");
  const nonce = fieldOf(message, "nonce");
  return [
    {
      id: idOf(message),
      content: typeof content === "string" ? content : "",
      nonce: typeof nonce === "string" ? nonce : undefined,
      postedAt: Date.parse(String(fieldOf(message, "timestamp"))),
    },
  ];
}

function idOf(message: unknown): MessageId {
  return toMessageId(String(fieldOf(message, "id")));
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}
