/** @import { Rest } from "./rest.js" */
/** @import { State } from "./state.js" */
import { isDirectMessage } from "./state.js";
import { createNonce } from "./snowflake.js";

export const interactionType = { command: 2, component: 3, autocomplete: 4, modal: 5 };

const outcomeTimeoutMs = 20_000;
const autocompleteTimeoutMs = 5000;
export const noAnswer = "The application did not respond.";

/**
 * @typedef {{ name: string, value: string | number }} Choice
 * @typedef {{ type: number, data: Record<string, unknown>, messageId?: string, messageFlags?: number, channelId?: string }} InteractionRequest
 * @typedef {{ files?: readonly File[], nonce?: string }} SubmitOptions
 */

/**
 * Runs commands, presses and forms as Discord's own clients do: `POST /interactions`, whose outcome comes
 * over the gateway, known by its nonce.
 */
export class Interactions {
  #state;
  #rest;
  #readSessionId;
  /** @type {Map<string, (outcome: "done" | "failed") => void>} */
  #pending = new Map();
  /** @type {Map<string, (choices: Choice[]) => void>} */
  #completions = new Map();

  /** @param {{ state: State, rest: Rest, readSessionId: () => string }} dependencies */
  constructor({ state, rest, readSessionId }) {
    this.#state = state;
    this.#rest = rest;
    this.#readSessionId = readSessionId;
  }

  /**
   * Resolves when the application has answered; throws what the server refused.
   * @param {InteractionRequest} request
   * @param {SubmitOptions} [options]
   * @returns {Promise<"done" | "failed">}
   */
  async submit(request, { files = [], nonce = createNonce() } = {}) {
    const outcome = this.#awaitOutcome(nonce);
    try {
      await this.#rest.post("/interactions", { body: this.#toBody(request, nonce), files });
    } catch (error) {
      this.#pending.delete(nonce);
      throw error;
    }
    return outcome;
  }

  /**
   * @param {InteractionRequest} request
   * @returns {Promise<Choice[]>} none where the application stays silent
   */
  async complete(request) {
    const nonce = createNonce();
    /** @type {Promise<Choice[]>} */
    const answer = new Promise((resolve) => {
      this.#completions.set(nonce, resolve);
      setTimeout(() => resolve([]), autocompleteTimeoutMs);
    });
    try {
      await this.#rest.post("/interactions", { body: this.#toBody(request, nonce) });
      return await answer;
    } finally {
      this.#completions.delete(nonce);
    }
  }

  /** @param {string} type @param {any} data */
  receive(type, data) {
    if (type === "INTERACTION_SUCCESS") this.#settle(data.nonce, "done");
    if (type === "INTERACTION_MODAL_CREATE") this.#settle(data.nonce, "done");
    if (type === "INTERACTION_FAILURE") this.#settle(data.nonce, "failed");
    if (type === "APPLICATION_COMMAND_AUTOCOMPLETE_RESPONSE") {
      this.#completions.get(String(data.nonce))?.(data.choices ?? []);
    }
  }

  /** @param {string} nonce @returns {Promise<"done" | "failed">} */
  #awaitOutcome(nonce) {
    return new Promise((resolve) => {
      const timeout = setTimeout(() => this.#settle(nonce, "failed"), outcomeTimeoutMs);
      this.#pending.set(nonce, (outcome) => {
        clearTimeout(timeout);
        resolve(outcome);
      });
    });
  }

  /** @param {string} nonce @param {"done" | "failed"} outcome */
  #settle(nonce, outcome) {
    this.#pending.get(String(nonce))?.(outcome);
    this.#pending.delete(String(nonce));
  }

  /** @param {InteractionRequest} request @param {string} nonce */
  #toBody({ type, data, messageId, messageFlags, channelId }, nonce) {
    const { session, currentChannelId, channels } = this.#state;
    const place = channelId ?? currentChannelId;
    const isPrivate = isDirectMessage(channels.get(place));
    return {
      type,
      application_id: session.applicationId,
      guild_id: isPrivate ? undefined : session.guildId,
      channel_id: place,
      message_id: messageId,
      message_flags: messageFlags,
      session_id: this.#readSessionId(),
      data,
      nonce,
    };
  }
}
