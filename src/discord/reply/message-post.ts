import type { MessageId } from "../../chat/ids.ts";
import type { ReplyControls } from "../../chat/reply-surface.ts";
import { decideRestFailure } from "../rest/rest-failure.ts";
import type { MessageRequests, NewMessage, PostedMessage } from "./message-requests.ts";

interface MessagePostOptions {
  readonly requests: MessageRequests;
  readonly message: NewMessage;
  /** Messages that show something else, although they may read the same. */
  readonly isTaken: (id: MessageId) => boolean;
  readonly wallClock: () => number;
}

/** How far the server's clock may be behind ours. */
const CLOCK_TOLERANCE_MS = 30_000;

/**
 * One message to be posted once, over as many attempts as it takes. Its content is the same in each:
 * after a failure nobody knows whether the message is there, so the next attempt looks first.
 */
export class MessagePost {
  readonly #options: MessagePostOptions;
  readonly #startedAt: number;
  #mayBeThere = false;

  constructor(options: MessagePostOptions) {
    this.#options = options;
    this.#startedAt = options.wallClock();
  }

  /** The controls may differ from attempt to attempt: Discord may have refused them. */
  async attempt(controls: ReplyControls | undefined): Promise<MessageId> {
    const { requests, message } = this.#options;
    const posted = await this.find();
    if (posted !== undefined) return posted;
    try {
      return await requests.create({ ...message, controls });
    } catch (error) {
      if (decideRestFailure(error).kind === "unknown-outcome") this.#mayBeThere = true;
      throw error;
    }
  }

  /** The message, where a failed attempt has posted it all the same. */
  async find(): Promise<MessageId | undefined> {
    if (!this.#mayBeThere) return undefined;
    const { requests, message } = this.#options;
    const own = await requests.listOwn(message.place.id);
    const posted = own.find(({ nonce }) => nonce === message.nonce) ?? own.find(this.#looksLikeIt);
    return posted?.id;
  }

  /** Discord does not tell the nonce of messages that are listed. */
  readonly #looksLikeIt = ({ id, content, postedAt, webhookId }: PostedMessage): boolean => {
    const { isTaken, message } = this.#options;
    return (
      content.trim() === message.content.trim() &&
      webhookId === (message.voice === "bot" ? undefined : message.voice.webhook.id) &&
      postedAt >= this.#startedAt - CLOCK_TOLERANCE_MS &&
      !isTaken(id)
    );
  };
}
