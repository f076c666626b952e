import type { ChannelId } from "../../chat/ids.ts";
import type { MessageRequests } from "./message-requests.ts";
import type { Schedule } from "./schedule.ts";

/** Discord shows the sign for 10 s. */
const REPEAT_MS = 8000;
/** How long the first message waits for a typing request, which must not come after it. */
const LAST_REQUEST_MS = 1000;

/** Shows that a reply is being written, from its creation until it is stopped. */
export class TypingSign {
  readonly #requests: MessageRequests;
  readonly #channelId: ChannelId;
  readonly #schedule: Schedule;
  readonly #stopped = new AbortController();
  #underWay: Promise<void> = Promise.resolve();
  #callOff: (() => void) | undefined;

  constructor(requests: MessageRequests, channelId: ChannelId, schedule: Schedule) {
    this.#requests = requests;
    this.#channelId = channelId;
    this.#schedule = schedule;
    this.#show();
  }

  /** Resolves when no request of the sign can reach Discord any more. */
  async stop(): Promise<void> {
    this.#callOff?.();
    this.#callOff = this.#schedule(LAST_REQUEST_MS, () => this.#stopped.abort());
    await this.#underWay;
    this.#callOff();
    this.#stopped.abort();
  }

  #show(): void {
    this.#callOff = this.#schedule(REPEAT_MS, () => this.#show());
    this.#underWay = this.#requests.showTyping(this.#channelId, this.#stopped.signal);
  }
}
